import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `fixtures/soak-writer.c` was told of a record that it appended. */
const STATE = { begun: 1, done: 2, unsure: 3 } as const;
const LONG_RECORD = 30_000;
const BLOCK = 4096;
/** `struct slot`: the number that it must hold, how many it may hold besides, and those. */
const SLOT_WORDS = 65;
const [DONE, UNSURE, MAYBE] = [0, 1, 2];

/**
 * Compares what is in the files of `fixtures/soak-writer.c` with what it was told; it has ended.
 *
 * @returns what was lost, doubled or torn, a line each
 */
export function compareSoak(volume: string, told: string): string[] {
  const read = (name: string) => readFileSync(join(volume, name));
  const states = (name: string) => readFileSync(join(told, name));
  return [
    ...readFileSync(join(told, 'problems'), 'utf8').split('\n').filter(Boolean),
    ...compareNumbered(
      read('append').toString('latin1'),
      [0, 1, 2, 3].map((thread) => states(`append-${thread}`)),
    ),
    ...compareSame(
      read('same').toString('latin1'),
      [0, 1].map((thread) => states(`same-${thread}`)),
    ),
    ...['place', 'direct', 'ring', 'mapped'].flatMap((name) => compareSlots(name, read(name), states(name))),
  ];
}

/** Each thread's records must be there once and in their order. */
export function compareNumbered(text: string, told: readonly Uint8Array[]): string[] {
  const found: string[] = [];
  const next = told.map(() => 0);
  const missing = (thread: number, before: number) => {
    for (let number = next[thread] ?? 0; number < before; number++) {
      if (told[thread]?.[number] === STATE.done) found.push(`append: record ${thread} ${number} is lost`);
    }
  };
  const lines = text.split('\n');
  if (lines.pop() !== '') found.push('append: the last record is torn');
  let at = 0;
  for (const line of lines) {
    const [, thread = -1, number = -1, padding = ''] = /^(\d) (\d+) (x*)$/.exec(line) ?? [];
    const index = Number(number);
    const expected = index % 97 === 96 ? LONG_RECORD : index % 40;
    const state = told[Number(thread)]?.[index];
    if (padding.length !== expected || state === undefined) {
      found.push(`append: torn at byte ${at}: ${line.slice(0, 60)} (${line.length} bytes)`);
    } else {
      const due = next[Number(thread)] ?? 0;
      if (index < due) found.push(`append: record ${thread} ${number} is there again, at byte ${at}`);
      missing(Number(thread), index);
      next[Number(thread)] = Math.max(due, index + 1);
    }
    at += line.length + 1;
  }
  for (const [thread, states] of told.entries()) missing(thread, states.length);
  return found;
}

/** The same line must be there as often as it was appended. */
export function compareSame(text: string, told: readonly Uint8Array[]): string[] {
  const lines = text.split('\n').slice(0, -1);
  const torn = lines.filter((line) => line !== 'the same').length;
  const count = (state: number) =>
    told.reduce((sum, states) => sum + states.reduce((all, each) => all + Number(each === state), 0), 0);
  const [done, unsure] = [count(STATE.done), count(STATE.unsure)];
  const wrong = lines.length < done ? 'lost' : lines.length > done + unsure ? 'doubled' : undefined;
  return [
    ...(torn > 0 ? [`same: ${torn} lines are torn`] : []),
    ...(wrong
      ? [`same: lines are ${wrong}: ${lines.length} there, ${done} done, ${unsure} perhaps done`]
      : []),
  ];
}

/** Each slot must hold one number in all its words, and the right one. */
export function compareSlots(name: string, file: Uint8Array, told: Uint8Array): string[] {
  const tell = words(told);
  const found: string[] = [];
  for (let slot = 0; slot * SLOT_WORDS < tell.length; slot++) {
    const facts = tell.subarray(slot * SLOT_WORDS, (slot + 1) * SLOT_WORDS);
    const may = facts.subarray(MAYBE, MAYBE + Number(facts[UNSURE] ?? 0n));
    const content = words(file.subarray(slot * BLOCK, (slot + 1) * BLOCK));
    const numbers = [...new Set(content)];
    const [number = 0n] = numbers;
    const what = `${name}: slot ${slot} holds ${numbers.join(' and ')}`;
    if (numbers.length > 1) found.push(`${what}: torn`);
    else if (number !== facts[DONE] && !may.includes(number)) {
      found.push(`${what}, and must hold ${[facts[DONE], ...may].join(' or ')}`);
    }
  }
  return found;
}

/** Whole 64-bit words in this machine's byte order. */
function words(bytes: Uint8Array): BigUint64Array {
  const copy = bytes.slice(0, bytes.length - (bytes.length % 8));
  return new BigUint64Array(copy.buffer, copy.byteOffset, copy.length / 8);
}
