import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BpfMap, findFunction, loadProgram } from '@ordeal/bpf';
import { OrdealError } from '@ordeal/diagnostics';
import type { Blueprint } from './assemble/blueprint.js';
import { mapSpecs } from './assemble/maps.js';
import { assemblePrograms } from './assemble/programs.js';
import { blueprintOf, planRequest } from './plan.js';
import { explainRefusal } from './refusal.js';
import { labFacts } from './testing/lab-target.js';
import { drawFrom, randomRequest } from './testing/random-request.js';
import { requestOf } from './testing/sample-request.js';

const REQUESTS = 2_000;
const facts = labFacts();

/** Loads all programs of a blueprint and lets go of them. */
function load(blueprint: Blueprint): void {
  const owned: { close(): void }[] = [];
  try {
    const maps = new Map(mapSpecs(blueprint).map((spec) => [spec.name, BpfMap.create(spec)]));
    owned.push(...maps.values());
    for (const spec of assemblePrograms(blueprint)) {
      try {
        owned.push(loadProgram(spec, facts.btf, maps).fd);
      } catch (error) {
        throw explainRefusal(spec, error);
      }
    }
  } finally {
    for (const each of owned) each.close();
  }
}

test(`what validates also loads, what does not says where (${REQUESTS} random requests)`, (context) => {
  const seed = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31);
  context.diagnostic(`TEST_SEED=${seed}`);
  const draw = drawFrom(seed);
  const functions = readFileSync('/sys/kernel/tracing/available_filter_functions', 'utf8')
    .split('\n')
    .map((line) => line.split(' ', 1)[0] ?? '')
    .filter((name) => name !== '' && findFunction(facts.btf, name) !== undefined);
  const scope = { kind: 'cgroup', id: 1n, level: 0 } as const;
  let loaded = 0;
  let rejected = 0;
  let unhookable = 0;
  for (let turn = 0; turn < REQUESTS; turn++) {
    const sample = randomRequest(facts.btf, functions, draw);
    const { plan, problems } = planRequest(requestOf(sample), 'random.yaml', facts);
    if (!plan) {
      rejected++;
      assert.ok(
        problems.length > 0 && problems.every((problem) => problem.place.length > 0),
        JSON.stringify(sample),
      );
      continue;
    }
    try {
      load(blueprintOf(plan, [scope], turn % 2 === 0 ? 'fmod_ret' : 'kprobe'));
      loaded++;
    } catch (error) {
      if (!(error instanceof OrdealError && error.code === 'ORD-406')) {
        assert.fail(
          `${JSON.stringify(sample)}\n${(error as Error).message}\n${(error as { log?: string }).log ?? ''}`,
        );
      }
      unhookable++;
    }
  }
  context.diagnostic(`${loaded} loaded, ${rejected} rejected, ${unhookable} cannot be hooked by trampolines`);
  assert.ok(loaded > REQUESTS / 2, `${loaded} loaded`);
  assert.ok(rejected > REQUESTS / 50, `${rejected} rejected`);
});
