import assert from 'node:assert/strict';
import { type IOChaosSpec, parseDocuments } from '@ordeal/experiment';

/** What is injected in one round. */
export interface RoundDocuments {
  /** Fields of `spec`, for each document; VOLUME stands for the path of the volume. */
  readonly rules: readonly string[];
  /** The victim sees errors. Nobody else ever does. */
  readonly asksForErrors?: true;
  /** No request meets a rule. */
  readonly sparesAll?: true;
}

/** In turn. Whoever is no victim is to see nothing but delays and odd attributes. */
export const ROUND_DOCUMENTS: readonly RoundDocuments[] = [
  // Files that no rule for reads or writes meets are passed through to the original ones.
  {
    rules: ['action: fault\nerrno: 5\nmethods: [write]\npath: VOLUME/victim/**\npercent: 50'],
    asksForErrors: true,
  },
  // Everything meets the rule: direct I/O, each request served.
  { rules: ['action: latency\ndelay: 1ms\npercent: 20'] },
  {
    rules: [
      'action: latency\ndelay: 3ms\nmethods: [read, write, fsync]\npercent: 10',
      'action: fault\nerrno: 5\nmethods: [write, fsync]\npath: VOLUME/victim/*\npercent: 80',
    ],
    asksForErrors: true,
  },
  { rules: ['action: latency\ndelay: 500ms\npath: VOLUME/nobody/**'], sparesAll: true },
  // Locks are requests then, and taken on the original files.
  { rules: ['action: latency\ndelay: 2ms\nmethods: [setlk, getlk]\npercent: 50'] },
  { rules: ['action: attrOverride\nattr: {atime: {sec: 1, nsec: 2}, rdev: 7}'] },
  {
    rules: [
      'action: latency\ndelay: 2ms\nmethods: [lookup, open, create, getattr, readdir, unlink]\npercent: 30',
    ],
  },
  {
    rules: [
      'action: mistake\nmistake: {filling: random, maxOccurrences: 3, maxLength: 9}\nmethods: [read]\npath: VOLUME/nobody/**',
    ],
    sparesAll: true,
  },
];

/** Parses one document. */
export function specOf(fields: string, volume: string): IOChaosSpec {
  const spec = `${fields}\nvolumePath: VOLUME`.replaceAll('VOLUME', volume).replaceAll(/^/gm, '  ');
  const text = `apiVersion: chaos-mesh.org/v1alpha1
kind: IOChaos
metadata: {name: endurance}
spec:
  mode: one
  selector: {}
${spec}
`;
  const { experiments, problems } = parseDocuments(text, 'endurance');
  assert.deepEqual(
    problems.filter(({ severity }) => severity !== 'warning'),
    [],
  );
  const [experiment] = experiments;
  assert.ok(experiment?.kind === 'IOChaos');
  return experiment.spec;
}
