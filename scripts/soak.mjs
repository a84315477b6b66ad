// npm run soak: kills Ordeal's processes at random moments and compares what is left; see packages/io-chaos/src/soak.
import { join } from 'node:path';
import { build, installPackages, requireNode } from './prepare.mjs';
import { root } from './root.mjs';
import { main } from './step.mjs';

await main(async () => {
  requireNode();
  await installPackages();
  await build();
  await import(join(root, 'packages/io-chaos/dist/soak/soak.js'));
  return 0;
});
