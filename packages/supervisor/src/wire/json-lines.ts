/** Characters of one line. A document has at most a quarter of a million. */
export const LONGEST_LINE = 16 * 1024 * 1024;

/**
 * Splits a stream into lines, however its chunks are cut. Feed it text, not bytes: decode with `setEncoding('utf8')`.
 */
export class JsonLines {
  #rest = '';

  /**
   * @returns the values of the lines that are complete
   * @throws SyntaxError for a line that is not JSON, RangeError
   * for one that is too long
   */
  push(chunk: string): unknown[] {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > LONGEST_LINE)
      throw new RangeError(`a line has more than ${LONGEST_LINE} characters`);
    return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as unknown);
  }
}
