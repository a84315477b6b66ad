import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { factsFromFile } from './kernel-facts.js';
import { BtfWriter } from './predicate/btf-writer.js';

/** The facts of a kernel that saves these registers. */
function factsOf(registers: readonly string[]): ReturnType<typeof factsFromFile> {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-facts-'));
  try {
    const writer = new BtfWriter();
    const long = writer.int('unsigned long', 8, 'unsigned');
    const members = registers.map((name, index) => [name, long, 64 * index] as const);
    writer.composite('struct', 'pt_regs', 8 * registers.length, members);
    const path = join(directory, 'btf');
    writeFileSync(path, writer.bytes());
    return factsFromFile(path, 'another');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("another machine's architecture is that of its BTF, not of this process", () => {
  assert.equal(factsOf(['r15', 'di', 'orig_ax']).arch, 'x64');
  assert.equal(factsOf(['sp', 'pc', 'pstate', 'syscallno']).arch, 'arm64');
  // 32-bit x86 also saves orig_ax.
  assert.throws(() => factsOf(['bx', 'orig_ax']), { code: 'ORD-405' });
});
