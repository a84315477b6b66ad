// `npm run bench [-- kernel | io | hold | sweep | ui | lab]`: the parts in turn, each a program of its own.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PARTS = {
  kernel: './kernel/kernel.mjs',
  io: './io/io.mjs',
  hold: './hold/hold.mjs',
  sweep: './sweep/sweep.mjs',
  ui: './ui/ui.mjs',
  lab: './lab/lab.mjs',
};

const [wanted, ...rest] = process.argv.slice(2);
if (wanted !== undefined && !(wanted in PARTS)) {
  process.stderr.write(`usage: npm run bench [-- ${Object.keys(PARTS).join(' | ')}]\n`);
  process.exit(2);
}
for (const part of wanted === undefined ? Object.keys(PARTS) : [wanted]) {
  const program = fileURLToPath(new URL(PARTS[part], import.meta.url));
  const { status } = spawnSync(process.execPath, [program, ...rest], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
