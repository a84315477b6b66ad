import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { documentTexts } from './document-texts.js';
import { parseDocuments } from './parse-documents.js';

const chaos = (name: string) =>
  `apiVersion: chaos-mesh.org/v1alpha1\nkind: KernelChaos\nmetadata: { name: ${name} }\nspec:\n  mode: one\n  selector: {}\n  failKernRequest: { failtype: 0, callchain: [{ funcname: f }] }\n`;

test('each document reads alone as it does among the others', () => {
  const separators = ['---\n', '...\n---\n', '--- # next\n', '...\n# between\n%YAML 1.2\n---\n'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...separators), { maxLength: 5 }), (between) => {
      const names = ['a', ...between.map((_, index) => `b${index}`)];
      const source = names.map((name, index) => `${between[index - 1] ?? ''}${chaos(name)}`).join('');
      const texts = documentTexts(source);
      const alone = texts.flatMap((text) => parseDocuments(text, 'x').experiments.map(({ name }) => name));
      assert.deepEqual(alone, names);
    }),
  );
});

test('a text that is rejected has none', () => {
  assert.deepEqual(documentTexts('['.repeat(1000)), []);
});
