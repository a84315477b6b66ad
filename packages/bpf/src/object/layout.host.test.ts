import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { HELPER } from '../asm/bpf-helper.js';
import { Btf } from '../btf/btf.js';
import { findMember, offsetOf } from '../btf/layout.js';
import { ATTACH_TYPE, ATTR, COMMAND, MAP_TYPE, PROGRAM_TYPE } from './attr.js';
import { PROGRAM_INFO } from './program-info.js';

const btf = new Btf(readFileSync('/sys/kernel/btf/vmlinux'));

function enumeration(sample: string): Map<string, bigint> {
  for (const id of btf.ids('enum')) {
    const type = btf.type(id);
    if (type.kind === 'enum' && type.values.some((value) => value.name === sample)) {
      return new Map(type.values.map((value) => [value.name, value.value]));
    }
  }
  throw new Error(`no enum with ${sample}`);
}

/** Offset of a member of `union bpf_attr`, identified by a member that only its struct has. */
function attrOffset(member: string, witness: string): number {
  const id = btf.find('union', 'bpf_attr');
  const attr = btf.type(id ?? 0);
  assert.ok(attr.kind === 'union');
  for (const part of attr.members) {
    const inner = btf.type(part.type);
    if (inner.kind !== 'struct' || !findMember(btf, inner, witness)) continue;
    const found = findMember(btf, inner, member);
    if (found) return found.bitOffset / 8;
  }
  throw new Error(`bpf_attr has no ${member} beside ${witness}`);
}

test('helper numbers are those of the kernel', () => {
  const kernel = enumeration('BPF_FUNC_unspec');
  for (const [name, number] of Object.entries(HELPER))
    assert.equal(kernel.get(`BPF_FUNC_${name}`), BigInt(number), name);
});

test('command, program, attach and map types are those of the kernel', () => {
  const kernel = (name: string) => Number(enumeration(name).get(name));
  assert.equal(COMMAND.mapNextKey, kernel('BPF_MAP_GET_NEXT_KEY'));
  assert.equal(COMMAND.programLoad, kernel('BPF_PROG_LOAD'));
  assert.equal(COMMAND.programTestRun, kernel('BPF_PROG_TEST_RUN'));
  assert.equal(COMMAND.objectInfo, kernel('BPF_OBJ_GET_INFO_BY_FD'));
  assert.equal(COMMAND.rawTracepointOpen, kernel('BPF_RAW_TRACEPOINT_OPEN'));
  assert.equal(PROGRAM_TYPE.kprobe, kernel('BPF_PROG_TYPE_KPROBE'));
  assert.equal(PROGRAM_TYPE.rawTracepoint, kernel('BPF_PROG_TYPE_RAW_TRACEPOINT'));
  assert.equal(PROGRAM_TYPE.tracing, kernel('BPF_PROG_TYPE_TRACING'));
  assert.equal(PROGRAM_TYPE.syscall, kernel('BPF_PROG_TYPE_SYSCALL'));
  assert.equal(ATTACH_TYPE.fentry, kernel('BPF_TRACE_FENTRY'));
  assert.equal(ATTACH_TYPE.fexit, kernel('BPF_TRACE_FEXIT'));
  assert.equal(ATTACH_TYPE.fmod_ret, kernel('BPF_MODIFY_RETURN'));
  assert.equal(MAP_TYPE.hash, kernel('BPF_MAP_TYPE_HASH'));
  assert.equal(MAP_TYPE.array, kernel('BPF_MAP_TYPE_ARRAY'));
  assert.equal(MAP_TYPE.programArray, kernel('BPF_MAP_TYPE_PROG_ARRAY'));
  assert.equal(MAP_TYPE.perCpuArray, kernel('BPF_MAP_TYPE_PERCPU_ARRAY'));
  assert.equal(MAP_TYPE.stackTrace, kernel('BPF_MAP_TYPE_STACK_TRACE'));
  assert.equal(MAP_TYPE.ringbuf, kernel('BPF_MAP_TYPE_RINGBUF'));
});

test('offsets in bpf_attr and bpf_prog_info are those of the kernel', () => {
  assert.equal(ATTR.mapCreate.entries, attrOffset('max_entries', 'map_extra'));
  assert.equal(ATTR.mapCreate.flags, attrOffset('map_flags', 'map_extra'));
  assert.equal(ATTR.mapCreate.name, attrOffset('map_name', 'map_extra'));
  assert.equal(ATTR.mapElement.key, attrOffset('key', 'next_key'));
  assert.equal(ATTR.mapElement.value, attrOffset('value', 'next_key'));
  assert.equal(ATTR.mapElement.flags, attrOffset('flags', 'next_key'));
  const load = ATTR.programLoad;
  assert.equal(load.instructions, attrOffset('insns', 'insn_cnt'));
  assert.equal(load.license, attrOffset('license', 'insn_cnt'));
  assert.equal(load.logLevel, attrOffset('log_level', 'insn_cnt'));
  assert.equal(load.logSize, attrOffset('log_size', 'insn_cnt'));
  assert.equal(load.logBuffer, attrOffset('log_buf', 'insn_cnt'));
  assert.equal(load.name, attrOffset('prog_name', 'insn_cnt'));
  assert.equal(load.attachType, attrOffset('expected_attach_type', 'insn_cnt'));
  assert.equal(load.attachBtfId, attrOffset('attach_btf_id', 'insn_cnt'));
  assert.equal(PROGRAM_INFO.recursionMisses, offsetOf(btf, 'bpf_prog_info', 'recursion_misses'));
  assert.equal(PROGRAM_INFO.verifiedInstructions, offsetOf(btf, 'bpf_prog_info', 'verified_insns'));
});
