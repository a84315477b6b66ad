import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../testing/eventually.js';
import { HostWriter, type HostWriterOptions } from '../testing/host-writer.js';
import { ioChaos, OrdealRun } from '../testing/ordeal-run.js';

interface Place extends HostWriterOptions {
  /** What the document says; default: the volume. */
  readonly volumePath?: (writer: HostWriter) => string;
  /** Something to look at while faults last. */
  readonly meanwhile?: (writer: HostWriter) => void;
  /** How many files of the volume the writer keeps open. Default: its log and its map. */
  readonly files?: number;
  /** The directory of the log. Default: the volume. */
  readonly directory?: (writer: HostWriter) => string;
}

const PLACES: Readonly<Record<string, Place>> = {
  'an ordinary directory': {},
  'a single file': { volumePath: ({ volume }) => join(volume, 'log'), files: 1 },
  'a path with spaces': { volume: 'my very own/data of mine' },
  'a symbolic link': {
    setUp: 'ln -s "$VOLUME" "$VOLUME.link"',
    volumePath: ({ volume }) => `${volume}.link`,
  },
  'a path that ends with slashes': { volumePath: ({ volume }) => `${volume}//` },
  'the root of a mount': { setUp: 'mount -t tmpfs none "$VOLUME"' },
  'a directory of a mount': {
    volume: 'mounted/data',
    setUp: 'mount -t tmpfs none "$(dirname "$VOLUME")"; mkdir "$VOLUME"',
  },
  'a mount in a read-only directory': {
    volume: 'mounted/data',
    setUp: `mount -t tmpfs none "$(dirname "$VOLUME")"; mkdir "$VOLUME"; mount -t tmpfs none "$VOLUME"
      mount -o remount,ro "$(dirname "$VOLUME")"`,
  },
  'a directory of a shared mount': {
    setUp: 'mount --bind "$(dirname "$VOLUME")" "$(dirname "$VOLUME")"',
    propagation: 'shared',
  },
  'the root of a shared mount': { setUp: 'mount -t tmpfs none "$VOLUME"', propagation: 'shared' },
  'a volume with a file system mounted below it, where the files are': {
    setUp: 'mkdir "$VOLUME/below"; mount -t tmpfs none "$VOLUME/below"; ln -s below/log "$VOLUME/log"',
    program: '"$WRITER" "$VOLUME/below" "$NOTES"',
    directory: ({ volume }) => join(volume, 'below'),
    meanwhile(writer) {
      assert.equal(writer.run('ls "$VOLUME/below"'), 'log\nmap\n');
      writer.run('touch "$VOLUME/below/new" && rm "$VOLUME/below/new"');
    },
  },
};

for (const [name, { volumePath, meanwhile, files = 2, directory, ...options }] of Object.entries(PLACES)) {
  test(`${name}: covered for everybody in the namespace, there at every moment, and as before`, async () => {
    const writer = new HostWriter(options);
    const path = volumePath?.(writer) ?? writer.volume;
    const log = join(directory?.(writer) ?? writer.volume, 'log');
    const document = ioChaos(
      `action: fault\nerrno: EIO\nmethods: [write]\npercent: 50\nvolumePath: '${path}'`,
    );
    const run = new OrdealRun(document, ['--pid', String(writer.pid)]);
    try {
      await eventually('it writes', () => writer.lines(log) > 10);
      const before = sightOf(writer);
      const armed = await run.told('armed');
      // Now and then the writer has its log open once more.
      const moved = new RegExp(`^fault file system, (?:${files}|${files + 1}) open files? of 1 process`);
      assert.match(String(armed.mechanism), moved);
      assert.equal(writer.covers.length, 1);
      assert.deepEqual(run.all('note'), []);
      meanwhile?.(writer);
      await eventually('a fault', () => {
        const { 'write EIO': bad = 0, ...others } = writer.notes();
        assert.deepEqual(others, {}, 'nothing is missing at any moment');
        return bad > 0;
      });
      assert.deepEqual(listing(writer), before.listing);
      run.signal('SIGINT');
      assert.equal(await run.ended, 0, run.text);
      const { 'write EIO': _, ...others } = writer.notes();
      assert.deepEqual(others, {});
      assert.deepEqual(sightOf(writer), before);
      await writer.assertBare(() => writer.lines(log));
      await run.assertNothingLeft();
    } finally {
      run.close();
      writer.close();
    }
  });
}

/** What must be the same before and after: mounts, names around the volume, and where the descriptors are. */
function sightOf(writer: HostWriter) {
  const numbers = readdirSync(`/proc/${writer.pid}/fd`).map(Number);
  const mountOf = (number: number) =>
    /^mnt_id:\s*(\d+)/m.exec(readFileSync(`/proc/${writer.pid}/fdinfo/${number}`, 'utf8'))?.[1];
  return {
    // That of the reader of /proc itself may come and go.
    descriptors: numbers.filter((number) => number < 10).map((number) => [number, mountOf(number)]),
    mounts: readFileSync(`/proc/${writer.pid}/mountinfo`, 'utf8')
      .split('\n')
      .filter((line) => line.includes(writer.directory)),
    listing: listing(writer),
  };
}

function listing(writer: HostWriter): string {
  const below = `/proc/${writer.pid}/root${dirname(writer.volume)}`;
  return execFileSync('ls', ['-A', below, `/proc/${writer.pid}/root${writer.directory}`], {
    encoding: 'utf8',
  });
}
