import type { Place } from '@ordeal/diagnostics';
import { LineCounter, type Node } from 'yaml';

/** One file's text, and the mapping from offsets to positions. */
export class SourceFile {
  readonly name: string;
  readonly text: string;
  /** Filled while the text is read by the YAML parser. */
  readonly lines: LineCounter = new LineCounter();

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  /** The place of `[start, end)`, which ends with its first line. */
  placeAt(start: number, end: number): Place {
    const at = Math.max(0, Math.min(start, this.text.length));
    const { line, col } = this.lines.linePos(at);
    const stop = this.text.slice(at, Math.max(at, end)).search(/[\r\n]/);
    const length = stop === -1 ? end - at : stop;
    return { line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, length) };
  }

  /**
   * The place of a syntax error. What is missing at the end of the text is shown at its last character, not in the
   * empty line after it.
   */
  placeOfSyntax(start: number, end: number): Place {
    const last = this.text.trimEnd().length - 1;
    return start > last && last >= 0 ? this.placeAt(last, last + 1) : this.placeAt(start, end);
  }

  /** The place of a node's value. */
  placeOfNode(node: Node): Place {
    const [start, end] = node.range ?? [0, 0];
    return this.placeAt(start, end);
  }
}
