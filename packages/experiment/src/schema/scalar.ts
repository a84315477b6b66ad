import type { Code } from '@ordeal/diagnostics';
import { isScalar, type Scalar } from 'yaml';
import type { Parsed } from '../parsed.js';
import { suggestion } from '../suggestion.js';
import { shorten } from '../yaml/node-name.js';
import { type SourceText, sourceTextOf } from '../yaml/source-text.js';
import { reportMismatch } from './mismatch.js';
import { invalid, mapped, type Outcome, type Shape } from './shape.js';
import type { Spot } from './spot.js';
import type { StringStructure } from './structure.js';

/** Text, with the position of each character. Numbers and booleans are refused: the API server refuses them too. */
export function sourceText(about: Omit<StringStructure, 'type'> = {}): Shape<SourceText> {
  return {
    structure: { type: 'string', ...about },
    read(node, spot) {
      if (isScalar(node) && typeof node.value === 'string') {
        const text = sourceTextOf(node as Scalar<string>, spot.findings.source);
        if (text.text.length >= (about.minLength ?? 0)) return text;
        spot.report({ code: 'ORD-106', message: `${spot.label}: must not be empty` });
        return invalid;
      }
      reportMismatch(
        node,
        spot,
        'text',
        isScalar(node) && node.source ? `quote it: "${node.source}"` : undefined,
      );
      return invalid;
    },
  };
}

/** Text. */
export function string(about: Omit<StringStructure, 'type'> = {}): Shape<string> {
  return mapped(sourceText(about), (value) => value.text);
}

/** Text that obeys a rule, which returns the problem, if any. */
export function stringThat(
  grammar: string,
  code: Code,
  wrong: (text: string) => string | undefined,
): Shape<string> {
  return mapped(string({ grammar }), (text, spot): Outcome<string> => {
    const message = wrong(text);
    if (message === undefined) return text;
    spot.report({ code, message: `${spot.label}: ${message}` });
    return invalid;
  });
}

/** One of a few words. */
export function oneOf<const T extends string>(
  choices: readonly T[],
  options: { readonly anyCase?: boolean } = {},
): Shape<T> {
  const fold = (text: string) => (options.anyCase ? text.toLowerCase() : text);
  return mapped(
    string({ choices, ...(options.anyCase ? { anyCase: true } : {}) }),
    (text, spot): Outcome<T> => {
      const choice = choices.find((candidate) => fold(candidate) === fold(text));
      if (choice !== undefined) return choice;
      spot.report({
        code: 'ORD-109',
        message: `${spot.label}: '${shorten(text)}' is not known`,
        hint: suggestion(text, choices) ?? '',
      });
      return invalid;
    },
  );
}

/** Text in a small language, a duration for example. Faults are shown at their position in the text. */
export function inLanguage<T>(grammar: string, code: Code, parse: (text: string) => Parsed<T>): Shape<T> {
  return mapped(sourceText({ grammar }), (text: SourceText, spot: Spot): Outcome<T> => {
    const parsed = parse(text.text);
    if (parsed.ok) return parsed.value;
    const { offset, length, message, hint } = parsed.fault;
    spot.reportAt(text.placeAt(offset, length), {
      code,
      message: `${spot.label}: ${message}`,
      ...(hint === undefined ? {} : { hint }),
    });
    return invalid;
  });
}

/** Any value, not checked. */
export function anything(): Shape<unknown> {
  return { structure: { type: 'anything' }, read: () => undefined };
}
