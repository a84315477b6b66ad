// npm run docs -- [DIRECTORY]: makes the site of docs/, which needs no network. Default: .cache/docs.
import { join, resolve } from 'node:path';
import { installPackages, requireNode } from './prepare.mjs';
import { root } from './root.mjs';
import { main, quietly, step } from './step.mjs';

const output = resolve(process.argv[2] ?? join(root, '.cache/docs'));
const sources = join(root, 'docs');

await main(async () => {
  requireNode();
  await installPackages(sources);
  await step('building the site', '20 s', () =>
    quietly(['npm', 'run', 'build'], { cwd: sources, env: { ...process.env, DOCS_OUTPUT: output } }),
  );
  console.log(`${output}: serve it with any web server, for example: python3 -m http.server -d ${output}`);
  return 0;
});
