// Counts the system calls of the whole machine for one second. Needs root.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProgramBuilder, R0, R1 } from '@ordeal/bpf/asm';
import { Btf } from '@ordeal/bpf/btf';
import { attachProgram, BpfMap, loadProgram, u32Key } from '@ordeal/bpf/object';

const map = BpfMap.create({ name: 'calls', type: 'array', keySize: 4, valueSize: 8, entries: 1 });
const instructions = new ProgramBuilder()
  .loadMapValue(R1, 'calls')
  .constant(R0, 1)
  .atomicAdd(R1, 0, R0)
  .constant(R0, 0)
  .exit()
  .build();
const attachment = { kind: 'raw_tracepoint', tracepoint: 'sys_enter' };
const btf = new Btf(readFileSync('/sys/kernel/btf/vmlinux'));
const program = loadProgram({ name: 'count', attachment, instructions }, btf, new Map([['calls', map]]));
const link = attachProgram(program);

await sleep(1000);

// Closed, the program runs no more. With `using` instead of `const` this happens at the end of the block.
link.close();
const value = map.lookup(u32Key(0));
console.log(`${new BigUint64Array(value.buffer)[0]} system calls`);
program.fd.close();
map.close();
