import { OrdealError } from '@ordeal/diagnostics';
import type { Command, Node, Operand, Pipeline, Template } from './syntax.js';
import { type Piece, piecesOf, type Token, tokensOf } from './tokens.js';

const LITERALS: { readonly [word: string]: boolean | null } = { true: true, false: false, nil: null };

/** Parses a Go template, as far as charts need it. @throws OrdealError ORD-807 with the line */
export function parseTemplate(source: string, file: string): Template {
  return new Parser(piecesOf(source, file), file).template();
}

class Parser {
  readonly #pieces: readonly Piece[];
  readonly #file: string;
  readonly #defines = new Map<string, readonly Node[]>();
  #at = 0;

  constructor(pieces: readonly Piece[], file: string) {
    this.#pieces = pieces;
    this.#file = file;
  }

  template(): Template {
    const { body, end } = this.#nodes();
    if (end !== undefined) this.#fail(end, `'${end.text}' has no beginning`);
    return { file: this.#file, body, defines: this.#defines };
  }

  /** Nodes up to an action that begins with `end` or `else`. */
  #nodes(): { body: readonly Node[]; end: Piece | undefined } {
    const body: Node[] = [];
    while (this.#at < this.#pieces.length) {
      const piece = this.#pieces[this.#at++] as Piece;
      if (piece.type === 'text') body.push({ type: 'text', text: piece.text });
      else if (/^(end|else)\b/.test(piece.text)) return { body, end: piece };
      else body.push(...this.#action(piece, tokensOf(piece, this.#file)));
    }
    return { body, end: undefined };
  }

  #action(piece: Piece, tokens: Token[]): Node[] {
    const { line } = piece;
    const [first, second] = tokens;
    if (first?.type === 'word' && first.text === 'define') {
      const { body, end } = this.#nodes();
      if (end?.text !== 'end' || second?.type !== 'string')
        this.#fail(piece, 'define needs a name and an end');
      this.#defines.set(second.text, body);
      return [];
    }
    if (first?.type === 'word' && (first.text === 'if' || first.text === 'with' || first.text === 'range')) {
      return [this.#block(first.text, piece, tokens.slice(1))];
    }
    if (
      first?.type === 'variable' &&
      second?.type === 'mark' &&
      (second.text === ':=' || second.text === '=')
    ) {
      const pipeline = this.#pipeline(piece, tokens.slice(2));
      return [{ type: 'assign', variable: first.text, declares: second.text === ':=', pipeline, line }];
    }
    return [{ type: 'output', pipeline: this.#pipeline(piece, tokens), line }];
  }

  #block(type: 'if' | 'with' | 'range', piece: Piece, tokens: readonly Token[]): Node {
    const declared = tokens.findIndex((token) => token.text === ':=' && token.type === 'mark');
    const variables = tokens.slice(0, Math.max(0, declared)).filter((token) => token.type === 'variable');
    const pipeline = this.#pipeline(piece, tokens.slice(declared + 1));
    const { body, end } = this.#nodes();
    let otherwise: readonly Node[] = [];
    if (end === undefined) this.#fail(piece, `${type} has no end`);
    else if (end.text === 'else') {
      const rest = this.#nodes();
      if (rest.end?.text !== 'end') this.#fail(piece, `${type} has no end`);
      otherwise = rest.body;
    } else if (end.text !== 'end') {
      // `else if` and `else with` share the end of the first block.
      const inner = tokensOf({ ...end, text: end.text.replace(/^else\s+/, '') }, this.#file);
      otherwise = this.#action(end, inner);
    }
    return {
      type,
      variables: variables.map(({ text }) => text),
      pipeline,
      body,
      otherwise,
      line: piece.line,
    };
  }

  #pipeline(piece: Piece, tokens: readonly Token[]): Pipeline {
    const { pipeline, rest } = this.#commands(piece, tokens);
    if (rest.length > 0) this.#fail(piece, `'${rest[0]?.text}' is unexpected`);
    return pipeline;
  }

  /** Commands up to a closing parenthesis or the end. */
  #commands(piece: Piece, tokens: readonly Token[]): { pipeline: Pipeline; rest: readonly Token[] } {
    const pipeline: Command[] = [];
    let operands: Operand[] = [];
    let rest = tokens;
    const finish = () => {
      const [first, ...others] = operands;
      if (first === undefined) this.#fail(piece, 'a command is missing');
      pipeline.push([first, ...others]);
      operands = [];
    };
    for (let token = rest[0]; token !== undefined && token.text !== ')'; token = rest[0]) {
      rest = rest.slice(1);
      if (token.type === 'mark' && token.text === '|') finish();
      else {
        const read = this.#operand(piece, token, rest);
        operands.push(read.operand);
        rest = read.rest;
      }
    }
    finish();
    return { pipeline, rest };
  }

  #operand(
    piece: Piece,
    token: Token,
    after: readonly Token[],
  ): { operand: Operand; rest: readonly Token[] } {
    switch (token.type) {
      case 'string':
        return { operand: { type: 'value', value: token.text }, rest: after };
      case 'number':
        return { operand: { type: 'value', value: Number(token.text) }, rest: after };
      case 'word': {
        const literal = LITERALS[token.text];
        const operand: Operand =
          literal === undefined ? { type: 'call', name: token.text } : { type: 'value', value: literal };
        return { operand, rest: after };
      }
      case 'variable':
        return withFields({ type: 'variable', name: token.text }, [], after);
      case 'field':
        return withFields({ type: 'dot' }, token.text === '' ? [] : [token.text], after);
      default: {
        if (token.text !== '(') this.#fail(piece, `'${token.text}' is not expected here`);
        const { pipeline, rest } = this.#commands(piece, after);
        if (rest[0]?.text !== ')') this.#fail(piece, 'a parenthesis is not closed');
        return withFields({ type: 'pipeline', pipeline }, [], rest.slice(1));
      }
    }
  }

  #fail({ line }: Piece, message: string): never {
    throw new OrdealError('ORD-807', `${this.#file}:${line}: ${message}`);
  }
}

/** The fields directly after an operand belong to it. */
function withFields(
  of: Extract<Operand, { type: 'path' }>['of'],
  first: readonly string[],
  after: readonly Token[],
): { operand: Operand; rest: readonly Token[] } {
  const fields = [...first];
  let rest = after;
  for (let token = rest[0]; token?.type === 'field' && token.adjacent; token = rest[0]) {
    fields.push(token.text);
    rest = rest.slice(1);
  }
  return { operand: { type: 'path', of, fields }, rest };
}
