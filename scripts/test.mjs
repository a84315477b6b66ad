// npm test: types, lint, import directions, generated reference, then unit, host, lab, cluster and node tests. The
// last line is the totals. `npm test -- unit|host|lab|cluster|node [PATTERN]` runs one stage, or the tests of it whose path
// contains PATTERN.
import { join } from 'node:path';
import { installDebian, TEST_PACKAGES } from './debian-packages.mjs';
import { sharedDirectories } from './leftovers.mjs';
import { build, installPackages, requireNode } from './prepare.mjs';
import { root } from './root.mjs';
import { capture, Interrupted, main, StepError, span } from './step.mjs';
import { testFiles } from './test-files.mjs';
import { TestResults } from './test-results.mjs';
import { TestRun } from './test-run.mjs';

const MINUTE = 60_000;
/**
 * How long each stage takes, and the longest that it may take, which leaves room for a machine that is ten times slower.
 * The preparations of the lab and the cluster come on top.
 */
const TIMES = {
  unit: { usual: '1 min', limitMs: 30 * MINUTE },
  host: { usual: '15 min', limitMs: 150 * MINUTE },
  lab: { usual: '6 min', limitMs: 60 * MINUTE },
  cluster: { usual: '2 min', limitMs: 20 * MINUTE },
  node: { usual: '2 min', limitMs: 20 * MINUTE },
};
const STAGES = Object.keys(TIMES);
const ROOT_STAGES = ['host', 'lab', 'cluster', 'node'];
/** Stages whose tests disturb each other. */
const SERIAL_STAGES = ['host', 'node'];

const totals = { passed: 0, failed: 0, skipped: 0 };

await main(async () => {
  const [stage, pattern] = process.argv.slice(2);
  if (stage !== undefined && !STAGES.includes(stage)) {
    throw new StepError('usage: npm test [-- unit|host|lab|cluster|node [PATTERN]]');
  }
  requireNode();
  await attempt(async () => {
    await installPackages();
    await build();
    await installDebian(TEST_PACKAGES);
    if (stage === undefined) await runChecks();
    // Single stages may run beside each other.
    const run = new TestRun(stage === undefined ? { shared: sharedDirectories() } : {});
    Object.assign(process.env, run.env);
    try {
      for (const each of stage === undefined ? STAGES : [stage]) await attempt(() => runStage(each, pattern));
    } finally {
      tellLeftovers(await run.end());
    }
  });
  console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  return totals.failed === 0 ? 0 : 1;
});

/** What cannot be done at all counts as one failure; what does not depend on it continues. */
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    totals.failed++;
    if (error instanceof StepError) console.error(error.message);
    else if (!String(error.code).startsWith('ORD-')) console.error(error);
    else console.error([`${error.message}  [${error.code}]`, ...error.detail].join('\n  '));
  }
}

/** Whatever the tests left behind counts as one failure. */
function tellLeftovers(found) {
  if (found.length === 0) return;
  totals.failed++;
  console.error(['✖ the tests left behind', ...found].join('\n    '));
}

/** What needs no tests to be wrong. A check that fails counts as one failure. */
async function runChecks() {
  const checks = {
    lint: [join(root, 'node_modules/.bin/biome'), 'ci', '--colors=off', '.'],
    imports: [process.execPath, join(root, 'scripts/check-imports.mjs')],
    reference: [process.execPath, join(root, 'scripts/reference.mjs'), '--check'],
    crds: [process.execPath, join(root, 'scripts/crds.mjs'), '--check'],
  };
  for (const [name, argv] of Object.entries(checks)) {
    const { code, output } = await capture(argv, { cwd: root });
    if (code === 0) continue;
    totals.failed++;
    console.error(`✖ ${name}\n${output}`);
  }
  console.log('checks  types, lint, imports, reference, crds');
}

async function runStage(stage, pattern) {
  const files = testFiles(stage, pattern);
  if (files.length === 0) {
    console.log(`${stage.padEnd(8)}no tests`);
    return;
  }
  if (ROOT_STAGES.includes(stage) && process.getuid?.() !== 0) {
    throw new StepError(`the ${stage} tests need root`);
  }
  const start = performance.now();
  const results = await readTests(stage, files);
  for (const skip of results.skips) console.log(`skipped ${skip}`);
  const { passed, failed, skipped } = results;
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  console.log(`${stage.padEnd(8)}${counts}, ${span(performance.now() - start)}`);
  for (const name of Object.keys(totals)) totals[name] += results[name];
}

/** What runs the files of a stage. */
async function runnerOf(stage) {
  if (stage === 'lab') return (await import('./lab-tests.mjs')).runTests;
  const { runTests } = await import('./host-tests.mjs');
  if (stage === 'host') return (files, ...more) => prepareFor(files).then(() => runTests(files, ...more));
  if (stage === 'unit') return runTests;
  const { withTestCluster, withTestNode } = await import('./cluster/test-cluster.mjs');
  const within = stage === 'node' ? withTestNode : withTestCluster;
  return (files, listeners, options) => within((env) => runTests(files, listeners, { ...options, env }));
}

/** Tests of the lab on the host boot VMs of their own. */
async function prepareFor(files) {
  if (!files.some((file) => file.startsWith(join(root, 'packages/lab/')))) return;
  const { prepareLab } = await import('./boot-lab.mjs');
  await prepareLab();
}

/** Runs a stage. A VM that gets stuck is reported, and its tests run again in a fresh one; a second time is a failure. */
async function readTests(stage, files) {
  const lab = await import('./lab-tests.mjs');
  const runTests = await runnerOf(stage);
  for (let again = false; ; again = true) {
    const results = new TestResults((text) => console.log(text.trimEnd()));
    const listeners = {
      onEvents: (chunk) => results.write(chunk),
      onNoise: (chunk) => results.noise(chunk),
    };
    const options = {
      what: `running the ${stage} tests`,
      serial: SERIAL_STAGES.includes(stage),
      ...TIMES[stage],
    };
    try {
      results.end(await runTests(files, listeners, options));
    } catch (error) {
      if (again || !(error instanceof lab.VmStuck)) throw error;
      console.log(`the VM got stuck after "${results.last}"; once more in a fresh one\n${error.message}`);
      continue;
    }
    return results;
  }
}
