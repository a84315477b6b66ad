import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { renderChart } from './render-chart.js';

const CHART = fileURLToPath(new URL('../../../charts/ordeal', import.meta.url));
/** Values that take every branch of the templates. */
const CASES: readonly object[] = [
  {},
  { kernelChaos: { enabled: true }, image: { tag: 'x' } },
  { scope: { namespace: 'shop', optIn: true }, remoteClusters: { secretNamespaces: ['a', 'b'] } },
  {
    controller: { replicas: 1, resources: {} },
    policies: { namespaceSelector: { matchLabels: { a: 'b' } } },
  },
];

test('the chart becomes what helm makes of it', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-render-'));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const values of CASES) {
    for (const name of ['ordeal', 'other']) {
      const file = join(directory, 'values.json');
      writeFileSync(file, JSON.stringify(values));
      const text = execFileSync(
        process.env.ORDEAL_TEST_HELM ?? 'helm',
        ['template', name, CHART, '--namespace', 'chaos', '--values', file],
        { encoding: 'utf8' },
      );
      const expected = parseAllDocuments(text).map((document) => document.toJS());
      const { manifests } = renderChart({
        name,
        namespace: 'chaos',
        values: values as Record<string, unknown>,
      });
      const ours = JSON.parse(
        JSON.stringify(manifests).replaceAll('managed-by":"ordeal"', 'managed-by":"Helm"'),
      );
      assert.deepEqual(sorted(ours), sorted(expected.filter(Boolean)));
    }
  }
});

interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

function sorted(objects: readonly Named[]): readonly Named[] {
  const key = ({ kind, metadata }: Named) => `${kind}/${metadata.namespace}/${metadata.name}`;
  return [...objects].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
