import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { sendSignal } from '@ordeal/linux';
import { STEPS } from './steps.js';
import { LiveInjection, PATIENCE, type Player } from './testing/live-injection.js';
import { NumberedWriter } from './testing/numbered-writer.js';
import { eventually } from './testing/target.js';

/** More of them would make each other late. */
const AT_ONCE = availableParallelism();

interface Case {
  readonly haltAt: string | undefined;
  readonly victims: readonly Player[];
}

const BEFORE_SERVER = ['checked', 'journal written', 'mount made', 'connection recorded'];
/** The writer changes no names; `unanswered.host.test.ts` halts there. */
const NOT_REACHED = ['changing', 'change made', 'changed'];
const everybody: readonly Player[] = ['owner', 'keeper', 'server', 'mover'];
const withServer: readonly (readonly Player[])[] = [
  ['owner'],
  ['server'],
  ['keeper'],
  ['keeper', 'server'],
  everybody,
];
const withoutServer: readonly (readonly Player[])[] = [['owner'], ['keeper'], everybody];
const withMover: readonly (readonly Player[])[] = [...withServer, ['mover'], ['keeper', 'mover']];

function casesOf(role: 'keeper' | 'server' | 'mover there' | 'mover back'): Case[] {
  const reached = STEPS[role].filter((step) => !NOT_REACHED.includes(step));
  return reached.flatMap((step) => {
    const victims = role.startsWith('mover')
      ? withMover
      : BEFORE_SERVER.includes(step) || step === 'closed'
        ? withoutServer
        : withServer;
    return victims.map((each) => ({ haltAt: `${role}: ${step}`, victims: each }));
  });
}

const cases: Case[] = [
  ...withServer.map((victims) => ({ haltAt: undefined, victims })),
  ...(['keeper', 'mover there', 'server', 'mover back'] as const).flatMap(casesOf),
];

const nameOf = ({ haltAt, victims }: Case) =>
  `${haltAt ?? 'running'} | ${victims === everybody ? 'everybody' : victims.join(' and ')}`;

async function play({ haltAt, victims }: Case): Promise<void> {
  const writer = new NumberedWriter(haltAt?.includes('cover'));
  const injection = new LiveInjection(writer, { ...(haltAt && { haltAt }) });
  try {
    void injection.armed.then(() => {
      if (haltAt !== undefined) injection.end();
    });
    const halted = haltAt === undefined ? await injection.arm() : await injection.halted();
    injection.kill(...victims);
    if (typeof halted === 'number') sendSignal(halted, 'SIGCONT');
    await becomesBare(injection);
    await injection.assertGone();
  } finally {
    injection.close();
  }
}

/** Where the keeper is gone, one recovery must do; else nobody needs to do anything. */
async function becomesBare(injection: LiveInjection): Promise<void> {
  await eventually('the keeper is done, or gone', () => injection.processes('keeper').length === 0, PATIENCE);
  const found = injection.journals.length;
  const results = await injection.recover();
  assert.equal(results?.length, found);
  for (const { outcome, did } of results ?? []) assert.equal(outcome, 'recovered', did.join('; '));
}

test('killed at any step, and all is as before', { concurrency: AT_ONCE }, async (t) => {
  await Promise.all(cases.map((each) => t.test(nameOf(each), () => play(each))));
});

test('a recovery that is killed at any step is followed by the next', { concurrency: AT_ONCE }, async (t) => {
  const steps = (['recovery', 'mover back'] as const).flatMap((role) =>
    STEPS[role].map((step) => `${role}: ${step}`),
  );
  const all = steps.flatMap((step) =>
    ([['keeper'], ['keeper', 'server']] as const).map((victims) => ({ step, victims })),
  );
  await Promise.all(
    all.map(({ step, victims }) =>
      t.test(`${step} | ${victims.join(' and ')}`, async () => {
        const injection = new LiveInjection(new NumberedWriter());
        try {
          await injection.arm();
          injection.kill(...victims);
          const first = injection.recover(step);
          await injection.halted();
          injection.kill('recover', ...(step.startsWith('mover') ? ([] as const) : (['mover'] as const)));
          assert.equal(await first, undefined);
          await becomesBare(injection);
          await injection.assertGone();
        } finally {
          injection.close();
        }
      }),
    ),
  );
});
