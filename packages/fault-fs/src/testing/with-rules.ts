import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { ServedVolume } from './served-volume.js';
import type { PlainRule, ServerArguments } from './server.js';

/** Runs `body` on a mount with these rules, and takes it away whatever happens. */
export async function withRules(
  rules: readonly PlainRule[],
  body: (volume: ServedVolume, path: string) => Promise<void> | void,
  options: Partial<ServerArguments> = {},
) {
  const volume = await ServedVolume.start(tmpdir(), {
    rules,
    enabled: true,
    unmatched: 'passthrough',
    ...options,
  });
  try {
    fs.writeFileSync(`${volume.original}/file`, 'content');
    await body(volume, volume.mounted);
    assert.equal(volume.errors, '');
  } finally {
    await volume.stop();
  }
}
