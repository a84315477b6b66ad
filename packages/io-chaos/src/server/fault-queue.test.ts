import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULT_LIMIT, type IoFault } from '@ordeal/fault-fs';
import fc from 'fast-check';
import { type FaultBatch, FaultReceiver } from './fault-batch.js';
import { FaultQueue } from './fault-queue.js';

function fault(match: number): IoFault {
  return { time: 0, rule: 0, match, action: 'fault', method: 'read', path: 'file', caller: undefined };
}

/** Both ends, and the batches that are on their way between them. */
class Connection {
  readonly queue = new FaultQueue();
  readonly receiver = new FaultReceiver();
  readonly underWay: FaultBatch[] = [];
  readonly matches: number[] = [];
  dropped = 0;
  made = 0;

  make(count: number): void {
    for (let index = 0; index < count; index++) {
      this.made++;
      if (this.queue.backlog.take()) this.queue.add(fault(this.made));
    }
  }

  deliver(batch: FaultBatch | undefined): void {
    const { faults = [], dropped = 0 } = (batch && this.receiver.accept(batch)) ?? {};
    this.matches.push(...faults.map(({ match }) => match));
    this.dropped += dropped ?? 0;
  }

  fetch(): void {
    this.queue.acknowledge(this.receiver.received);
    this.underWay.push(this.queue.batch());
  }
}

type Step = (connection: Connection) => void;

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.integer({ min: 0, max: FAULT_LIMIT * 2 }).map(
    (count): Step =>
      (each) =>
        each.make(count),
  ),
  fc.constant<Step>((each) => each.fetch()),
  fc.nat({ max: 5 }).map(
    (index): Step =>
      (each) =>
        each.deliver(each.underWay[index]),
  ),
  fc.nat({ max: 5 }).map(
    (index): Step =>
      (each) =>
        void each.underWay.splice(index, 1),
  ),
);

test('whatever becomes of batches, each fault arrives once and in order, or is counted as dropped', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 30 }), (run) => {
      const connection = new Connection();
      for (const step of run) step(connection);
      connection.fetch();
      connection.deliver(connection.underWay.at(-1));
      const { matches, dropped, made } = connection;
      assert.equal(matches.length + dropped, made);
      assert.deepEqual(
        matches,
        [...new Set(matches)].sort((one, other) => one - other),
      );
    }),
  );
});

test('a batch is repeated until it is acknowledged', () => {
  const connection = new Connection();
  connection.make(2);
  connection.fetch();
  connection.make(1);
  connection.fetch();
  assert.deepEqual(
    connection.underWay.map(({ first, faults }) => [first, faults.length]),
    [
      [0, 2],
      [0, 3],
    ],
  );
  connection.deliver(connection.underWay.at(-1));
  connection.fetch();
  assert.deepEqual(connection.underWay.at(-1), { first: 3, faults: [], dropped: 0 });
});

test('who takes over gets what the owner before had not acknowledged, once', () => {
  const { queue } = new Connection();
  for (const match of [1, 2, 3, 4, 5]) queue.add(fault(match));
  queue.acknowledge(3);
  const successor = new FaultReceiver();
  for (const match of [6, 7, 8, 9]) {
    queue.acknowledge(successor.received);
    queue.add(fault(match));
    const fresh = successor.accept(queue.batch())?.faults.map((each) => each.match);
    assert.deepEqual(fresh, match === 6 ? [4, 5, 6] : [match]);
  }
});
