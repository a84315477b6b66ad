// npm test: types, lint, import directions, generated reference, then unit, host and lab tests. The last line is the
// totals. `npm test -- unit|host|lab [PATTERN]` runs one stage, or the tests of it whose path contains PATTERN.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build, installPackages, requireNode } from './prepare.mjs';
import { root } from './root.mjs';
import { capture, main, StepError, span } from './step.mjs';
import { LastWords, TapReader } from './tap.mjs';
import { testFiles } from './test-files.mjs';

const MINUTE = 60_000;
/** The longest that each stage may take; the lab's own preparations come on top. */
const LIMITS = { unit: 10 * MINUTE, host: 10 * MINUTE, lab: 20 * MINUTE };
const USUAL = { unit: '20 s', host: '3 min', lab: '3 min' };
const STAGES = Object.keys(LIMITS);

const totals = { passed: 0, failed: 0, skipped: 0 };

await main(async () => {
  const [stage, pattern] = process.argv.slice(2);
  if (stage !== undefined && !STAGES.includes(stage)) {
    throw new StepError('usage: npm test [-- unit|host|lab [PATTERN]]');
  }
  requireNode();
  try {
    await installPackages();
    await build();
    if (stage === undefined) await runChecks();
    for (const each of stage === undefined ? STAGES : [stage]) await runStage(each, pattern);
  } catch (error) {
    totals.failed++;
    console.error(error instanceof StepError ? error.message : error);
  }
  console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  return totals.failed === 0 ? 0 : 1;
});

/** What needs no tests to be wrong. A check that fails counts as one failure. */
async function runChecks() {
  const checks = {
    lint: [join(root, 'node_modules/.bin/biome'), 'ci', '.'],
    rooms: [process.execPath, join(root, 'scripts/check-rooms.mjs')],
    reference: [process.execPath, join(root, 'scripts/reference.mjs'), '--check'],
  };
  for (const [name, argv] of Object.entries(checks)) {
    const { code, output } = await capture(argv, { cwd: root });
    if (code === 0) continue;
    totals.failed++;
    console.error(`✖ ${name}\n${output}`);
  }
  console.log('checks  types, lint, rooms, reference');
}

async function runStage(stage, pattern) {
  const files = testFiles(stage, pattern);
  if (files.length === 0) {
    console.log(`${stage.padEnd(8)}no tests`);
    return;
  }
  if (stage !== 'unit' && process.getuid?.() !== 0) {
    throw new StepError(`the ${stage} tests need root`);
  }
  const start = performance.now();
  const reader = new TapReader((text) => console.log(text.trimEnd()));
  const noise = new LastWords();
  const run = stage === 'lab' ? inLab : onHost;
  const problem = await step(`running the ${stage} tests`, USUAL[stage], () =>
    run(stage, files, reader, noise),
  );
  reader.end(problem);
  if (reader.failed > 0 && noise.text) console.error(`standard error of the ${stage} tests:\n${noise.text}`);
  for (const skip of reader.skips) console.log(`skipped ${skip}`);
  const { passed, failed, skipped } = reader;
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  console.log(`${stage.padEnd(8)}${counts}, ${span(performance.now() - start)}`);
  for (const name of Object.keys(totals)) totals[name] += reader[name];
}

/** Boots the lab and runs test files there. @returns {Promise<string>} why it ended early, or an empty text */
async function inLab(stage, files, reader, noise) {
  const { runLabTests } = await import('./lab-tests.mjs');
  const listeners = { onTap: (chunk) => reader.write(chunk), onNoise: (chunk) => noise.add(chunk) };
  return await runLabTests(files, listeners, LIMITS[stage]);
}

/** Runs test files with Node's own runner. @returns {Promise<string>} why it ended early, or an empty text */
function onHost(stage, files, reader, noise) {
  const serial = stage === 'host' ? ['--test-concurrency=1'] : [];
  const argv = ['--test', '--test-reporter=tap', ...serial, ...files];
  // A group of its own, so that a test that hangs goes with all its children.
  const child = spawn(process.execPath, argv, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let late = false;
  const guard = setTimeout(() => {
    late = true;
    process.kill(-child.pid, 'SIGKILL');
  }, LIMITS[stage]);
  const stop = () => process.kill(-child.pid, 'SIGTERM');
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
  child.stdout.setEncoding('utf8').on('data', (chunk) => reader.write(chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk) => noise.add(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(guard);
      for (const name of ['SIGINT', 'SIGTERM']) process.off(name, stop);
      resolve(
        late
          ? `the ${stage} tests took longer than ${span(LIMITS[stage])}`
          : signal
            ? `ended by ${signal}`
            : code > 1
              ? `ended with ${code}`
              : '',
      );
    });
  });
}
