import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Btf, findFunction, formatType, resolve, sizeOf } from '@ordeal/bpf';
import { OrdealError } from '@ordeal/diagnostics';
import { drawFrom } from '../testing/random-request.js';
import { fixtureBytes } from './btf-fixture.js';

const RUNS = 100_000;
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

/** Every use of a kernel's types: each type decoded, resolved, measured and written in C. */
function readAll(bytes: Uint8Array): void {
  const btf = new Btf(bytes);
  findFunction(btf, 'd_alloc_parallel');
  for (let id = 0; id < btf.count; id++) {
    try {
      btf.type(id);
      resolve(btf, id);
      sizeOf(btf, id);
      assert.ok(formatType(btf, id, 'x').length < 100_000);
    } catch (error) {
      // One malformed type does not make the others unreadable.
      if (!isMalformed(error)) throw error;
    }
  }
}

function isMalformed(error: unknown): boolean {
  return error instanceof OrdealError && error.code === 'ORD-402';
}

test(`${RUNS} damaged BTF files are read or refused`, (context) => {
  context.diagnostic(`FUZZ_SEED=${seed}`);
  const draw = drawFrom(seed);
  const whole = fixtureBytes();
  let read = 0;
  for (let run = 0; run < RUNS; run++) {
    const bytes = whole.slice(0, draw(8) === 0 ? draw(whole.length) : whole.length);
    for (let change = draw(4); change >= 0 && bytes.length > 0; change--) {
      const at = draw(bytes.length);
      bytes[at] = draw(3) === 0 ? 0xff : draw(256);
    }
    try {
      readAll(bytes);
      read++;
    } catch (error) {
      assert.ok(isMalformed(error), `${String(error)}\n${Buffer.from(bytes).toString('hex')}`);
    }
  }
  assert.ok(read > RUNS / 100 && read < RUNS, `${read} read`);
});
