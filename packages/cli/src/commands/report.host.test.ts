import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DetachedOrdeal } from '../testing/detached-ordeal.js';
import { HostWriter } from '../testing/host-writer.js';
import { ioChaos, OrdealRun } from '../testing/ordeal-run.js';

const badWrites = (volume: string) =>
  `action: fault\nerrno: 5\nmethods: [write]\npercent: 50\nvolumePath: '${volume}'\n`;

async function onStage(body: (writer: HostWriter, directory: string) => Promise<void>): Promise<void> {
  const writer = new HostWriter();
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-report-'));
  try {
    await body(writer, directory);
  } finally {
    writer.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

test('--report writes what happened in a run into one file', () =>
  onStage(async (writer, directory) => {
    const path = join(directory, 'run.html');
    const run = new OrdealRun(ioChaos(badWrites(writer.volume)), [
      ...['--pid', String(writer.pid), '--interval', '100ms', '--report', path],
    ]);
    try {
      for (let turn = 1; ; turn++) {
        const { counters } = await run.told('counters', turn);
        if ((counters as { fired: number }).fired > 0) break;
      }
      assert.ok(!existsSync(path));
      run.signal('SIGINT');
      assert.equal(await run.ended, 0, run.text);
      const page = readFileSync(path, 'utf8');
      const { counters } = await run.told('lifted');
      assert.match(page, /<p class="outcome ok">[1-9][\d ]* faults?<\/p>/);
      assert.match(page, new RegExp(`faults: ${(counters as { fired: number }).fired} in all`));
      assert.match(page, /<td>write<\/td>/);
      assert.match(page, /sudo ordeal run \S+io\.yaml --pid \d+ --interval 100ms/);
      assert.ok(page.includes(writer.volume));
      await run.assertNothingLeft();
    } finally {
      run.close();
    }
  }));

test('a report that cannot be written is refused before anything is armed', () =>
  onStage(async (writer, directory) => {
    for (const path of [join(directory, 'not/there.html'), directory]) {
      const run = new OrdealRun(ioChaos(badWrites(writer.volume)), [
        ...['--pid', String(writer.pid), '--report', path],
      ]);
      try {
        assert.equal(await run.ended, 1);
        assert.match(run.text, /cannot be written: (ENOENT|it is a directory) {2}\[ORD-902\]/);
        assert.deepEqual(run.all('armed'), []);
      } finally {
        run.close();
      }
    }
    await writer.assertBare();
  }));

test('the report of a detached run: while it goes on, and when it has ended', () =>
  onStage(async (writer, directory) => {
    const ordeal = new DetachedOrdeal();
    try {
      const file = ordeal.file(ioChaos(badWrites(writer.volume)));
      await ordeal.tell('run', '--detach', file, '--pid', String(writer.pid), '--duration', '1h');
      let page = '';
      while (!/active: [1-9]/.test(page)) page = await ordeal.tell('report', 'faults');
      assert.match(page, /<p class="outcome ok">active: [1-9][\d ]* faults? so far<\/p>/);
      assert.match(page, /sudo ordeal run \S+io\.yaml --detach --pid \d+ --duration 1h --seed \d+/);
      await ordeal.tell('stop', 'faults');
      const path = join(directory, 'faults.html');
      assert.equal(await ordeal.tell('report', 'faults', '-o', path), '');
      const last = readFileSync(path, 'utf8');
      const [, faults = ''] = /<p class="outcome ok">lifted, stopped: ([\d ]+) faults?</.exec(last) ?? [];
      assert.ok(last.includes(`faults, faults: ${faults.replaceAll(' ', '')} in all`), last);
      assert.match(last, /<td>write<\/td>/);
      const unknown = await ordeal.ask('report', 'fault');
      assert.match(unknown.err, /No run is called 'fault'.*ORD-856.*\n {2}Did you mean faults\?/);
      await ordeal.assertNothingLeft();
    } finally {
      ordeal.close();
    }
  }));
