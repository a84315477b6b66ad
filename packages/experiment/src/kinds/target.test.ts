import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '../parse-documents.js';
import { problemsOf } from '../testing/problems-of.js';

/** A KernelChaos of which only these fields of spec matter. */
function withFields(fields: string): string {
  return `apiVersion: chaos-mesh.org/v1alpha1
kind: KernelChaos
metadata: {name: a, namespace: shop}
spec:
  failKernRequest: {failtype: 0}
${fields.replaceAll(/^/gm, '  ')}
`;
}

test('a selector without namespaces selects in its own', () => {
  const namespaces = (fields: string) =>
    parseDocuments(withFields(fields), 'a').experiments[0]?.spec as
      | { selector: { namespaces: string[] } }
      | undefined;
  assert.deepEqual(namespaces('mode: one\nselector: {}')?.selector.namespaces, ['shop']);
  assert.deepEqual(namespaces('mode: one\nselector: {namespaces: [x, y]}')?.selector.namespaces, ['x', 'y']);
});

test('modes and their values', () => {
  const told = (fields: string) => problemsOf(withFields(`${fields}\nselector: {}`)).split('\n')[0];
  assert.equal(told('mode: one'), '');
  assert.equal(told('mode: one\nvalue: ""'), '');
  assert.equal(told('mode: fixed\nvalue: "2"'), '');
  assert.equal(told('mode: random-max-percent\nvalue: "100"'), '');
  assert.equal(
    told('mode: fixed'),
    'a.yaml:6:9  error  mode fixed needs a value: a count, as text  [ORD-118]',
  );
  assert.equal(
    told('mode: fixed-percent\nvalue: "0"'),
    "a.yaml:7:10  error  value: '0' is not a whole percentage of 1 to 100, which mode fixed-percent needs  [ORD-118]",
  );
  assert.equal(
    told('mode: fixed\nvalue: 2'),
    'a.yaml:7:10  error  value: expected text, found the number 2  [ORD-106]',
  );
  assert.equal(
    told('mode: all\nvalue: "2"'),
    "a.yaml:7:10  warning  value: mode all takes no value, '2' has no effect  [ORD-123]",
  );
  assert.equal(told('mode: some'), "a.yaml:6:9  error  mode: 'some' is not known  [ORD-109]");
});

test('durations', () => {
  const told = (duration: string) => problemsOf(withFields(`mode: one\nselector: {}\nduration: ${duration}`));
  assert.equal(told('1h30m'), '');
  assert.equal(told('""'), '');
  assert.equal(
    told('"10 s"'),
    `a.yaml:8:16  error  duration: ' s' is not a unit of time  [ORD-114]
    8 |   duration: "10 s"
      |                ^~  a duration looks like 300ms, 1.5h or 2h45m (units ns, us, ms, s, m, h)`,
  );
  assert.equal(
    told('0s'),
    `a.yaml:8:13  error  duration: the experiment would end before it starts  [ORD-114]
    8 |   duration: 0s
      |             ^~  leave it out to run until stopped`,
  );
  assert.equal(
    told('10'),
    `a.yaml:8:13  error  duration: the number 10 has no unit  [ORD-114]
    8 |   duration: 10
      |             ^~  for example "10s"`,
  );
  assert.match(told('-5s'), /'-5s' is negative/);
});

test('every part of a selector is checked', () => {
  assert.equal(
    problemsOf(
      withFields(`mode: one
selector:
  namespaces: [Shop]
  labelSelector: {}
  labelSelectors: {app: 1, -x: y}
  podPhaseSelectors: [runing, "!Pending"]
  fieldSelectors: {spec.nodename: n}
  expressionSelectors:
    - {key: app, operator: in, values: [a]}
    - {key: app, operator: Exists, values: [a]}
    - {key: app, operator: NotIn}`),
    ),
    `a.yaml:8:18  error  namespaces[0]: 'Shop' is not a namespace name: up to 63 of a-z, 0-9 and '-', no '-' at the ends  [ORD-117]
    8 |     namespaces: [Shop]
      |                  ^~~~
a.yaml:9:5  error  selector has no field 'labelSelector'  [ORD-107]
    9 |     labelSelector: {}
      |     ^~~~~~~~~~~~~  did you mean labelSelectors?
a.yaml:10:27  error  app: expected text, found the number 1  [ORD-106]
   10 |     labelSelectors: {app: 1, -x: y}
      |                           ^  quote it: "1"
a.yaml:10:30  error  labelSelectors: '-x' is not a label key: [prefix/]name of letters, digits, '-', '_' and '.'  [ORD-117]
   10 |     labelSelectors: {app: 1, -x: y}
      |                              ^~
a.yaml:11:25  error  podPhaseSelectors[0]: 'runing' is not a pod phase  [ORD-109]
   11 |     podPhaseSelectors: [runing, "!Pending"]
      |                         ^~~~~~  did you mean Running?
a.yaml:12:22  error  fieldSelectors: 'spec.nodename' is not a field to select by  [ORD-117]
   12 |     fieldSelectors: {spec.nodename: n}
      |                      ^~~~~~~~~~~~~  did you mean spec.nodeName?
a.yaml:14:30  error  operator: 'in' is not known  [ORD-109]
   14 |       - {key: app, operator: in, values: [a]}
      |                              ^~  did you mean In?
a.yaml:15:38  error  values: operator Exists takes none  [ORD-119]
   15 |       - {key: app, operator: Exists, values: [a]}
      |                                      ^~~~~~
a.yaml:16:9  error  expressionSelectors[2]: operator NotIn needs at least one of values  [ORD-108]
   16 |       - {key: app, operator: NotIn}
      |         ^~~~~~~~~~~~~~~~~~~~~~~~~~~`,
  );
});

test('pods overrides the other parts', () => {
  assert.equal(
    problemsOf(withFields('mode: one\nselector: {pods: {shop: [db-0]}, labelSelectors: {a: b}}')),
    `a.yaml:7:36  warning  labelSelectors has no effect: pods names the targets, and every other part is ignored then  [ORD-123]
    7 |   selector: {pods: {shop: [db-0]}, labelSelectors: {a: b}}
      |                                    ^~~~~~~~~~~~~~`,
  );
});
