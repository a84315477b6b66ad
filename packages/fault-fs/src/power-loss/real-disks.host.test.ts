import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { numbers } from '../conformance/random-operations.js';
import { cannotIsSkip } from '../testing/cannot-is-skip.js';
import { judge } from '../testing/crash-model/crash-state.js';
import { CrashingDisk, KINDS, type Kind } from '../testing/crash-model/crashing-disk.js';
import { RandomChanges } from '../testing/crash-model/random-changes.js';

/** Of each file system. A thorough run: `ORDEAL_DISK_CUTS=100 npm test -- host real-disks`. */
const CUTS = Number(process.env.ORDEAL_DISK_CUTS ?? 3);
const CHANGES = 30;

for (const kind of Object.keys(KINDS) as Kind[]) {
  test(`a cut can leave what ${kind} leaves after a power failure`, async (t) => {
    process.umask(0);
    const scratch = mkdtempSync(join(tmpdir(), 'ordeal-disks-'));
    const impossible: string[] = [];
    const seen = { asStrict: 0, asOrdered: 0, between: 0, lost: 0 };
    try {
      if (!formatted(t, kind, join(scratch, 'template'))) return;
      for (let seed = 1; seed <= CUTS; seed++) {
        const { strict, ordered, lost } = await crashOnce(join(scratch, 'template'), seed);
        if (strict.verdict === 'impossible') impossible.push(strict.wrong.join('\n'));
        else if (strict.verdict === 'between') seen.between++;
        else seen.asStrict++;
        if (ordered.verdict === 'possible') seen.asOrdered++;
        if (lost) seen.lost++;
      }
    } finally {
      rmSync(scratch, { recursive: true });
    }
    assert.equal(impossible.join('\n\n'), '', `${impossible.length} of ${CUTS} cuts`);
    t.diagnostic(`${kind}, ${CUTS} cuts: ${JSON.stringify(seen)}`);
  });
}

function formatted(t: TestContext, kind: Kind, path: string): boolean {
  try {
    CrashingDisk.format(kind, path);
    return true;
  } catch (error) {
    cannotIsSkip(t, error);
    return false;
  }
}

async function crashOnce(template: string, seed: number) {
  const random = numbers(seed);
  const disk = await CrashingDisk.start(template);
  try {
    const changes = new RandomChanges(disk.root, random);
    for (let count = random(CHANGES); count >= 0; count--) {
      changes.make();
      if (random(4) === 0) disk.writeBack(changes.somePath(), random);
    }
    const found = await disk.crash(seed);
    const [strict, ordered] = [false, true].map((each) => judge(found, changes, each));
    assert.ok(strict && ordered);
    strict.wrong.unshift(`stream ${seed}:`, ...changes.done);
    const now = changes.names.paths.map((path) => changes.files.get(changes.names.at(path) ?? 0)?.now);
    const left = changes.names.paths.map((path) => found.contents.get(path));
    const lost = left.some((bytes, index) => !bytes?.equals(now[index] ?? Buffer.alloc(0)));
    return { strict, ordered, lost };
  } finally {
    await disk.close();
  }
}
