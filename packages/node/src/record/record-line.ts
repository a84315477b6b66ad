import type { Problem } from '@ordeal/diagnostics';
import { fieldSpan, jsonErrorAt } from './json-place.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What a field must be, and how messages say it. */
export interface FieldCheck {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

export const TEXT: FieldCheck = { expected: 'a text', accepts: (value) => typeof value === 'string' };
export const COUNT: FieldCheck = {
  expected: 'a whole number',
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};
export const POSITIVE: FieldCheck = {
  expected: 'a whole number from 1 on',
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
};
export const OBJECT: FieldCheck = { expected: 'an object', accepts: isObject };

export function optional({ expected, accepts }: FieldCheck): FieldCheck {
  return { expected, accepts: (value) => value === undefined || accepts(value) };
}

/** One line of a record, and what is wrong with it. */
export class RecordLine {
  readonly value: JsonObject;
  readonly problems: Problem[] = [];
  readonly #text: string;
  readonly #file: string;
  readonly #line: number;

  /** @param file and line for problems */
  constructor(text: string, file: string, line: number) {
    this.#text = text;
    this.#file = file;
    this.#line = line;
    this.value = this.#parse();
  }

  /** Checks fields; each that is wrong or missing is a problem at its place. */
  check(fields: Readonly<Record<string, FieldCheck>>): void {
    for (const [name, { expected, accepts }] of Object.entries(fields)) {
      const value = this.value[name];
      if (accepts(value)) continue;
      const found = value === undefined ? 'it is missing' : `found ${shortened(JSON.stringify(value))}`;
      this.refuse(name, `${name}: expected ${expected}, ${found}`);
    }
  }

  /** A problem at a field, or at the begin of the line. */
  refuse(field: string, message: string, hint?: string): void {
    const { offset, length } = fieldSpan(this.#text, field) ?? { offset: 0, length: 1 };
    this.#report('ORD-905', offset, length, message, hint);
  }

  #parse(): JsonObject {
    const at = jsonErrorAt(this.#text);
    if (at !== undefined) {
      this.#report('ORD-904', at, 1, 'this line of the record stops being JSON here');
      return {};
    }
    const value: unknown = JSON.parse(this.#text);
    if (isObject(value)) return value;
    this.#report('ORD-904', 0, this.#text.length, 'each line of a record is a JSON object');
    return {};
  }

  #report(code: 'ORD-904' | 'ORD-905', offset: number, length: number, message: string, hint?: string): void {
    const place = { line: this.#line, column: offset + 1, length: Math.max(1, length) };
    this.problems.push({
      severity: 'error',
      code,
      file: this.#file,
      place,
      message,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
