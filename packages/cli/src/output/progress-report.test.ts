import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordedOutput } from '../testing/recorded-output.js';
import { ProgressReport } from './progress-report.js';

test('short steps say nothing', () => {
  const output = recordedOutput();
  let now = 0;
  const report = new ProgressReport(output.err, () => now);
  report.listener({ step: 'boot', stage: 'start' });
  now = 1500;
  report.finish();
  assert.equal(output.stderr(), '');
});

test('long steps say each stage once, then that they are done', () => {
  const output = recordedOutput();
  let now = 0;
  const report = new ProgressReport(output.err, () => now);
  for (; now < 100_000; now += 1000) {
    const stage = now < 10_000 ? 'unpack' : 'compile';
    report.listener({ step: 'kernel', stage, fraction: now / 100_000, etaSeconds: 100 - now / 1000 });
  }
  report.listener({ step: 'boot', stage: 'start' });
  report.finish();
  assert.equal(
    output.stderr(),
    `building the lab kernel: unpack, 2 %, about 1 min 38 s left
building the lab kernel: compile, 10 %, about 1 min 30 s left
building the lab kernel: compile, 40 %, about 1 min left
building the lab kernel: compile, 70 %, about 30 s left
building the lab kernel: done in 1 min 40 s
`,
  );
});

test('a failed step takes its live line away', () => {
  const output = recordedOutput(true);
  let now = 0;
  const report = new ProgressReport(output.err, () => now);
  report.listener({ step: 'kernel', stage: 'unpack' });
  now = 3000;
  report.listener({ step: 'kernel', stage: 'compile', fraction: 0.5 });
  report.abandon();
  assert.equal(output.stderr(), '\r\x1b[Kbuilding the lab kernel: compile, 50 %\r\x1b[K');
});
