import fc from 'fast-check';
import type { ChaosKind } from '../api/kinds.js';

/** An object that is valid except for up to three fields. */
export interface RandomObject {
  readonly kind: ChaosKind | 'Schedule';
  readonly spec: { readonly [field: string]: unknown };
}

const text = fc.oneof(fc.constantFrom('', 'a', '/data', '/d[', '..', 'a,b=c\\', '"', '\u0000'), fc.string());
const map = fc.dictionary(text, text, { maxKeys: 2 });
const anything = fc.jsonValue({ maxDepth: 2 });
const operator = fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist');

const selector = fc.oneof(
  fc.constantFrom(
    {},
    { labelSelectors: { app: 'none' } },
    { podPhaseSelectors: ['!Running'] },
    { nodes: ['none'] },
  ),
  fc.record(
    {
      namespaces: fc.array(text, { maxLength: 2 }),
      pods: fc.dictionary(text, fc.array(text, { maxLength: 2 }), { maxKeys: 2 }),
      labelSelectors: map,
      annotationSelectors: map,
      expressionSelectors: fc.array(
        fc.record({ key: text, operator, values: fc.array(text, { maxLength: 2 }) }),
      ),
      fieldSelectors: fc.dictionary(fc.constantFrom('metadata.name', 'status.phase', 'spec.x'), text),
      nodes: fc.array(text, { maxLength: 2 }),
      nodeSelectors: map,
      podPhaseSelectors: fc.array(fc.constantFrom('Running', '!Pending', 'running', '!'), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  ),
);

/** Good and bad values of fields; `undefined` leaves the field out. */
const fields: { readonly [name: string]: fc.Arbitrary<unknown> } = {
  mode: fc.constantFrom('one', 'all', 'fixed', 'fixed-percent', 'random-max-percent', 'some'),
  value: fc.constantFrom('1', '50', '0', '101', '+5', 'x', '99999999999', undefined),
  selector,
  containerNames: fc.array(fc.constantFrom('main', 'other', ''), { maxLength: 2 }),
  duration: fc.constantFrom(
    '1h',
    '300ms',
    '1.5h',
    '',
    '0',
    '10',
    '-1s',
    '1h1',
    '9999999999h',
    '\u00b5s',
    '2\u00b5s',
  ),
  volumePath: text,
  delay: fc.constantFrom('1h', '1.5ms', '', '0', '1', '9999999999h'),
  errno: fc.oneof(fc.constantFrom('EIO', 'ENONE', 5, 0, -1), fc.integer()),
  jitter: fc.constantFrom('1ms', '', 'x'),
  correlation: fc.integer({ min: -1, max: 101 }),
  distribution: fc.constantFrom('uniform', 'normal', 'other'),
  histogram: fc.array(
    fc.record({ upTo: fc.constantFrom('1ms', '1s', '0'), weight: fc.integer({ min: -1, max: 2 }) }),
  ),
  stall: fc.record({ for: fc.constantFrom('1ms', '0'), every: fc.constantFrom('1ms', '1s') }),
  limit: fc.record(
    { bytesPerSecond: fc.integer({ min: -1, max: 2 }), operationsPerSecond: fc.nat() },
    { requiredKeys: [] },
  ),
  capacity: fc.record({ bytes: fc.integer(), errno: fc.constantFrom('ENOSPC', 'EDQUOT', 'EIO') }),
  unsynced: fc.constantFrom('keep', 'lose', 'none'),
  attr: fc.record({ perm: fc.integer(), size: fc.maxSafeInteger() }, { requiredKeys: [] }),
  mistake: fc.record({
    filling: fc.constantFrom('zero', 'flip', 'none'),
    maxOccurrences: fc.nat(),
    maxLength: fc.nat(),
  }),
  path: text,
  methods: fc.array(fc.constantFrom('read', 'WRITE', 'swim'), { maxLength: 3 }),
  percent: fc.integer({ min: -1, max: 101 }),
  failKernRequest: fc.record({
    failtype: fc.integer({ min: -1, max: 3 }),
    callchain: fc.array(
      fc.record({ funcname: text, parameters: text, predicate: text }, { requiredKeys: [] }),
    ),
  }),
};
const change = fc
  .constantFrom(...Object.keys(fields))
  .chain((name) =>
    fc
      .oneof({ weight: 8, arbitrary: fields[name] ?? anything }, { weight: 1, arbitrary: anything })
      .map((value) => ({ [name]: value })),
  );
const io = (fault: object) => ({
  kind: 'IOChaos' as const,
  spec: { mode: 'all', selector: {}, volumePath: '/data', ...fault },
});
const good = fc.constantFrom(
  io({ action: 'latency', delay: '1ms' }),
  io({ action: 'latency', delay: '1ms', jitter: '1ms', stall: { for: '1ms', every: '2ms' } }),
  io({ action: 'limit', limit: { bytesPerSecond: 1 } }),
  io({ action: 'capacity', capacity: { bytes: 1 } }),
  io({ action: 'fault', errno: 5 }),
  io({ action: 'attrOverride', attr: { perm: 0o444 } }),
  io({ action: 'mistake', mistake: { filling: 'zero', maxOccurrences: 1, maxLength: 1 } }),
  { kind: 'KernelChaos' as const, spec: { mode: 'all', selector: {}, failKernRequest: { failtype: 0 } } },
);
const experiment = fc
  .tuple(good, fc.array(change, { maxLength: 3 }))
  .map(([{ kind, spec }, changes]) => ({ kind, spec: Object.assign({}, spec, ...changes) }));

/** Times that are far away: nothing is started. */
const times = fc.constantFrom('@yearly', '0 0 1 1 *', '0 0 0 1 1 *', 'TZ=Asia/Tokyo 0 0 1 1 *', '@every 24h');
const badTimes = fc.constantFrom(
  '',
  'x',
  '61 * * * *',
  '* * *',
  '@every 1',
  '@often',
  'TZ=Sea/Moon 0 0 1 1 *',
);
const schedule = fc
  .tuple(
    experiment,
    fc.record(
      {
        schedule: fc.oneof({ weight: 3, arbitrary: times }, { weight: 1, arbitrary: badTimes }),
        concurrencyPolicy: fc.constantFrom('Allow', 'Forbid', 'Replace'),
        historyLimit: fc.integer({ min: -1, max: 3 }),
        startingDeadlineSeconds: fc.constantFrom(null, -1, 0, 60),
      },
      { requiredKeys: ['schedule'] },
    ),
    fc.boolean(),
  )
  .map(([{ kind, spec }, fields, matches]) => {
    const type = matches || kind === 'IOChaos' ? kind : 'IOChaos';
    return {
      kind: 'Schedule' as const,
      spec: { ...fields, type, [kind === 'IOChaos' ? 'ioChaos' : 'kernelChaos']: spec },
    };
  });

/** Random experiments; the same seed gives the same ones. */
export function randomExperiments(
  count: number,
  seed: number,
): readonly (RandomObject & { kind: ChaosKind })[] {
  return fc.sample(experiment, { numRuns: count, seed });
}

/** Random experiments, and a Schedule for each three of them. */
export function randomObjects(count: number, seed: number): readonly RandomObject[] {
  const either = fc.oneof({ weight: 3, arbitrary: experiment }, { weight: 1, arbitrary: schedule });
  return fc.sample<RandomObject>(either, { numRuns: count, seed });
}
