import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInjectionList } from './injection-list.js';

test('the list has a type for each function, those of modules included', () => {
  const text =
    '__x64_sys_openat\tERRNO\nopen_ctree [btrfs]\tERRNO\nshould_fail_alloc_page\tTRUE\nodd\t(unknown)\n\n';
  assert.deepEqual(
    [...parseInjectionList(text)],
    [
      ['__x64_sys_openat', 'ERRNO'],
      ['open_ctree', 'ERRNO'],
      ['should_fail_alloc_page', 'TRUE'],
    ],
  );
});
