import type { Place } from '@ordeal/diagnostics';
import type { Scalar } from 'yaml';
import { alignScalar } from './align-scalar.js';
import type { SourceFile } from './source-file.js';

/** A string of a document that knows where each of its characters was written. */
export interface SourceText {
  /** The decoded text. */
  readonly text: string;
  /**
   * The place in the file of `length` UTF-16 units at `offset` of the decoded text, through quotes, escapes, folded
   * lines and block scalars. Offsets outside the text are moved to its ends; the place ends with its first line.
   */
  placeAt(offset: number, length: number): Place;
}

/** The text of a scalar with its positions, which are computed on first use. */
export function sourceTextOf(scalar: Scalar<string>, source: SourceFile): SourceText {
  const text = scalar.value;
  let starts: readonly number[] | undefined;
  return {
    text,
    placeAt(offset, length) {
      starts ??= alignScalar(scalar, source.text);
      const from = Math.max(0, Math.min(offset, text.length));
      const to = Math.max(from, Math.min(offset + length, text.length));
      const start = starts[from] ?? 0;
      const end = to === from ? start + 1 : (starts[to] ?? start + 1);
      return source.placeAt(start, trimmedEnd(source.text, start, Math.max(end, start + 1)));
    },
  };
}

/** A text that is not from any file: every place is on line 1, at the offset itself. For callers without a document. */
export function detachedText(text: string): SourceText {
  return {
    text,
    placeAt: (offset, length) => ({
      line: 1,
      column: Math.max(0, offset) + 1,
      length: Math.max(1, length),
    }),
  };
}

/** A place must not reach into the indentation or the quote that follows its last character. */
function trimmedEnd(text: string, start: number, end: number): number {
  let stop = end;
  while (stop > start + 1 && /\s/.test(text.charAt(stop - 1))) stop--;
  return stop;
}
