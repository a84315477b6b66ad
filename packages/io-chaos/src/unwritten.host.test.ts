import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LiveInjection, type Player } from './testing/live-injection.js';
import { PuppetTarget } from './testing/puppet-target.js';

/**
 * Threads that count in records of a shared mapping, one a page, and see to it that each still has what they wrote
 * there: the mapping must never fall back to an older state of the file.
 */
const COUNTING = `
import mmap, threading
PAGES = 50; stopping = False; wrong = []; counts = [0] * PAGES
open(volume + "/records", "wb").write(bytes(4096 * PAGES - 100))
def count(first):
    # The file is closed: the mapping alone keeps it. Its last page is not whole.
    with open(volume + "/records", "r+b") as file: records = mmap.mmap(file.fileno(), 0)
    while not stopping:
        for page in range(first, PAGES, 2):
            at = page * 4096 + 8 * (page % 400)
            found = int.from_bytes(records[at:at + 8], "little")
            if found != counts[page]: wrong.append([page, found, counts[page]]); return
            counts[page] += 1; records[at:at + 8] = counts[page].to_bytes(8, "little")
        time.sleep(0.0005)
threads = [threading.Thread(target=count, args=(first,)) for first in (0, 1)]
for thread in threads: thread.start()
`;
const STOPPING = 'stopping = True; [thread.join() for thread in threads]; result = [wrong, counts]';

async function count(
  victims: readonly Player[],
  spec: object,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<void> {
  const target = new PuppetTarget();
  await target.run(COUNTING);
  const injection = new LiveInjection(target, { spec });
  /** Waits until each page has been counted on by so much. */
  const countedBy = async (more: number) => {
    const least = async () => (await target.run('result = min(counts)')) as number;
    const enough = (await least()) + more;
    while ((await least()) < enough);
  };
  try {
    await injection.arm();
    await countedBy(100);
    injection.kill(...victims);
    await meanwhile();
    if (victims.includes('keeper')) {
      const [result] = (await injection.recover()) ?? [];
      assert.equal(result?.outcome, 'recovered', result?.did.join('; '));
    }
    await injection.assertGone();
    const [wrong, counts] = (await target.run(STOPPING)) as [unknown, number[]];
    assert.deepEqual(wrong, []);
    assert.ok(Math.min(...counts) > 50, `counted to ${Math.min(...counts)}`);
    const file = readFileSync(target.path('data', 'records'));
    assert.equal(file.length, 4096 * 50 - 100);
    const stored = counts.map((_, page) => Number(file.readBigUInt64LE(page * 4096 + 8 * (page % 400))));
    assert.deepEqual(stored, counts);
  } finally {
    injection.close();
  }
}

const FAULTS = { action: 'fault', errno: 5, methods: ['read', 'write'], percent: 1, path: undefined };

test('the server is killed: what was written through a shared mapping is saved', () =>
  count(['server'], FAULTS));

test('everybody is killed: it is saved by a recovery', () => count(['owner', 'keeper', 'server'], FAULTS));

test('everybody is killed, and the kernel tries to write it back: it is saved by a recovery', () =>
  count(['owner', 'keeper', 'server'], FAULTS, async () => {
    execFileSync('sync');
  }));

test('nobody is killed: it is written by the server', () => count(['owner'], FAULTS));
