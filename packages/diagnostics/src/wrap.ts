/** SGR sequences of ECMA-48, which take no room on a terminal. */
const COLOUR = /\x1b\[\d*m/g;

/**
 * Breaks lines that are longer than a terminal at spaces; none of its words is cut. What follows is indented: below the
 * text where an indented line begins with a label and two spaces, else by two more columns. Pure.
 *
 * @param columns the width of the terminal; Infinity where there is none
 */
export function wrapText(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, columns))
    .join('\n');
}

function wrapLine(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line;
  const hanging = hangingIndent(line.replace(COLOUR, ''), columns);
  const lines: string[] = [];
  let current = '';
  for (const [whole, blanks = '', word = ''] of line.matchAll(/( *)([^ ]+)/g)) {
    const begin = widthOf(current) + blanks.length;
    // A word gains nothing by a new line that does not begin further left.
    if (current === '' || begin <= hanging || begin + widthOf(word) <= columns) {
      current += whole;
    } else {
      lines.push(current);
      current = ' '.repeat(hanging) + word;
    }
  }
  return [...lines, current].join('\n');
}

function hangingIndent(line: string, columns: number): number {
  const half = Math.floor(columns / 2);
  const label = /^ +[^ ]+(?: [^ ]+)* {2,}/.exec(line)?.[0].length ?? 0;
  if (label > 0 && label <= half) return label;
  return Math.min((/^ */.exec(line)?.[0].length ?? 0) + 2, half);
}

function widthOf(text: string): number {
  return text.replace(COLOUR, '').length;
}
