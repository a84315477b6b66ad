/** A fault inside a text, in UTF-16 units from its start. */
export interface TextFault {
  readonly offset: number;
  readonly length: number;
  /** One sentence: the fault and what was expected. */
  readonly message: string;
  readonly hint?: string;
}

/** The result of reading a small language inside a string: its value, or the first fault. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: TextFault };

/** A value that was read. */
export function read<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

/** A fault at `offset`. */
export function fault(offset: number, length: number, message: string, hint?: string): Parsed<never> {
  return { ok: false, fault: { offset, length, message, ...(hint === undefined ? {} : { hint }) } };
}
