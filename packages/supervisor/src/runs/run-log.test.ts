import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RunLog } from './run-log.js';

test('the newest events are kept, in order and in a bounded room', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-log-'));
  try {
    const log = new RunLog(join(directory, 'run.log'));
    assert.deepEqual(log.read(), []);
    const count = 30_000;
    for (let number = 0; number < count; number++)
      log.append({ at: '2026-01-01T00:00:00.000Z', type: 'skipped', experiment: String(number) });
    const events = log.read().map((event) => (event.type === 'skipped' ? Number(event.experiment) : -1));
    assert.ok(events.length > 1000);
    const first = count - events.length;
    assert.ok(events.every((number, index) => number === first + index));
    const size = readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
    assert.ok(size < 1024 * 1024 + 200, String(size));
    // Torn by a crash.
    appendFileSync(join(directory, 'run.log'), '{"at":"20');
    assert.equal(log.read().length, events.length);
    log.remove();
    assert.deepEqual(readdirSync(directory), []);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
