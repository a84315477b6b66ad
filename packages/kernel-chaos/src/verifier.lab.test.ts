import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BpfMap, listFunctions, loadProgram, type MapSpec } from '@ordeal/bpf';
import { OrdealError } from '@ordeal/diagnostics';
import type { Blueprint } from './assemble/blueprint.js';
import { mapSpecs } from './assemble/maps.js';
import { assemblePrograms } from './assemble/programs.js';
import { gateMaps } from './gate/gate-program.js';
import { blueprintOf, planRequest } from './plan.js';
import { explainRefusal } from './refusal.js';
import { systemCallOf } from './system-call-name.js';
import { labFacts } from './testing/lab-target.js';
import { drawFrom, randomRequest } from './testing/random-request.js';
import { requestOf } from './testing/sample-request.js';

const REQUESTS = 2_000;
const facts = labFacts();

/**
 * Maps by the length of the chain, and those of a gate by its function, on which alone they depend here; creating them
 * takes longer than loading.
 */
const kept = new Map<number | string, Map<string, BpfMap>>();

function mapsFor(blueprint: Blueprint): Map<string, BpfMap> {
  const { frames, faultPoint } = blueprint;
  return new Map([
    ...keptOrCreated(frames.length, mapSpecs(blueprint)),
    ...keptOrCreated(faultPoint.function, gateMaps()),
  ]);
}

function keptOrCreated(key: number | string, specs: readonly MapSpec[]): Map<string, BpfMap> {
  const maps = kept.get(key) ?? new Map(specs.map((spec) => [spec.name, BpfMap.create(spec)]));
  kept.set(key, maps);
  return maps;
}

/** Loads all programs of a blueprint and releases them. */
function load(blueprint: Blueprint): void {
  for (const spec of assemblePrograms(blueprint)) {
    try {
      loadProgram(spec, facts.btf, mapsFor(blueprint)).fd.close();
    } catch (error) {
      throw explainRefusal(spec, error);
    }
  }
}

test(`what validates also loads, what does not says where (${REQUESTS} random requests)`, (context) => {
  const seed = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31);
  context.diagnostic(`TEST_SEED=${seed}`);
  context.after(() => {
    for (const maps of kept.values()) for (const map of maps.values()) map.close();
  });
  const draw = drawFrom(seed);
  const known = new Set(Array.from(listFunctions(facts.btf), ({ name }) => name));
  const functions = readFileSync('/sys/kernel/tracing/available_filter_functions', 'utf8')
    .split('\n')
    .map((line) => line.split(' ', 1)[0] ?? '')
    .filter((name) => known.has(name));
  const systemCalls = functions.filter((name) => systemCallOf(name) !== undefined);
  const scope = { kind: 'cgroup', id: 1n, level: 0 } as const;
  const begun = performance.now();
  let loaded = 0;
  let rejected = 0;
  let unhookable = 0;
  for (let turn = 0; turn < REQUESTS; turn++) {
    const sample = randomRequest(facts.btf, { functions, systemCalls }, draw);
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
  context.diagnostic(`${Math.round(performance.now() - begun)} ms`);
  context.diagnostic(`${loaded} loaded, ${rejected} rejected, ${unhookable} cannot be hooked by trampolines`);
  assert.ok(loaded > REQUESTS / 2, `${loaded} loaded`);
  assert.ok(rejected > REQUESTS / 50, `${rejected} rejected`);
});
