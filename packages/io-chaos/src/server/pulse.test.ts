import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fd, monotonic, SYS, syscall } from '@ordeal/linux';
import { Pulse } from './pulse.js';

test('both ends see the same memory', () => {
  const keeper = Pulse.create();
  const server = new Pulse(new Fd(syscall('dup', SYS.fcntl, keeper.fd.number, 1030, 0), 'the pulse'));
  assert.equal(server.beatAt, 0);
  const before = monotonic();
  keeper.beat();
  assert.ok(server.beatAt >= before && server.beatAt <= monotonic());
  const slots = [keeper.takeSlot(), keeper.takeSlot()] as const;
  server.note(slots[1]);
  assert.deepEqual(
    slots.map((slot) => keeper.noted(slot)),
    [0, 1],
  );
  keeper.freeSlot(slots[1]);
  assert.equal(keeper.takeSlot(), slots[1]);
  assert.equal(keeper.noted(slots[1]), 0);
  server.close();
  keeper.close();
});
