import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Selector } from '../kinds/selector.js';
import { selectorMatchesLabels } from './selector-match.js';

const nothing: Selector = {
  namespaces: [],
  pods: {},
  labelSelectors: {},
  expressionSelectors: [],
  annotationSelectors: {},
  fieldSelectors: {},
  nodes: [],
  nodeSelectors: {},
  podPhaseSelectors: [],
};
const pod = { namespace: 'shop', name: 'db-0', labels: { app: 'db', tier: 'back' } };
const plain = { name: 'some-container', labels: { app: 'db' } };

function verdict(
  selector: Partial<Selector>,
  candidate: Parameters<typeof selectorMatchesLabels>[1],
): string {
  const { matches, unevaluated } = selectorMatchesLabels({ ...nothing, ...selector }, candidate);
  return unevaluated.length > 0 ? `${matches}, but ${unevaluated.join(', ')}` : String(matches);
}

test('parts are ANDed', () => {
  assert.equal(verdict({ namespaces: ['shop', 'x'], labelSelectors: { app: 'db' } }, pod), 'true');
  assert.equal(verdict({ namespaces: ['x'], labelSelectors: { app: 'db' } }, pod), 'false');
  assert.equal(verdict({ namespaces: ['shop'], labelSelectors: { app: 'db', tier: 'front' } }, pod), 'false');
  assert.equal(verdict({ labelSelectors: { constructor: 'x' } }, pod), 'false');
});

test('expressions as in the API server', () => {
  const obeys = (operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', key: string, ...values: string[]) =>
    verdict({ expressionSelectors: [{ key, operator, values }] }, pod);
  assert.equal(obeys('In', 'app', 'web', 'db'), 'true');
  assert.equal(obeys('In', 'none', 'db'), 'false');
  assert.equal(obeys('NotIn', 'app', 'db'), 'false');
  assert.equal(obeys('NotIn', 'none', 'db'), 'true');
  assert.equal(obeys('Exists', 'app'), 'true');
  assert.equal(obeys('DoesNotExist', 'app'), 'false');
});

test('pods overrides everything else', () => {
  assert.equal(verdict({ pods: { shop: ['db-0'] }, labelSelectors: { app: 'web' } }, pod), 'true');
  assert.equal(verdict({ pods: { shop: ['db-1'] }, labelSelectors: { app: 'db' } }, pod), 'false');
  assert.equal(verdict({ pods: { shop: ['some-container'] } }, plain), 'false, but pods');
});

test('parts that one host cannot evaluate are reported', () => {
  assert.equal(
    verdict({ namespaces: ['shop'], labelSelectors: { app: 'db' } }, plain),
    'true, but namespaces',
  );
  assert.equal(
    verdict({ labelSelectors: { app: 'db' }, nodes: ['n'], nodeSelectors: { disk: 'ssd' } }, pod),
    'true, but nodes, nodeSelectors',
  );
  assert.equal(verdict({ annotationSelectors: { a: 'b' } }, pod), 'false, but annotationSelectors');
  assert.equal(verdict({ annotationSelectors: { a: 'b' } }, { ...pod, annotations: { a: 'b' } }), 'true');
  assert.equal(verdict({ fieldSelectors: { 'metadata.name': 'db-0' } }, pod), 'true');
  assert.equal(verdict({ fieldSelectors: { 'metadata.name': 'db-1', 'spec.nodeName': 'n' } }, pod), 'false');
  assert.equal(verdict({ fieldSelectors: { 'spec.nodeName': 'n' } }, pod), 'false, but fieldSelectors');
});

test('a selector without an evaluable part chooses nothing', () => {
  assert.equal(verdict({}, plain), 'false');
  assert.equal(verdict({ namespaces: ['default'] }, plain), 'false, but namespaces');
});

test('a running container is in phase Running', () => {
  assert.equal(verdict({ podPhaseSelectors: ['Running', 'Pending'] }, pod), 'true');
  assert.equal(verdict({ podPhaseSelectors: ['!Pending'] }, pod), 'true');
  assert.equal(verdict({ podPhaseSelectors: ['!Running'] }, pod), 'false');
  assert.equal(verdict({ podPhaseSelectors: ['Failed'] }, pod), 'false');
});
