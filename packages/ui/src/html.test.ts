import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { html } from './html.js';

test('texts are escaped, HTML is not', () => {
  const inner = html`<b>${'1 < 2 & "3"'}</b>`;
  assert.equal(
    html`<p title="${"it's"}">${inner}${[inner]}${7}</p>`.toString(),
    [
      '<p title="it&#39;s">',
      '<b>1 &lt; 2 &amp; &quot;3&quot;</b>',
      '<b>1 &lt; 2 &amp; &quot;3&quot;</b>',
      '7</p>',
    ].join(''),
  );
});

test('control characters and changes of direction are shown, not obeyed', () => {
  assert.equal(html`${'a\0b\x1b[1mc\u202ed\r\n'}`.toString(), 'a␀b␛[1mc\ufffdd\n');
});

test('no text ends an element or an attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(html`${text}`.toString(), /[<>"']/);
    }),
  );
});
