import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveInjection, type Player } from './testing/live-injection.js';
import { NumberedWriter } from './testing/numbered-writer.js';
import { eventually } from './testing/target.js';

/** A cut would take everything; nobody asks for one. */
const SPEC = {
  action: 'powerLoss',
  methods: [],
  percent: 100,
  powerLoss: { lose: 'all', metadata: 'strict' },
};

const EVERYBODY = ['owner', 'keeper', 'server', 'descriptor keeper', 'mover'] as const;

const cases: readonly { readonly victims: readonly Player[]; readonly recovers: boolean }[] = [
  { victims: ['owner'], recovers: false },
  { victims: ['server'], recovers: false },
  { victims: ['descriptor keeper'], recovers: false },
  { victims: ['keeper'], recovers: true },
  { victims: EVERYBODY, recovers: true },
];

for (const { victims, recovers } of cases) {
  test(`killed while a powerLoss rule lasts: ${victims.join(', ')}; nothing is lost`, async () => {
    // It never syncs, and notices any line that is missing, doubled or torn.
    const writer = new NumberedWriter(false, 0);
    const injection = new LiveInjection(writer, { spec: SPEC });
    try {
      await injection.arm();
      const { size } = writer;
      await eventually('it writes on', () => writer.size > size + 500);
      injection.kill(...victims);
      if (recovers) await recover(injection);
      await injection.assertGone();
    } finally {
      injection.close();
    }
  });
}

test('all are killed on the way back while a powerLoss rule lasts: nothing is lost', async () => {
  const writer = new NumberedWriter(false, 0);
  const injection = new LiveInjection(writer, { spec: SPEC, haltAt: 'mover back: prepared' });
  try {
    await injection.arm();
    injection.end();
    await injection.halted();
    injection.kill(...EVERYBODY);
    await recover(injection);
    await injection.assertGone();
  } finally {
    injection.close();
  }
});

async function recover(injection: LiveInjection): Promise<void> {
  await eventually('the keeper is gone', () => injection.processes('keeper').length === 0);
  const [result] = (await injection.recover()) ?? [];
  assert.equal(result?.outcome, 'recovered', result?.did.join('; '));
}
