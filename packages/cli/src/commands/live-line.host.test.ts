import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DetachedOrdeal } from '../testing/detached-ordeal.js';
import { onDetachedStage } from '../testing/detached-stage.js';
import { HostWriter } from '../testing/host-writer.js';
import { ioChaos } from '../testing/ordeal-run.js';

const program = fileURLToPath(new URL('../../bin/ordeal.mjs', import.meta.url));

/** Runs a command on a terminal of its own, and passes its input and output on. */
const ON_TERMINAL = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

/** What a command prints there until a pattern is seen, and after the Ctrl-C that follows. It must end with status 0. */
async function untilSeen(pattern: RegExp, words: readonly string[], run: string): Promise<string> {
  const child = spawn('python3', ['-c', ON_TERMINAL, process.execPath, program, ...words], {
    env: { ...process.env, ORDEAL_RUN: run, NO_COLOR: '1', TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  let seen = false;
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
    if (seen) return;
    seen = pattern.test(text);
    if (seen) child.stdin.end('\x03');
  });
  const [code] = (await once(child, 'close')) as [number];
  assert.equal(code, 0, text);
  assert.doesNotMatch(text, /\x1b\[\d+m/);
  return text;
}

const slowWrites = ({ volume }: HostWriter) =>
  ioChaos(`action: latency\ndelay: 30ms\nmethods: [write]\nvolumePath: '${volume}'\n`);

test('on a terminal the line shows how faults went lately, and the slowest request', async () => {
  const writer = new HostWriter();
  const ordeal = new DetachedOrdeal();
  try {
    const file = ordeal.file(slowWrites(writer));
    const words = ['run', file, '--pid', String(writer.pid), '--interval', '100ms'];
    const text = await untilSeen(/fired [\d ]+ [▁▂▃▄▅▆▇█]{2,}.* {3}slowest (\d+) ms/, words, ordeal.run);
    const [, slowest] = / {3}slowest (\d+) ms/.exec(text) ?? [];
    assert.ok(Number(slowest) >= 30, text);
    await writer.assertBare();
  } finally {
    ordeal.close();
    writer.close();
  }
});

test('attach shows how faults went lately, and goes on where there is no news', () =>
  onDetachedStage(async ({ ordeal, writer }) => {
    const file = ordeal.file(slowWrites(writer));
    await ordeal.tell('run', '--detach', file, '--name', 'slow', '--pid', String(writer.pid));
    const text = await untilSeen(/fired [\d ]+ [▁▂▃▄▅▆▇█]{3,}/, ['attach', 'slow'], ordeal.run);
    assert.match(text, /detached: slow continues; ordeal stop slow ends it/);
    await ordeal.tell('stop', 'slow');
  }));
