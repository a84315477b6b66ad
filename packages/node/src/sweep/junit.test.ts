import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SUBJECT, sampleRun, sampleState } from '../testing/sample-runs.js';
import { escapeXml, stateAsJunit } from './junit.js';

test('a test case for each site; unacceptable outcomes fail', () => {
  const state = sampleState(
    [
      sampleRun(1, 'not started', ['bprm_execve'], { words: 'exit 126' }),
      sampleRun(2, 'survives', ['a', 'b<c>']),
      sampleRun(3, 'clean error', ['d'], { words: 'exit 1, "no"' }),
      sampleRun(4, 'signal', ['e', 'f'], {
        words: 'SIGSEGV',
        lastLines: ['<last> & "words"'],
        elapsedMs: 1500,
      }),
      sampleRun(5, 'survives', ['e', 'f']),
      sampleRun(6, 'kernel', [], { words: 'WARNING: x', thread: '', kernelLog: ['WARNING: x'] }),
      sampleRun(7, 'no fault', []),
    ],
    { subject: { ...SUBJECT, command: ['./parser', '<&>'] } },
  );
  assert.equal(
    stateAsJunit(state),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="5" failures="2" errors="0" skipped="1" time="1.234">
<testsuite name="slab allocations of ./parser &#60;&#38;&#62;" tests="5" failures="2" errors="0" skipped="1" time="1.234">
<testcase classname="slab allocations" name="unknown stack" time="0.010"><failure type="kernel" message="kernel: WARNING: x">run 6: kernel: WARNING: x
runs at this site: 6
WARNING: x</failure></testcase>
<testcase classname="slab allocations" name="e &#60; f" time="1.510"><failure type="signal" message="signal: SIGSEGV">run 4 in parser: signal: SIGSEGV
runs at this site: 4, 5
&#60;last&#62; &#38; &#34;words&#34;</failure></testcase>
<testcase classname="slab allocations" name="d" time="0.010"/>
<testcase classname="slab allocations" name="bprm_execve" time="0.010"><skipped message="exit 126"/></testcase>
<testcase classname="slab allocations" name="a &#60; b&#60;c&#62;" time="0.010"/>
</testsuite>
</testsuites>
`,
  );
});

test('the text is well-formed XML 1.0, whatever the command prints', () => {
  assert.equal(escapeXml('a\0\x1b[31mb\n\t\r\'"\ud800\ufffe😀'), 'a��[31mb&#10;&#9;&#13;&#39;&#34;��😀');
  const wild = fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  });
  fc.assert(
    fc.property(wild, (text) => {
      const escaped = escapeXml(text);
      // A Char of XML 1.0 that needs no escaping.
      assert.match(escaped, /^[\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
      assert.doesNotMatch(escaped.replace(/&#\d+;/g, ''), /[<>&"'\n]/);
    }),
  );
});
