import { type Glob, mayMatchBelow } from '../io/glob.js';
import type { IoMethod } from '../io/methods.js';
import type { Spot } from '../schema/spot.js';
import type { Mode } from '../targets/mode.js';
import { checkDelay, type DelayFields } from './io-delay.js';
import { checkModeValue } from './target.js';
import { warnOfCounts, warnOfSeed } from './trigger.js';

/** The actions of an IOChaos. */
export const IO_ACTIONS = [
  'latency',
  'fault',
  'attrOverride',
  'mistake',
  'limit',
  'capacity',
  'powerLoss',
] as const;

/** The action of an IOChaos. */
export type IoAction = (typeof IO_ACTIONS)[number];

/** The fields with the parameters of each action: one of them is needed. */
const BLOCKS = {
  latency: ['delay', 'histogram', 'stall'],
  fault: ['errno'],
  attrOverride: ['attr'],
  mistake: ['mistake'],
  limit: ['limit'],
  capacity: ['capacity'],
  powerLoss: ['powerLoss'],
} as const satisfies { readonly [action in IoAction]: readonly string[] };

type Block = (typeof BLOCKS)[IoAction][number];

/** Fields that say more of an action. */
const DETAILS: readonly (readonly [field: string, action: IoAction])[] = [
  ['jitter', 'latency'],
  ['correlation', 'latency'],
  ['distribution', 'latency'],
  ['unsynced', 'fault'],
];

const EXAMPLES: { readonly [action in IoAction]: string } = {
  latency: 'for example delay: 100ms',
  fault: 'for example errno: 5, which is EIO',
  attrOverride: 'for example attr: {perm: 0o444}',
  mistake: 'for example mistake: {filling: zero, maxOccurrences: 1, maxLength: 10}',
  limit: 'for example limit: {bytesPerSecond: 1048576}',
  capacity: 'for example capacity: {bytes: 1048576}',
  powerLoss: 'for example powerLoss: {lose: all}',
};

/** Operations whose replies or requests carry the bytes that a mistake damages. */
const DATA_METHODS: readonly IoMethod[] = ['read', 'write', 'readlink'];

/** Fields on which it depends whether anything about the faults is random. */
interface ByChance {
  readonly action?: IoAction | undefined;
  readonly percent?: number | undefined;
  readonly jitter?: bigint | undefined;
  readonly histogram?: readonly object[] | undefined;
}

/** Whether a seed has an effect. Pure. */
export function isByChance({ action, percent = 100, jitter, histogram }: ByChance): boolean {
  if (percent === 0) return false;
  return percent < 100 || action === 'mistake' || Boolean(jitter) || histogram !== undefined;
}

/** The interdependent fields of an IOChaos; unreadable ones are missing. */
interface IoFields extends DelayFields, ByChance {
  readonly mode?: Mode | undefined;
  readonly value?: string | undefined;
  readonly errno?: number | undefined;
  readonly stall?: object | undefined;
  readonly attr?: object | undefined;
  readonly mistake?: { readonly filling?: string | undefined } | undefined;
  readonly limit?: object | undefined;
  readonly capacity?: object | undefined;
  readonly powerLoss?: object | undefined;
  readonly path?: Glob | undefined;
  readonly methods?: readonly IoMethod[] | undefined;
  readonly volumePath?: string | undefined;
}

/** The rules between the fields of an IOChaos. */
export function checkAction(fields: IoFields, spot: Spot): void {
  checkModeValue(fields, spot);
  if (fields.action !== undefined) checkBlocks(fields.action, fields, spot);
  if (fields.action === 'latency') checkDelay(fields, spot);
  if (fields.action === 'fault') checkUnsynced(fields, spot);
  checkMethods(fields, spot);
  if (fields.action === 'mistake') checkWrites(fields, spot);
  if (fields.action === 'limit' || fields.action === 'capacity') checkEveryRequest(fields, spot);
  if (fields.action === 'powerLoss') checkWholeVolume(fields, spot);
  checkPath(fields, spot);
  if (fields.action === 'attrOverride') {
    warnOfCounts(spot, 'counts replies that carry attributes, and the kernel asks for those when it likes');
  }
  if (fields.percent !== undefined && !isByChance(fields)) warnOfSeed(spot);
  if (fields.percent === 0) {
    warn(spot, 'percent', 'percent: 0 affects no request; the existing engine may treat 0 as 100', 'ORD-121');
  }
}

function checkBlocks(action: IoAction, fields: IoFields, spot: Spot): void {
  const own: readonly Block[] = BLOCKS[action];
  // Other tools write zero and the empty text for "not set".
  const unreadable = (block: Block) => !(block in fields) && spot.wrote(block);
  const given = (block: Block) => Boolean(fields[block]) || unreadable(block);
  if (!own.some(given)) {
    const at = own.find((block) => spot.wrote(block));
    const zero = at !== undefined && (fields[at] === 0 || fields[at] === 0n);
    const needed = own.length > 1 ? `${own.slice(0, -1).join(', ')} or ${own.at(-1)}` : own[0];
    const message = zero
      ? `${at}: action ${action} does nothing with 0`
      : `action: ${action} needs ${needed}`;
    spot.report({ code: 'ORD-119', message, hint: EXAMPLES[action] }, at ?? 'action');
  }
  for (const [other, blocks] of Object.entries(BLOCKS) as [IoAction, readonly Block[]][]) {
    for (const block of blocks) {
      if (other === action || !given(block)) continue;
      const message = `${block}: is for action ${other}, this is action ${action}`;
      spot.report({ code: 'ORD-119', message, hint: 'write one IOChaos for each action' }, block);
    }
  }
  for (const [field, other] of DETAILS) {
    if (other === action || !spot.wrote(field)) continue;
    spot.report(
      { code: 'ORD-119', message: `${field}: is for action ${other}, this is action ${action}` },
      field,
    );
  }
}

function checkUnsynced({ methods = [] }: IoFields, spot: Spot): void {
  if (!spot.wrote('unsynced') || methods.length === 0 || methods.includes('fsync')) return;
  warn(spot, 'unsynced', 'unsynced: has no effect, fsync is not one of the methods');
}

function checkMethods({ action, methods = [] }: IoFields, spot: Spot): void {
  if (methods.length === 0) return;
  if (action === 'attrOverride') {
    warn(spot, 'methods', 'methods: has no effect, attrOverride affects every reply that carries attributes');
  } else if (action === 'mistake' && !methods.some((method) => DATA_METHODS.includes(method))) {
    warn(spot, 'methods', `methods: damages nothing, only ${DATA_METHODS.join(', ')} carry data`, 'ORD-121');
  } else if (methods.every((method) => method === 'forget')) {
    warn(spot, 'methods', 'methods: forget has no reply, so a fault has no visible effect', 'ORD-121');
  }
}

/** The one action that outlives its experiment. */
function checkWrites({ mistake, methods }: IoFields, spot: Spot): void {
  const filling = mistake?.filling;
  if (filling === 'misplaced' || filling === 'stale' || filling === 'sticky') {
    if (methods && methods.length > 0 && !methods.includes('read'))
      warn(spot, 'methods', `methods: ${filling} damages only what is read`, 'ORD-121');
    return;
  }
  if (methods === undefined || (methods.length > 0 && !methods.includes('write'))) return;
  spot.report(
    {
      severity: 'warning',
      code: 'ORD-127',
      message: 'mistake: what is written is damaged in the real file, and stays so after the experiment',
      hint: 'methods: [read] damages only what is read',
    },
    methods.length > 0 ? 'methods' : 'action',
  );
}

/** What is not counted would break a limit. */
function checkEveryRequest({ action, percent = 100 }: IoFields, spot: Spot): void {
  const methods = action === 'capacity' ? ['methods'] : [];
  for (const field of [...methods, 'percent', 'after', 'every', 'times', 'seed']) {
    if (!spot.wrote(field) || (field === 'percent' && percent === 100)) continue;
    const message = `${field}: a ${action} is for every matching request`;
    const hint = `choose requests by path${action === 'limit' ? ' and methods' : ''}`;
    spot.report({ code: 'ORD-119', message, hint }, field);
  }
}

/** The power of a disk is cut for all that is on it. */
function checkWholeVolume({ path, methods = [], percent = 100 }: IoFields, spot: Spot): void {
  const limits = {
    path: path !== undefined,
    methods: methods.length > 0,
    percent: percent !== 100,
    after: spot.wrote('after'),
    every: spot.wrote('every'),
    times: spot.wrote('times'),
    seed: spot.wrote('seed'),
  };
  for (const [field, given] of Object.entries(limits)) {
    if (!given) continue;
    const message = `${field}: powerLoss is for the whole volume, and for every request`;
    const hint = field === 'seed' ? 'write it into powerLoss' : 'name the directory as volumePath';
    spot.report({ code: 'ORD-119', message, hint }, field);
  }
}

function checkPath({ path, volumePath }: IoFields, spot: Spot): void {
  if (path === undefined || volumePath === undefined || mayMatchBelow(path.pattern, volumePath)) return;
  warn(spot, 'path', `path: matches nothing under ${volumePath}; patterns are full paths`, 'ORD-121');
}

function warn(spot: Spot, at: string, message: string, code: 'ORD-121' | 'ORD-123' = 'ORD-123'): void {
  spot.report({ severity: 'warning', code, message }, at);
}
