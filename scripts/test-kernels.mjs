// `npm run test:kernels`: the lab tests on every kernel of the matrix, with a soak of two minutes. The last line is the
// totals of all.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './root.mjs';

const KERNELS = ['6.1', '6.12'];

const totals = [0, 0, 0];
for (const flavour of KERNELS) {
  console.log(`Linux ${flavour}`);
  const counts = await labTests(flavour);
  counts.forEach((count, index) => {
    totals[index] += count;
  });
}
const [passed, failed, skipped] = totals;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

/** Passed, failed and skipped; a run without totals counts as one failure. */
function labTests(flavour) {
  const env = { SOAK_SECONDS: '120', ...process.env, ORDEAL_LAB_FLAVOUR: flavour };
  const child = spawn(process.execPath, [join(root, 'scripts/test.mjs'), 'lab'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
    process.stdout.write(chunk);
  });
  return new Promise((resolve) => {
    child.on('close', () => {
      const line = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(output);
      resolve(line ? line.slice(1).map(Number) : [0, 1, 0]);
    });
  });
}
