import { OrdealError } from '@ordeal/diagnostics';

/** The content between `{{` and `}}`, or the text around it. */
export interface Piece {
  readonly type: 'text' | 'action';
  readonly text: string;
  /** Of its first character, from 1. */
  readonly line: number;
}

/** Splits a template, and removes the white space that `{{-` and `-}}` trim. Comments are left out. */
export function piecesOf(source: string, file: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimNext = false;
  const text = (end: number, trimEnd: boolean) => {
    let part = source.slice(at, end);
    if (trimNext) part = part.trimStart();
    if (trimEnd) part = part.trimEnd();
    if (part !== '') pieces.push({ type: 'text', text: part, line: lineAt(source, at) });
  };
  for (;;) {
    const open = source.indexOf('{{', at);
    if (open < 0) break;
    const trimBefore = /^-\s/.test(source.slice(open + 2, open + 4));
    text(open, trimBefore);
    const match =
      /^\{\{(?:-\s)?((?:"(?:[^"\\]|\\.)*"|`[^`]*`|\/\*[\s\S]*?\*\/|(?!\}\}|\s-\}\})[\s\S])*)(\s-)?\}\}/.exec(
        source.slice(open),
      );
    const line = lineAt(source, open);
    if (match === null) throw new OrdealError('ORD-807', `${file}:${line}: an action is not closed by }}`);
    const content = (match[1] ?? '').trim();
    if (!content.startsWith('/*')) pieces.push({ type: 'action', text: content, line });
    trimNext = match[2] !== undefined;
    at = open + match[0].length;
  }
  text(source.length, false);
  return pieces;
}

function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length;
}

export interface Token {
  readonly type: 'string' | 'number' | 'word' | 'field' | 'variable' | 'mark';
  /** Of strings their value. */
  readonly text: string;
  /** It directly follows the previous token. */
  readonly adjacent: boolean;
}

const TOKEN =
  /(?<space>\s+)|(?<string>"(?:[^"\\]|\\.)*")|`(?<raw>[^`]*)`|(?<number>[-+]?\d+(?:\.\d+)?)|\$(?<variable>\w*)|\.(?<field>\w*)|(?<word>[A-Za-z_]\w*)|(?<mark>:=|[()|=,])/y;

/** The tokens of an action. `.a.b` is two fields, a lone dot one without a name. */
export function tokensOf({ text, line }: Piece, file: string): Token[] {
  const tokens: Token[] = [];
  let adjacent = false;
  for (let at = 0; at < text.length; ) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) {
      throw new OrdealError('ORD-807', `${file}:${line}: '${text.slice(at, at + 20)}' cannot be read`);
    }
    at = TOKEN.lastIndex;
    const { space, string, raw, ...others } = groups;
    if (space === undefined) {
      if (string !== undefined) tokens.push({ type: 'string', text: JSON.parse(string), adjacent });
      else if (raw !== undefined) tokens.push({ type: 'string', text: raw, adjacent });
      else {
        const [type, found] = Object.entries(others).find(([, value]) => value !== undefined) ?? ['mark', ''];
        tokens.push({ type: type as Token['type'], text: found ?? '', adjacent });
      }
    }
    adjacent = space === undefined;
  }
  return tokens;
}
