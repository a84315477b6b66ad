// Makes the parts of the npm package that are not in the repository: `npm pack -w ordeal` runs it. `--built`: all is compiled.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './prepare.mjs';
import { root } from './root.mjs';
import { main } from './step.mjs';

const target = join(root, 'packages/cli');

await main(async () => {
  if (!process.argv.includes('--built')) await build();
  const { describeCommand, ENVIRONMENT, EXIT_MEANINGS, renderManPage, buildProgram, VERSION } = await import(
    '../packages/cli/dist/index.js'
  );
  const channel = { write: () => {}, live: false, columns: 100, paint: (_, text) => text };
  const program = buildProgram({ output: { out: channel, err: channel }, command: undefined }, () => {});
  mkdirSync(join(target, 'dist/man'), { recursive: true });
  const lists = { exitCodes: EXIT_MEANINGS, environment: ENVIRONMENT };
  const page = renderManPage(describeCommand(program), VERSION, lists);
  writeFileSync(join(target, 'dist/man/ordeal.1'), page);
  copyFileSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
  return 0;
});
