import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { eventually, pause, TwoMounts } from './testing/two-mounts.js';

/** Every thread's numbers in a file must be 0, 1, 2 … with nothing missing, doubled, torn or out of order. */
function checkedLines(text: string): number {
  const next = new Map<string, number>();
  const lines = text.split('\n').slice(0, -1);
  for (const line of lines) {
    const [thread = '', number] = line.split(' ');
    assert.match(line, /^\d+ \d+$/);
    assert.equal(Number(number), next.get(thread) ?? 0, `thread ${thread}`);
    next.set(thread, Number(number) + 1);
  }
  return lines.length;
}

test('a writer with 4 threads and an alarm every millisecond loses no line in 20 moves there and back', async (t) => {
  const mounts = new TwoMounts();
  try {
    const pid = mounts.start(mounts.compile('append-writer'), mounts.path('old'), '4');
    await eventually('the writer writes', () => readdirSync(mounts.path('files')).length === 3);
    const stops: number[] = [];
    for (let turn = 0; turn < 40; turn++) {
      const report = mounts.run(turn % 2 === 0 ? 'there' : 'back');
      assert.deepEqual(report.left, []);
      assert.equal(report.processes[0]?.descriptors, 3);
      stops.push(...(report.processes[0]?.stopsMs ?? []));
      await pause(20);
    }
    process.kill(pid, 'SIGTERM');
    await eventually('the writer ends', () => readFileSync(mounts.path('output'), 'utf8') !== '');
    const result = readFileSync(mounts.path('output'), 'utf8');
    const [lines = 0, alarms = 0, errors = -1] = [...result.matchAll(/\d+/g)].map(Number);
    assert.equal(errors, 0);
    assert.ok(alarms > 100, `${alarms} alarms`);
    const found = readdirSync(mounts.path('files')).map((name) =>
      checkedLines(readFileSync(mounts.path('files', name), 'utf8')),
    );
    assert.equal(
      found.reduce((sum, count) => sum + count, 0),
      lines,
    );
    stops.sort((a, b) => a - b);
    const at = (share: number) => stops[Math.floor(share * (stops.length - 1))]?.toFixed(2);
    t.diagnostic(`${lines} lines; stopped for ${at(0.5)} ms (median), ${at(1)} ms (longest)`);
  } finally {
    mounts.close();
  }
});
