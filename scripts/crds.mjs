// Writes charts/ordeal/crds from the code; part of npm run reference. With --check it writes nothing and fails where a
// file is not what the code says.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { customResourceDefinitions } from '../packages/controller/dist/index.js';
import { root } from './root.mjs';

const directory = join(root, 'charts/ordeal/crds');
const NOTICE = '# Written by `npm run reference` from the code. Do not edit.\n';

const check = process.argv.includes('--check');
mkdirSync(directory, { recursive: true });
for (const crd of customResourceDefinitions()) {
  const name = `${crd.spec.names.plural}.yaml`;
  const path = join(directory, name);
  const text = NOTICE + stringify(crd, { lineWidth: 110, aliasDuplicateObjects: false });
  if (!check) {
    writeFileSync(path, text);
  } else if (read(path) !== text) {
    console.error(`charts/ordeal/crds/${name} is not what the code says; run npm run reference`);
    process.exitCode = 1;
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
