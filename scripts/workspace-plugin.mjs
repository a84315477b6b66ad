import { readFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { root } from './root.mjs';

/** Put before bundled modules: those that were CommonJS still ask for Node's own modules by `require`. */
export const CREATE_REQUIRE =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/** How a module names a program: a bundle, or a module beside itself. */
const PROGRAM = /new URL\('((?:\.\.?\/)+[\w/-]+)\.c?js', import\.meta\.url\)/g;

/**
 * For esbuild. Our own modules do nothing when they are imported, so unused ones are left out. Modules that look for files beside
 * themselves keep the place they were compiled to, or, in a complete bundle, find them below its directory where they are in the repository.
 *
 * @param {string} outdir the directory that the bundle is written to
 * @param {{ programs?: readonly string[], complete?: boolean }} bundle `programs`: the names of those in it, NAME.cjs; `complete`:
 *   it does not need the packages
 */
export const workspaces = (outdir, { programs = [], complete = false } = {}) => ({
  name: 'workspaces',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^koffi$/ }, () => ({ path: 'koffi', external: true, sideEffects: false }));
    onResolve({ filter: /^@ordeal\// }, ({ path }) => ({
      path: join(root, 'packages', path.slice('@ordeal/'.length), 'dist/index.js'),
      sideEffects: false,
    }));
    onResolve({ filter: /^\./ }, ({ path, resolveDir, kind }) =>
      kind !== 'entry-point' && resolveDir.startsWith(join(root, 'packages'))
        ? { path: resolve(resolveDir, path), sideEffects: false }
        : undefined,
    );
    onLoad({ filter: /\/packages\/[^/]+\/dist\/.*\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes('import.meta.url')) return undefined;
      const place = JSON.stringify(complete ? `./${relative(root, path)}` : relative(outdir, path));
      const contents = text
        .replace(PROGRAM, (whole, file) =>
          programs.includes(basename(file)) ? `new URL('./${basename(file)}.cjs', HERE)` : whole,
        )
        .replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`)
        .replaceAll("', HERE)", "', import.meta.url)");
      return { contents, loader: 'js' };
    });
  },
});
