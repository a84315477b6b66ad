import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { test } from 'node:test';
import type { PlainRule } from './testing/server.js';
import { withRules } from './testing/with-rules.js';

const SIZE = 8192;
const mistake = { filling: 'zero', maxOccurrences: 1, maxLength: 4096 };
const damagedReads: PlainRule = { action: 'mistake', path: '/data/file', methods: ['read'], mistake };

const NODE = ['--input-type=module', '-e'];
const prologue = (path: string) => `
  import { openSync, readFileSync } from 'node:fs';
  import { call3, mapShared, SYS } from '${import.meta.resolve('@ordeal/linux')}';
  const path = ${JSON.stringify(path)};
  const map = (flags) => mapShared(openSync(path, flags), ${SIZE}, 0, flags === 'r+');
  const zeros = (memory) => new Uint8Array(memory.buffer ?? memory).filter((byte) => byte === 0).length;
  const store = (memory, at) => {
    new Uint8Array(memory.buffer)[at] = 0x21;
    call3(SYS.msync, Number(memory.address), ${SIZE}, 4);
  };`;

/** A client that runs `script` with the mounted file as `path`. @returns what it printed, from JSON */
function client(path: string, script: string): unknown {
  const words = [...NODE, prologue(path) + script];
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: 9000 });
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

const whole = Buffer.alloc(SIZE, 'x');
const stored = Buffer.from(whole);
stored[5000] = 0x21;

test('damage on reads never reaches the file through a mapping', () =>
  withRules([damagedReads], async (volume, d) => {
    fs.writeFileSync(`${volume.original}/file`, whole);
    const seen = client(
      `${d}/file`,
      `const memory = map('r+'); const mapped = zeros(memory); store(memory, 5000);
       console.log(JSON.stringify([mapped, zeros(readFileSync(path)) > 0]));`,
    );
    assert.deepEqual(seen, [0, true]);
    assert.deepEqual(fs.readFileSync(`${volume.original}/file`), stored);
    // Nothing was said to have been damaged that was not.
    const { counts } = await volume.command('status');
    assert.ok((counts[0]?.fired ?? 0) > 0);
  }));

test('a file that is only read is damaged in mappings, too, until somebody opens it for writing', () =>
  withRules([damagedReads], (volume, d) => {
    fs.writeFileSync(`${volume.original}/file`, whole);
    const seen = client(
      `${d}/file`,
      `const readOnly = map('r'); const before = zeros(readOnly) > 0;
       const memory = map('r+'); store(memory, 5000);
       console.log(JSON.stringify([before, zeros(memory), zeros(readOnly)]));`,
    );
    assert.deepEqual(seen, [true, 0, 0]);
    assert.deepEqual(fs.readFileSync(`${volume.original}/file`), stored);
  }));

test('a delayed read that was to be damaged is whole when the file has been opened for writing meanwhile', () =>
  withRules(
    [{ action: 'latency', path: '/data/file', methods: ['read'], milliseconds: 500 }, damagedReads],
    async (volume, d) => {
      fs.writeFileSync(`${volume.original}/file`, whole);
      const reader = spawn(process.execPath, [...NODE, `${prologue(`${d}/file`)} zeros(map('r'))`]);
      await volume.untilParked(1);
      const seen = client(
        `${d}/file`,
        `const memory = map('r+'); store(memory, 5000); console.log(zeros(memory));`,
      );
      await once(reader, 'exit');
      assert.equal(seen, 0);
      assert.deepEqual(fs.readFileSync(`${volume.original}/file`), stored);
    },
  ));
