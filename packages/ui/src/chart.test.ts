import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { renderChart } from './chart.js';
import { CHART, chartPath } from './chart-path.js';

test('a chart is a line of steps, the highest of which touches the upper edge', () => {
  assert.equal(chartPath({ counts: [0, 2, 1] }), 'M0 80V80H200V0H400V40H600V80Z');
  assert.equal(chartPath({ counts: [0, 0] }), '');
  assert.equal(chartPath({ counts: [] }), '');
});

test('what it shows is said in words, too', () => {
  const text = renderChart('slow, faults', { since: 0, width: 2000, counts: [4, 0, 1] }).toString();
  assert.match(text, /aria-label="slow, faults: 5 in all, at most 2 a second"/);
  assert.match(text, /00:00:00.*00:00:06/);
});

test('every path stays inside its area', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 300 }), (counts) => {
      for (const [, axis, value] of chartPath({ counts }).matchAll(/([HV])([\d.]+)/g)) {
        assert.ok(Number(value) >= 0 && Number(value) <= (axis === 'H' ? CHART.width : CHART.height));
      }
    }),
  );
});
