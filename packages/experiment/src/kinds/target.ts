import { fault, type Parsed, read } from '../parsed.js';
import { list } from '../schema/list.js';
import { inLanguage, oneOf, string } from '../schema/scalar.js';
import { defaulted, invalid, mapped, type Outcome, optional, required, type Shape } from '../schema/shape.js';
import type { Spot } from '../schema/spot.js';
import { MODES, type Mode, modeNeedsValue, parseModeValue } from '../targets/mode.js';
import { parseDuration } from '../time/go-duration.js';
import { numberAsWritten } from '../yaml/node-name.js';
import { selectorShape } from './selector.js';

const DURATION_GRAMMAR = 'a Go duration: 300ms, 1.5h, 2h45m';

const durationText: Shape<bigint | undefined> = inLanguage(DURATION_GRAMMAR, 'ORD-114', (text) =>
  text === '' ? read(undefined) : notNegative(text),
);

/** A duration of the document, in nanoseconds. The empty text counts as absent. */
export const durationShape: Shape<bigint | undefined> = {
  structure: durationText.structure,
  read(node, spot) {
    const number = numberAsWritten(node);
    if (number === undefined) return durationText.read(node, spot);
    const example = /^\d*[1-9]\d*(\.\d+)?$/.test(number) ? number : '10';
    const message = `${spot.label}: the number ${number} has no unit`;
    spot.report({ code: 'ORD-114', message, hint: `for example "${example}s"` });
    return invalid;
  },
};

function notNegative(text: string): Parsed<bigint> {
  const parsed = parseDuration(text);
  if (!parsed.ok || parsed.value >= 0n) return parsed;
  return fault(0, text.length, `'${text}' is negative`, 'write a duration greater than zero');
}

/** How long an experiment lasts: greater than zero. */
const lifetime: Shape<bigint | undefined> = mapped(
  durationShape,
  (value, spot): Outcome<bigint | undefined> => {
    if (value !== 0n) return value;
    spot.report({
      code: 'ORD-114',
      message: `${spot.label}: the experiment would end before it starts`,
      hint: 'leave it out to run until stopped',
    });
    return invalid;
  },
);

/** The fields that choose targets and bound the time; every kind of chaos has them. */
export const targetFields = {
  mode: required(oneOf(MODES), 'How many of the matching pods are targets.'),
  value: optional(string(), 'The count of mode fixed, or the percentage of the two percent modes, as text.'),
  selector: required(selectorShape, 'Which pods match.'),
  containerNames: defaulted(
    list(string({ minLength: 1 })),
    [],
    "The containers that are targets; the pod's first container when left out.",
  ),
  duration: optional(lifetime, 'How long the experiment lasts; until stopped when left out.'),
  remoteCluster: optional(
    string(),
    'The name of the cluster that this experiment is for; this one when left out.',
  ),
};

/** The rules of `mode` for `value`. */
export function checkModeValue(
  { mode, value }: { readonly mode?: Mode | undefined; readonly value?: string | undefined },
  spot: Spot,
): void {
  if (mode === undefined) return;
  const text = value ?? '';
  if (!modeNeedsValue(mode)) {
    if (text === '') return;
    const message = `value: mode ${mode} takes no value, '${text}' has no effect`;
    spot.report({ severity: 'warning', code: 'ORD-123', message }, 'value');
  } else if (text === '') {
    if (value === undefined && spot.wrote('value')) return;
    const what = mode === 'fixed' ? 'a count' : 'a percentage';
    const message = `mode ${mode} needs a value: ${what}, as text`;
    spot.report({ code: 'ORD-118', message, hint: 'for example value: "50"' }, value ? 'value' : 'mode');
  } else {
    const parsed = parseModeValue(mode, text);
    if (parsed.ok) return;
    const { message, hint = 'for example value: "50"' } = parsed.fault;
    spot.report({ code: 'ORD-118', message: `value: ${message}`, hint }, 'value');
  }
}
