import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestsOf } from './install.js';
import { mergedValues, valueFromText, valuesFromYaml } from './values.js';

test('maps are merged, everything else is replaced', () => {
  assert.deepEqual(mergedValues({ a: { b: 1, c: [1] }, d: 2 }, { a: { c: [2] }, d: null }), {
    a: { b: 1, c: [2] },
    d: null,
  });
});

test('a value as --set has it is YAML', () => {
  assert.deepEqual(valueFromText('a.b=true'), { a: { b: true } });
  assert.deepEqual(valueFromText('a=x=y'), { a: 'x=y' });
  assert.deepEqual(valueFromText('a='), { a: null });
  for (const text of ['a', '=1', 'a..b=1']) assert.throws(() => valueFromText(text), { code: 'ORD-807' });
  assert.throws(() => valueFromText('a=['), { code: 'ORD-807', message: /not YAML/ });
  assert.throws(() => valuesFromYaml('- a'), { code: 'ORD-807', message: 'the values are not a map' });
});

test('values that the chart does not have are refused', () => {
  const render = (values: object) => manifestsOf({ name: 'ordeal', namespace: 'x', values: { ...values } });
  const refused = (values: object, message: string, hint?: string) =>
    assert.throws(() => render(values), { code: 'ORD-807', message, ...(hint ? { hint } : {}) });
  refused({ kernelChoas: {} }, 'the chart has no value kernelChoas', 'Did you mean kernelChaos?');
  refused({ kernelChaos: { enable: true } }, 'the chart has no value kernelChaos.enable');
  refused({ scope: 'all' }, 'scope is a group of values, not one value');
  assert.ok(render({ policies: { namespaceSelector: { matchLabels: { any: 'name' } } } }).length > 10);
});
