import type { Rescue } from '@ordeal/move';
import type { ProcessName } from '../process-name.js';

/**
 * The format number of the layout below. A journal of another format is left to the version of Ordeal that wrote it.
 */
const FORMAT = 1;

/**
 * What is needed to undo an injection when all of its processes are dead. Written before anything is touched.
 */
export interface Journal {
  readonly id: string;
  /** The boot id: nothing of an earlier boot remains. */
  readonly boot: string;
  /** The process that holds it: the keeper, or a recovery in its place. */
  readonly keeper: ProcessName;
  /** The other processes of the injection, in the order of their start; most have ended. */
  readonly server: ProcessName | undefined;
  readonly descriptorKeeper: ProcessName | undefined;
  readonly mover: ProcessName | undefined;
  /** The link in /proc/PID/ns/mnt of the target. */
  readonly namespace: string;
  /** The process by which the path was found. */
  readonly pid: number;
  readonly path: string;
  /** The resolved path: symbolic links may lead elsewhere by now. */
  readonly place: string;
  /** Source of the mount in mountinfo, which no other mount has. */
  readonly source: string;
  /** Mounts that are, or are about to be, placed, the upper one first; empty before. */
  readonly mounts: readonly number[];
  readonly connection: number | undefined;
  /** Whether everything possible was restored, and the server stays for processes that still use the volume. */
  readonly ended: boolean;
  /** Whether files are identified by name because inode numbers were overridden. */
  readonly trustNames: boolean;
  /** Whether locks of the volume's users are the server's. */
  readonly locksHeld: boolean;
  /** Which data that a dead server never received is saved: not what differs because reads were damaged. */
  readonly rescue: Rescue;
}

/** Pure. */
export function formatJournal(journal: Journal): string {
  return `${JSON.stringify({ format: FORMAT, ...journal })}\n`;
}

/** The result of parsing: a journal, one of another format, or no journal, and why. */
export type ParsedJournal =
  | { readonly kind: 'journal'; readonly journal: Journal }
  | { readonly kind: 'foreign'; readonly reason: string }
  | { readonly kind: 'damaged'; readonly reason: string };

/** Pure; takes any text. */
export function parseJournal(text: string): ParsedJournal {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'damaged', reason: 'it is not JSON' };
  }
  if (!isObject(value)) return { kind: 'damaged', reason: 'it is not a JSON object' };
  const { format, ...fields } = value;
  if (!isNatural(format)) return { kind: 'damaged', reason: 'it has no format number' };
  if (format !== FORMAT) {
    return { kind: 'foreign', reason: `it has format ${format}, this version of Ordeal reads ${FORMAT}` };
  }
  const wrong = Object.entries(FIELDS).find(([name, fits]) => !fits(fields[name]));
  if (wrong) return { kind: 'damaged', reason: `its ${wrong[0]} is ${JSON.stringify(fields[wrong[0]])}` };
  return { kind: 'journal', journal: fields as unknown as Journal };
}

const FIELDS: { readonly [name in keyof Journal]: (value: unknown) => boolean } = {
  id: (value) => isText(value) && /^[\w-]+$/.test(value),
  boot: isText,
  keeper: isProcess,
  server: optionally(isProcess),
  descriptorKeeper: optionally(isProcess),
  mover: optionally(isProcess),
  namespace: isText,
  pid: isNatural,
  path: isPath,
  place: isPath,
  source: isText,
  mounts: (value) => Array.isArray(value) && value.every(isNatural),
  connection: optionally(isNatural),
  ended: isBoolean,
  trustNames: isBoolean,
  locksHeld: isBoolean,
  rescue: (value) => value === 'unwritten' || value === 'differing',
};

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isPath(value: unknown): boolean {
  return isText(value) && value.startsWith('/');
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

/** Process ids, mount ids and numbers of connections. */
function isNatural(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isProcess(value: unknown): boolean {
  return isObject(value) && isNatural(value.pid) && value.pid > 0 && isText(value.started);
}

function optionally(fits: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === undefined || fits(value);
}
