import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DetachedOrdeal } from '../testing/detached-ordeal.js';
import { HostWriter } from '../testing/host-writer.js';
import { ioChaos } from '../testing/ordeal-run.js';

const program = fileURLToPath(new URL('../../bin/ordeal.mjs', import.meta.url));

/** Runs a command on a terminal of its own, and passes its input and output on. */
const ON_TERMINAL = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

test('on a terminal the line shows how faults went lately, and the slowest request', async () => {
  const writer = new HostWriter();
  const ordeal = new DetachedOrdeal();
  try {
    const slow = `action: latency\ndelay: 30ms\nmethods: [write]\nvolumePath: '${writer.volume}'\n`;
    const words = ['run', ordeal.file(ioChaos(slow)), '--pid', String(writer.pid), '--interval', '100ms'];
    const child = spawn('python3', ['-c', ON_TERMINAL, process.execPath, program, ...words], {
      env: { ...process.env, ORDEAL_RUN: ordeal.run, NO_COLOR: '1', TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let text = '';
    let seen = false;
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
      if (seen) return;
      seen = /fired [\d ]+ [▁▂▃▄▅▆▇█]{2,}.* {3}slowest (\d+) ms/.test(text);
      // Ctrl-C.
      if (seen) child.stdin.end('\x03');
    });
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 0, text);
    const [, slowest] = / {3}slowest (\d+) ms/.exec(text) ?? [];
    assert.ok(Number(slowest) >= 30, text);
    assert.doesNotMatch(text, /\x1b\[\d+m/);
    await writer.assertBare();
  } finally {
    ordeal.close();
    writer.close();
  }
});
