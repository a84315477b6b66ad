import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asksToEnd } from './asked-to-end.js';

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
const USR1 = '0000000000000200';

test('which pending signals end a process, or ask for it', () => {
  assert.equal(asksToEnd(status({})), false);
  assert.equal(asksToEnd(status({ SigPnd: '0000000000000100' })), true, 'SIGKILL');
  assert.equal(asksToEnd(status({ SigPnd: '0000000000000100', TracerPid: '7' })), true);
  assert.equal(asksToEnd(status({ ShdPnd: TERM })), true);
  assert.equal(asksToEnd(status({ ShdPnd: TERM, SigCgt: '0000000000004002' })), true, 'handled, but asks');
  assert.equal(asksToEnd(status({ ShdPnd: USR1 })), true);
  assert.equal(asksToEnd(status({ ShdPnd: USR1, SigCgt: USR1 })), false, 'handled');
  assert.equal(asksToEnd(status({ ShdPnd: TERM, SigIgn: TERM })), false, 'ignored');
  assert.equal(asksToEnd(status({ SigPnd: TERM, SigBlk: TERM })), false, 'blocked');
  assert.equal(asksToEnd(status({ ShdPnd: TERM, TracerPid: '7' })), false, 'traced');
  assert.equal(asksToEnd(status({ ShdPnd: '00000000087f0000' })), false, 'SIGCHLD and the like');
});
