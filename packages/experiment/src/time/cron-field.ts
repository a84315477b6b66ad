import { nearestNames } from '@ordeal/diagnostics';
import { fault, type Parsed, read } from '../parsed.js';

/** One field of a cron expression: its bounds, and names for its numbers. */
export interface FieldRule {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

/** The numbers that a field allows. `star` tells `*` and `?` from a list that happens to hold every number. */
export interface FieldValues {
  readonly values: ReadonlySet<number>;
  readonly star: boolean;
}

/**
 * Reads one field as robfig/cron v3 does: `*`, `?`, `7`, `1-5`, `1-5/2`, `*` with a step, `10/5` (to the maximum),
 * names, and lists of these.
 *
 * @param start position of the field in the whole text, for faults
 */
export function parseField(text: string, start: number, rule: FieldRule): Parsed<FieldValues> {
  const values = new Set<number>();
  let star = false;
  let at = start;
  for (const part of text.split(',')) {
    const range = parseRange(part, at, rule);
    if (!range.ok) return range;
    for (let value = range.value.from; value <= range.value.to; value += range.value.step) values.add(value);
    star ||= range.value.star;
    at += part.length + 1;
  }
  return read({ values, star });
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly star: boolean;
}

function parseRange(text: string, at: number, rule: FieldRule): Parsed<Range> {
  const [span = '', stepText, ...moreSteps] = text.split('/');
  const [fromText = '', toText, ...moreEnds] = span.split('-');
  if (moreSteps.length > 0 || moreEnds.length > 0) {
    return fault(
      at,
      text.length,
      `'${text}' is not a range of ${rule.name}`,
      'a range looks like 1-5 or 1-5/2',
    );
  }
  const every = (fromText === '*' || fromText === '?') && toText === undefined;
  const from = every ? read(rule.min) : parseNumber(fromText, at, rule);
  if (!from.ok) return from;
  const step = stepText === undefined ? read(1) : parseStep(stepText, at + span.length + 1);
  if (!step.ok) return step;
  const open = every || (toText === undefined && stepText !== undefined);
  const to = open ? read(rule.max) : parseEnd(toText, from.value, at + fromText.length + 1, rule);
  if (!to.ok) return to;
  if (from.value > to.value) {
    return fault(at, span.length, `the range ${span} of ${rule.name} ends before it begins`);
  }
  return read({ from: from.value, to: to.value, step: step.value, star: every && step.value === 1 });
}

function parseEnd(text: string | undefined, from: number, at: number, rule: FieldRule): Parsed<number> {
  return text === undefined ? read(from) : parseNumber(text, at, rule);
}

function parseStep(text: string, at: number): Parsed<number> {
  const step = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return step > 0
    ? read(step)
    : fault(at, text.length, `'${text}' is not a step`, 'a step is a number above 0');
}

function parseNumber(text: string, at: number, rule: FieldRule): Parsed<number> {
  const named = rule.names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return read(named + rule.min);
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= rule.min && number <= rule.max) return read(number);
  const near = nearestNames(text, rule.names ?? []);
  const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : undefined;
  const message = `'${text}' is not a ${rule.name}: ${rule.min} to ${rule.max}${rule.names ? ' or a name' : ''}`;
  return fault(at, text.length, message, hint);
}
