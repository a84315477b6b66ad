import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderProblem } from '@ordeal/diagnostics';
import { parseDocuments } from '@ordeal/experiment';
import fc from 'fast-check';
import type { InjectionList } from './injection-list.js';
import { planRequest } from './plan.js';
import { fixtureBtf } from './predicate/btf-fixture.js';
import { formatSystemCall } from './predicate/index.js';
import { systemCallFunction, systemCallOf } from './system-call-name.js';

const LIST: InjectionList = new Map([
  ['__x64_sys_mount', 'ERRNO'],
  ['__x64_sys_openat2', 'ERRNO'],
  ['should_failslab', 'ERRNO'],
  ['probe', 'TRUE'],
  ['only_listed', 'NULL'],
]);
const btf = fixtureBtf();
const factsWith = (list: InjectionList | undefined) =>
  ({ btf, arch: 'x64', release: 'fixture', gfp: {}, injectable: () => list }) as const;

/** The plan of a request's fields, and its problems as the user sees them. */
function planOf(fields: string, { list }: { readonly list?: InjectionList } = { list: LIST }) {
  const source = `apiVersion: chaos-mesh.org/v1alpha1
kind: KernelChaos
metadata: {name: a}
spec:
  mode: one
  selector: {}
  failKernRequest:
${fields.replaceAll(/^/gm, '    ')}
`;
  const { experiments, problems } = parseDocuments(source, 'a.yaml');
  assert.deepEqual(problems, []);
  const [experiment] = experiments;
  assert.equal(experiment?.kind, 'KernelChaos');
  const planned = planRequest(experiment.spec.failKernRequest, 'a.yaml', factsWith(list));
  return { ...planned, told: planned.problems.map((problem) => renderProblem(problem, source)).join('\n') };
}

test('a system call by its name or by that of its function', () => {
  for (const name of ['mount', '__x64_sys_mount']) {
    const { plan, told } = planOf(`function: ${name}\nerrno: EMFILE`);
    assert.equal(told, '');
    assert.equal(plan?.faultPoint.function, '__x64_sys_mount');
    assert.equal(plan.faultPoint.forcedResult, -24);
    assert.equal(`${plan.faultPoint.what} ${plan.faultPoint.outcome}`, 'calls of mount EMFILE');
  }
});

test('functions of each type, with and without BTF', () => {
  const point = (fields: string) => planOf(fields).plan?.faultPoint;
  assert.deepEqual([point('function: probe')?.forcedResult, point('function: probe')?.outcome], [1, 'true']);
  assert.equal(point('function: only_listed')?.forcedResult, 0);
  const slab = point('function: should_failslab\nerrno: 5');
  assert.deepEqual([slab?.failtype, slab?.gfpArgument, slab?.forcedResult], [0, 1, -5]);
});

test('predicates see the arguments of the system call', () => {
  const predicate = (text: string) =>
    planOf(`function: openat2\nerrno: 2\ncallchain: [{predicate: '${text}'}]`).told;
  assert.equal(predicate('STRCMP(filename, "/data/x") && dfd < 0'), '');
  assert.match(predicate('STRCMP(filname, "x")'), /unknown name|filename/);
});

test('what cannot fail is refused at its place', () => {
  assert.equal(
    planOf('function: openat3\nerrno: EIO').told,
    `a.yaml:8:15  error  function: this kernel has no function or system call 'openat3'  [ORD-201]
    8 |     function: openat3
      |               ^~~~~~~  did you mean openat2?`,
  );
  assert.match(planOf('function: d_alloc_parallel\nerrno: EIO').told, /^a.yaml:8:15 .*ORD-218/);
  assert.match(
    planOf('function: only_listed\ncallchain: [{predicate: "a == 1"}]').told,
    /only_listed has no type information/,
  );
});

test('the errno must fit the type', () => {
  assert.match(planOf('function: mount').told, /^a.yaml:8:15 .* so errno must say which one {2}\[ORD-219\]/);
  const message = /^a.yaml:9:12 .*errno: probe fails by returning true, not EIO {2}\[ORD-219\]/;
  assert.match(planOf('function: probe\nerrno: EIO').told, message);
  assert.match(planOf('function: only_listed\nerrno: 5').told, /returning NULL, not EIO/);
});

test('without the list, system calls are known, and of the rest the type of the result', () => {
  assert.equal(planOf('function: mount\nerrno: EIO', {}).told, '');
  const other = planOf('function: d_alloc_parallel\nerrno: EIO', {});
  assert.match(other.told, /^a.yaml:8:15 {2}note {2}function: not checked .*ORD-220/);
  assert.equal(other.plan?.faultPoint.forcedResult, -5);
  assert.equal(planOf('function: d_alloc_parallel', {}).plan?.faultPoint.forcedResult, 0);
});

test('whatever the name and the errno, there is a plan or a problem at its place', () => {
  const names = fc.oneof(
    fc.constantFrom(...LIST.keys(), 'mount', 'box', 'd_alloc_parallel'),
    fc.stringMatching(/^[a-z_]\w{0,12}$/),
  );
  fc.assert(
    fc.property(names, fc.option(fc.integer({ min: 1, max: 4095 })), fc.boolean(), (name, errno, known) => {
      const fields = `function: '${name}'${errno === null ? '' : `\nerrno: ${errno}`}`;
      const { plan, problems } = planOf(fields, known ? { list: LIST } : {});
      if (plan) {
        const { forcedResult } = plan.faultPoint;
        assert.ok(errno === null ? forcedResult >= 0 : forcedResult === -errno);
      } else {
        assert.deepEqual(
          problems.map(({ severity, place }) => [severity, place.line < 10 && place.column > 11]),
          [['error', true]],
        );
      }
    }),
  );
});

test('system calls by the names that programs use', () => {
  const facts = { btf, arch: 'x64' } as const;
  assert.equal(systemCallFunction(facts, 'mount'), '__x64_sys_mount');
  assert.equal(systemCallFunction(facts, 'probe'), undefined);
  assert.equal(systemCallOf('__x64_sys_newuname'), 'uname');
  assert.equal(systemCallOf('__do_sys_getpid'), 'getpid');
  assert.equal(systemCallOf('__x64_sys_uname'), undefined);
  assert.equal(systemCallOf('vfs_read'), undefined);
  assert.equal(formatSystemCall(btf, 'openat2', '__x64_sys_openat2'), 'openat2(int dfd, char *filename)');
});
