import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { renderReport } from './render-report.js';
import type { Report } from './report.js';

/** A report in which every text is this one. */
const reportOf = (text: string): Report => ({
  title: text,
  outcome: { kind: 'failed', words: text },
  facts: [[text, text]],
  experiments: [
    { name: text, summary: text, rows: [[text, text]], tables: [{ head: [text], rows: [[text]] }] },
  ],
  faults: [{ name: text, bins: { since: 0, width: 1000, counts: [1, 0, 3] } }],
  story: [{ at: '2026-01-01T12:04:11.123Z', text }],
  processes: [text],
  documents: [text],
  repeat: text,
});

/** Elements and the names of their attributes, in order. */
const skeleton = (page: string) =>
  [...page.matchAll(/<([^>]*)>/g)].map(([, tag = '']) => tag.replace(/"[^"]*"/g, '""'));

test('a report has everything that is known of a run', () => {
  const page = renderReport({
    ...reportOf('x'),
    title: 'slow-writes',
    repeat: 'sudo ordeal run slow.yaml --pid 7',
    documents: ['kind: IOChaos\n'],
  });
  assert.match(page, /<h1>slow-writes<\/h1>/);
  assert.match(page, /<td>12:04:11\.123<\/td>/);
  assert.match(page, /sudo ordeal run slow\.yaml --pid 7/);
  assert.match(page, /kind: IOChaos\n/);
  assert.match(page, /aria-label="x, faults: 4 in all, at most 3 a second"/);
});

test('it loads nothing and runs nothing', () => {
  const page = renderReport(reportOf('x'));
  assert.match(page, /default-src &#39;none&#39;; style-src &#39;sha256-[\w+/]{43}=&#39;; base-uri/);
  assert.doesNotMatch(page, /<(script|link|img|iframe)|src=|href=|url\(|@import/);
});

test('no text of a document can break out of its place', () => {
  const expected = skeleton(renderReport(reportOf('x')));
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(
        fc.constantFrom(
          '<',
          '>',
          '"',
          "'",
          '&',
          '--',
          '</pre>',
          '</style>',
          '<script>',
          '<!--',
          ']]>',
          '=',
          ' ',
          '\0',
          'a',
        ),
        { maxLength: 30 },
      )
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(hostile, (text) => assert.deepEqual(skeleton(renderReport(reportOf(text))), expected)),
  );
});
