import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate } from './evaluate.js';
import { parseTemplate } from './parse.js';

function rendered(source: string, root: unknown = {}): string {
  const template = parseTemplate(source, 'x.yaml');
  return evaluate(template, [template], root);
}

/** What Go's text/template and Helm's functions make of each. */
const cases: readonly (readonly [source: string, root: unknown, result: string])[] = [
  ['a {{- /* gone */ -}} b', {}, 'ab'],
  ['{{ .a.b }}{{ $.a.b }}{{ .none.more }}', { a: { b: 1 } }, '11'],
  ['{{ if .on }}yes{{ else if .also }}also{{ else }}no{{ end }}', { also: [0] }, 'also'],
  ['{{ if .on }}yes{{ else }}no{{ end }}', { on: {} }, 'no'],
  ['{{ with .a }}{{ . }}{{ $.b }}{{ else }}none{{ end }}', { a: 'x', b: 'y' }, 'xy'],
  ['{{ range .list }}[{{ . }}]{{ end }}', { list: ['a', 'b'] }, '[a][b]'],
  ['{{ range $k, $v := .map }}{{ $k }}={{ $v }} {{ end }}', { map: { b: 2, a: 1 } }, 'a=1 b=2 '],
  ['{{ range .list }}x{{ else }}empty{{ end }}', {}, 'empty'],
  ['{{ $n := "a" }}{{ if true }}{{ $n = "b" }}{{ end }}{{ $n }}', {}, 'b'],
  ['{{ define "n" }}<{{ .x }}>{{ end }}{{ include "n" . | quote }}', { x: 1 }, '"<1>"'],
  ['{{ .n | default "d" | printf "%s-%d" "a" }}', {}, 'a-d'],
  ['{{ ternary "A" "B" (ne .s "") }}{{ (index .l 1).x }}', { s: 'x', l: [0, { x: 5 }] }, 'A5'],
  ['a:{{ toYaml .m | nindent 2 }}', { m: { b: { c: 1 } } }, 'a:\n  b:\n    c: 1'],
  ['{{ concat (list "a" "b") (ternary (list) (list "c") .off) | join "," }}', { off: false }, 'a,b,c'],
  ['{{ or .a "b" }}{{ and .a "b" }}{{ not .a }}{{ "}}" }}', {}, 'btrue}}'],
];

for (const [source, root, result] of cases) {
  test(source, () => assert.equal(rendered(source, root), result));
}

test('what is wrong with a template is told with its line', () => {
  const complaint = (source: string, message: RegExp) =>
    assert.throws(() => rendered(source), { code: 'ORD-807', message });
  complaint('\n{{ if true }}', /^x.yaml:2: if has no end$/);
  complaint('{{ end }}', /^x.yaml:1: 'end' has no beginning$/);
  complaint('\n\n{{ nothing 1 }}', /^x.yaml:3: there is no function nothing$/);
  complaint('{{ (list 1 }}', /a parenthesis is not closed/);
  complaint('{{ $x }}', /there is no variable \$x/);
  complaint('{{ include "none" . }}', /no template defines 'none'/);
  complaint('{{ required "say it" .x }}', /say it/);
  complaint('{{ a', /an action is not closed/);
});
