// What fio does, and how a table calls it.

/** @returns {import('./fio.mjs').Load[]} */
export function loads({ direct }) {
  const kinds = [
    { kind: 'randread', block: '4k' },
    { kind: 'randwrite', block: '4k' },
    { kind: 'read', block: '128k' },
    { kind: 'write', block: '128k' },
  ];
  return kinds.flatMap((kind) => [1, 8].map((jobs) => ({ ...kind, direct, jobs })));
}

const NAMES = {
  randread: 'random reads',
  randwrite: 'random writes',
  read: 'sequential reads',
  write: 'sequential writes',
};

export function loadName({ kind, block, direct, jobs, fsync }) {
  const synced = fsync ? `, an fsync each ${fsync}` : '';
  return `${block} ${NAMES[kind]}${synced}, ${direct ? 'direct' : 'buffered'}, ${jobs === 1 ? '1 job' : `${jobs} jobs`}`;
}
