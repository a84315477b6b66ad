import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { renderProblem } from '@ordeal/diagnostics';
import { uniformFloat32 } from 'pure-rand/distribution/uniformFloat32';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { parseDocuments } from './parse-documents.js';

const RUNS = 100_000;
/** A failing seed is printed; `SEED=…` repeats it. */
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

const folder = new URL('../fixtures/', import.meta.url);
const documents = readdirSync(folder)
  .flatMap((name) => readFileSync(new URL(name, folder), 'utf8').split('---\n'))
  .map((text) => text.trimStart());

/** Tokens of YAML or of one of the small languages. */
const PIECES = [
  ...'\n\t :-?#&*!|>\'"%@`{}[],\\/$0aé\u0000\u2028\ud800',
  '\n---\n',
  '\n...\n',
  '&a ',
  '*a',
  '!!binary ',
  '<<: ',
  '"\\x4',
  '"\\u12',
  '|2-\n',
  'null',
  '~',
  '-1',
  '1e400',
  '0x7fffffffffffffffff',
  '.nan',
  '[[',
  '**/',
  '@every ',
  '\r\n',
  'constructor',
  '__proto__: ',
];

test(`reading never throws for a damaged document (SEED=${seed})`, () => {
  const generator = xoroshiro128plus(seed);
  const random = () => uniformFloat32(generator);
  // The YAML parser makes an Error of each mistake; their stacks would take a tenth of the time.
  Error.stackTraceLimit = 0;
  const below = (limit: number) => uniformInt(generator, 0, limit - 1);
  for (let run = 0; run < RUNS; run++) {
    let text = documents[below(documents.length)] ?? '';
    for (let change = below(4); change >= 0; change--) {
      const at = below(text.length + 1);
      const cut = random() < 0.5 ? 0 : below(12);
      const piece = random() < 0.2 ? '' : PIECES[below(PIECES.length)];
      text = text.slice(0, at) + piece + text.slice(at + cut);
    }
    checkReading(text, run);
  }
});

function checkReading(text: string, run: number): void {
  try {
    const { experiments, problems } = parseDocuments(text, 'a.yaml');
    const errors = problems.filter((problem) => problem.severity === 'error');
    assert.ok(experiments.length > 0 || errors.length > 0, 'neither read nor refused');
    for (const problem of problems) {
      const { line, column, length } = problem.place;
      assert.ok(line >= 1 && column >= 1 && length >= 1, JSON.stringify(problem));
      assert.ok(line <= text.split(/\n/).length + 1, JSON.stringify(problem));
    }
    const [first] = problems;
    if (first !== undefined && run % 50 === 0) renderProblem(first, text);
  } catch (cause) {
    throw new Error(`SEED=${seed}, run ${run}: ${JSON.stringify(text)}`, { cause });
  }
}
