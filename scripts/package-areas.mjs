/**
 * The areas of packages: directories, each with those that it may import from. Files beside the areas of a package, or of an
 * area, may be imported by all of them, and import all.
 */
const areas = {
  'fault-fs': {
    nodes: ['locks'],
    locks: ['nodes'],
    backing: ['nodes'],
    offload: ['backing'],
    'power-loss': ['nodes', 'backing'],
    rules: ['nodes', 'backing', 'power-loss'],
    operations: ['nodes', 'locks', 'backing', 'offload'],
  },
  'io-chaos': {
    journal: [],
    server: [],
    mover: [],
    volume: ['journal'],
    recovery: ['journal', 'volume', 'mover'],
    keeper: ['journal', 'volume', 'mover', 'server'],
    owner: ['journal', 'volume', 'mover', 'server', 'keeper'],
  },
  ui: { browser: [], report: [], server: [] },
  fuse: { wire: [], session: ['wire'] },
  bpf: { asm: [], btf: [], object: ['asm', 'btf'] },
};

/**
 * Why a module must not import another of its package; empty where it may. Tests may import all.
 *
 * @param {string} file relative to the package's sources, as `target`
 */
export function objectionInside(pkg, file, target) {
  const drawn = areas[pkg];
  if (!drawn || /\.test\.ts$|(^|\/)testing/.test(file)) return '';
  const from = areaOf(drawn, file);
  const to = areaOf(drawn, target);
  if (!from || !to || isIn(from, to) || isIn(to, from)) return '';
  if (drawn[from].some((area) => isIn(to, area))) return '';
  if (parents(from).some((area) => drawn[area]?.some((each) => isIn(to, each)))) return '';
  return `there is no import allowed from ${pkg}/${from} to ${to}`;
}

/** The innermost area that a file is in. */
function areaOf(drawn, file) {
  return parents(file).find((directory) => directory in drawn);
}

function parents(path) {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
}

const isIn = (path, area) => path === area || path.startsWith(`${area}/`);
