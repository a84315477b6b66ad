import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const example = fileURLToPath(new URL('../examples/hello.mjs', import.meta.url));

test('the example of the README is the file, and works', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, shown] = /^```js\n(.*?)^```$/ms.exec(readme) ?? [];
  assert.equal(shown, readFileSync(example, 'utf8'));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [example]);
  assert.match(stdout, /^hello\n$/);
  assert.equal(stderr, '');
});
