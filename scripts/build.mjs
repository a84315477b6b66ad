// npm run build: compiles every package and bundles the programs. Says nothing when all is well.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bundleCli, bundlePage, bundlePrograms, stopBundler } from './bundle.mjs';
import { root } from './root.mjs';

const tsc = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', root], {
  stdio: 'inherit',
});
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
await bundlePage();
await Promise.all([bundleCli(), bundlePrograms()]);
await stopBundler();
