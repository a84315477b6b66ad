import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';
import { quietly, StepError, step } from './step.mjs';

/** The oldest Node that works, as package.json says it. */
export function requireNode() {
  const wanted = readJson(join(root, 'package.json')).engines.node.replace('>=', '');
  const [major, minor, patch] = wanted.split('.').map(Number);
  const [haveMajor, haveMinor, havePatch] = process.versions.node.split('.').map(Number);
  const enough =
    haveMajor > major ||
    (haveMajor === major && (haveMinor > minor || (haveMinor === minor && havePatch >= patch)));
  if (!enough) throw new StepError(`Ordeal needs Node ${wanted} or newer; this is ${process.versions.node}.`);
}

/** Installs the npm packages of a directory with a lock file, unless they are there. */
export async function installPackages(directory = root) {
  if (installed(directory)) return;
  await step('installing npm packages', '10 s', () =>
    quietly(['npm', 'ci', '--no-audit', '--no-fund'], { cwd: directory }),
  );
}

/** Compiles and bundles what changed. */
export async function build() {
  await step('building', '5 s', () =>
    quietly([process.execPath, join(root, 'scripts/build.mjs')], { cwd: root }),
  );
}

/** npm keeps what it installed in a lock file of its own; packages for other platforms are not in it. */
function installed(directory) {
  let have;
  try {
    have = readJson(join(directory, 'node_modules/.package-lock.json')).packages;
  } catch {
    return false;
  }
  const wanted = Object.entries(readJson(join(directory, 'package-lock.json')).packages);
  return wanted.every(
    ([path, { version, optional, link }]) =>
      !path.startsWith('node_modules/') || (have[path] ? link || have[path].version === version : optional),
  );
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
