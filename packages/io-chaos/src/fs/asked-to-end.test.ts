import assert from 'node:assert/strict';
import { test } from 'node:test';
import { willEnd } from './dying.js';

const NONE = '0000000000000000';

function status(fields: Readonly<Record<string, string>>): string {
  const all = {
    TracerPid: '0',
    SigPnd: NONE,
    ShdPnd: NONE,
    SigBlk: NONE,
    SigIgn: NONE,
    SigCgt: NONE,
    ...fields,
  };
  return `Name:\tcat\n${Object.entries(all)
    .map(([name, value]) => `${name}:\t${value}\n`)
    .join('')}`;
}

const TERM = '0000000000004000';

test('which pending signals end a process', () => {
  assert.equal(willEnd(status({})), false);
  assert.equal(willEnd(status({ SigPnd: '0000000000000100' })), true, 'SIGKILL');
  assert.equal(willEnd(status({ SigPnd: '0000000000000100', TracerPid: '7' })), true);
  assert.equal(willEnd(status({ ShdPnd: TERM })), true);
  assert.equal(willEnd(status({ ShdPnd: TERM, SigCgt: '0000000000004002' })), false, 'handled');
  assert.equal(willEnd(status({ ShdPnd: TERM, SigIgn: TERM })), false, 'ignored');
  assert.equal(willEnd(status({ SigPnd: TERM, SigBlk: TERM })), false, 'blocked');
  assert.equal(willEnd(status({ ShdPnd: TERM, TracerPid: '7' })), false, 'traced');
  assert.equal(willEnd(status({ ShdPnd: '00000000087f0000' })), false, 'SIGCHLD and the like');
});
