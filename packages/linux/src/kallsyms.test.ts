import assert from 'node:assert/strict';
import { test } from 'node:test';
import { symbolise } from './kallsyms.js';

const TABLE = [
  'ffffffff81000000 T _text',
  'ffffffff81000100 T do_mount',
  'ffffffff81000100 d not_code',
  'ffffffff81000200 t path_mount.part.0',
  'ffffffff81000300 D _etext',
  'ffffffffc0001000 t in_module\t[ext4]',
  '',
].join('\n');

test('an address belongs to the function at or before it, behind the text to none', () => {
  const names = symbolise(
    [0xffffffff81000150n, 0xffffffff81000100n, 0xffffffff81000299n, 0xffffffff81000999n, 0xffffffffc0001004n],
    TABLE,
  );
  assert.deepEqual(Object.fromEntries([...names].map(([address, name]) => [address.toString(16), name])), {
    ffffffff81000100: 'do_mount',
    ffffffff81000150: 'do_mount',
    ffffffff81000299: 'path_mount.part.0',
    ffffffffc0001004: 'in_module',
  });
});

test('hidden addresses name nothing', () => {
  assert.equal(symbolise([0xffffffff81000150n], '0000000000000000 T _text\n').size, 0);
});
