import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveInjection } from './testing/live-injection.js';
import { NumberedWriter } from './testing/numbered-writer.js';
import { eventually } from './testing/target.js';

for (const step of ['disabled', 'moved back', 'uncovered', 'moved back again'] as const) {
  test(`recover() whose keeper is killed when it has ${step}: it says so, and a recovery finishes`, async () => {
    const injection = new LiveInjection(new NumberedWriter(), { haltAt: `keeper: ${step}` });
    try {
      await injection.arm();
      injection.end();
      await injection.halted();
      injection.kill('keeper');
      await eventually('recover() is over', () => injection.notes.includes('recovered\n'));
      // Then comes what is left.
      assert.match(
        injection.notes,
        /(^|\n)recovered\nthe keeper of the I\/O faults has died: run `ordeal recover`\n$/,
      );
      assert.equal(injection.owner.exitCode, null, 'the owner lives');
      const [result] = (await injection.recover()) ?? [];
      assert.equal(result?.outcome, 'recovered', result?.did.join('; '));
      await injection.assertGone();
    } finally {
      injection.close();
    }
  });
}
