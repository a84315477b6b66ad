// Holds the import directions between the packages and inside them (ARCHITECTURE.md), and what each may take from outside.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { objectionInside } from './package-areas.mjs';
import { root } from './root.mjs';

/** The arrows as drawn. Whatever an arrow leads to, directly or further on, may be imported. */
const arrows = {
  diagnostics: [],
  experiment: ['diagnostics'],
  linux: ['diagnostics'],
  bpf: ['linux'],
  fuse: ['linux'],
  'kernel-chaos': ['bpf', 'experiment'],
  'fault-fs': ['fuse', 'experiment'],
  // Its tests cover a path with a FUSE file system.
  cover: ['fuse'],
  move: ['linux'],
  'io-chaos': ['fault-fs', 'cover', 'move'],
  node: ['kernel-chaos', 'io-chaos'],
  supervisor: ['node'],
  lab: ['linux'],
  kube: ['diagnostics'],
  chart: ['kube'],
  controller: ['chart', 'experiment'],
  agent: ['supervisor', 'controller'],
  ui: ['diagnostics'],
  cli: ['lab', 'supervisor', 'controller', 'ui'],
};

/** npm packages that a package may import. */
const outside = {
  experiment: ['yaml'],
  linux: ['koffi'],
  kube: ['yaml'],
  chart: ['yaml'],
  cli: ['commander'],
};

/** npm packages for tests: no module that a package's index leads to may import them. */
const forTests = ['fast-check', 'pure-rand', 'croner', 'yaml', 'playwright-core', 'axe-core'];

/** Packages that are the same everywhere: nothing of Node, except in tests. */
const pure = new Set(['diagnostics', 'experiment']);

const complaints = [];
for (const pkg of readdirSync(join(root, 'packages'))) {
  if (!(pkg in arrows)) {
    complaints.push(`packages/${pkg}: not drawn; add it to scripts/check-imports.mjs and ARCHITECTURE.md`);
    continue;
  }
  const allowed = reachable(pkg);
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(root, 'packages', pkg, 'package.json'), 'utf8'),
  );
  // What is bundled is not installed with the package.
  const declared = { ...dependencies, ...devDependencies };
  const shipped = closure(join('packages', pkg, 'src/index.ts'));
  for (const file of sources(join('packages', pkg, 'src'))) {
    for (const { specifier, line } of imports(readFileSync(join(root, file), 'utf8'))) {
      const why = objection(pkg, { path: file, shipped: shipped.has(file) }, specifier, allowed, declared);
      if (why) complaints.push(`${file}:${line}: ${why}`);
    }
  }
}
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length === 0 ? 0 : 1;

function objection(pkg, { path: file, shipped }, specifier, allowed, declared) {
  if (specifier.startsWith('.')) {
    const path = join(file, '..', specifier);
    const source = join('packages', pkg, 'src');
    if (!path.startsWith(source)) return `'${specifier}' leads out of the package`;
    return objectionInside(pkg, relative(source, file), relative(source, path));
  }
  if (specifier.startsWith('node:')) {
    return pure.has(pkg) && shipped ? `${pkg} is pure and must not import ${specifier}` : '';
  }
  if (!specifier.startsWith('@ordeal/')) {
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
    if (!shipped && forTests.includes(name)) return '';
    return outside[pkg]?.includes(name) ? '' : `${pkg} must not import ${name}`;
  }
  const [, other = '', ...deep] = specifier.split('/');
  const forTest = /\.test\.ts$|\/testing\//.test(file) && deep.join('/') === 'testing';
  if (deep.length > 0 && !forTest)
    return `'${specifier}' goes past the entry point of ${other}; import @ordeal/${other}, or in tests @ordeal/${other}/testing`;
  if (!allowed.has(other)) return `there is no import allowed from ${pkg} to ${other}`;
  return `@ordeal/${other}` in declared
    ? ''
    : `packages/${pkg}/package.json does not declare @ordeal/${other}`;
}

/** The modules of a package that one of them leads to, itself included. */
function closure(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const { specifier } of imports(readFileSync(join(root, file), 'utf8'))) {
    if (specifier.startsWith('.')) closure(join(file, '..', specifier.replace(/\.js$/, '.ts')), found);
  }
  return found;
}

function reachable(pkg, found = new Set()) {
  for (const next of arrows[pkg]) {
    if (found.has(next)) continue;
    found.add(next);
    reachable(next, found);
  }
  return found;
}

/** Static and dynamic imports and re-exports, as Biome formats them. */
function* imports(text) {
  for (const match of text.matchAll(/(?:\bfrom|\bimport\(?)\s*'([^'\s$]+)'/g)) {
    yield { specifier: match[1], line: text.slice(0, match.index).split('\n').length };
  }
}

function sources(directory) {
  return readdirSync(join(root, directory), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(directory, name));
}
