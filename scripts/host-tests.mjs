import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './root.mjs';
import { Interrupted, span, step } from './step.mjs';

/**
 * Runs test files with Node's own runner.
 *
 * @param {string[]} files
 * @param {{ onEvents: (chunk: string) => void, onNoise: (chunk: string) => void }} listeners
 * @param {{ what: string, usual: string, limitMs: number, serial: boolean, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<string>} why it ended early, or an empty text
 * @throws Interrupted after SIGINT or SIGTERM
 */
export function runTests(files, { onEvents, onNoise }, { what, usual, limitMs, serial, env }) {
  const flags = [
    ...['--import', script('leak-check.mjs'), '--test', '--test-reporter', script('test-events.mjs')],
    ...(serial ? ['--test-concurrency=1'] : []),
  ];
  // A group of its own, so that a test that hangs goes with all its children.
  const child = spawn(process.execPath, [...flags, ...files], {
    cwd: root,
    // A test that runs this is not part of the inner run.
    env: { ...process.env, ...env, NODE_TEST_CONTEXT: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  child.stdout.setEncoding('utf8').on('data', onEvents);
  child.stderr.setEncoding('utf8').on('data', onNoise);
  return step(what, usual, () => ending(child, limitMs));
}

const script = (name) => pathToFileURL(join(root, 'scripts', name)).href;

function ending(child, limitMs) {
  let late = false;
  const kill = (signal) => process.kill(-child.pid, signal);
  const guard = setTimeout(() => {
    late = true;
    kill('SIGKILL');
  }, limitMs);
  let interrupted;
  const stop = (signal) => {
    interrupted = signal;
    kill('SIGTERM');
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(guard);
      for (const name of ['SIGINT', 'SIGTERM']) process.off(name, stop);
      if (interrupted) reject(new Interrupted(interrupted));
      else if (late) resolve(`the tests took longer than ${span(limitMs)}`);
      else if (signal) resolve(`the tests were ended by ${signal}`);
      // 1 says that tests failed, which their own lines say better.
      else resolve(code > 1 ? `the tests ended with exit code ${code}` : '');
    });
  });
}
