// Writes the CustomResourceDefinitions of charts/ordeal from the code; part of npm run reference. With --check it writes nothing and
// fails where a file is not what the code says.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { customResourceDefinitions, oldGroupDefinitions } from '../packages/controller/dist/index.js';
import { root } from './root.mjs';

const chart = join(root, 'charts/ordeal');
const NOTICE = '# Written by `npm run reference` from the code. Do not edit.\n';

const check = process.argv.includes('--check');
mkdirSync(join(chart, 'crds'), { recursive: true });
for (const crd of customResourceDefinitions()) write(`crds/${crd.spec.names.plural}.yaml`, textOf(crd));
// Helm installs the files of crds in any case.
write('templates/old-group-crds.yaml', oldGroup());

function oldGroup() {
  const texts = oldGroupDefinitions().map((crd) =>
    // Helm keeps them when they are no longer part of the chart, as those of crds.
    textOf({ ...crd, metadata: { ...crd.metadata, annotations: { 'helm.sh/resource-policy': 'keep' } } }),
  );
  return `{{- if .Values.oldGroup.enabled }}\n${texts.join('---\n')}{{- end }}\n`;
}

function textOf(crd) {
  return stringify(crd, { lineWidth: 110, aliasDuplicateObjects: false });
}

function write(name, content) {
  const path = join(chart, name);
  const text = NOTICE + content;
  if (!check) {
    writeFileSync(path, text);
  } else if (read(path) !== text) {
    console.error(`charts/ordeal/${name} is not what the code says; run npm run reference`);
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
