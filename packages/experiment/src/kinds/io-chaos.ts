import { compileGlob } from '../io/glob.js';
import { IO_METHODS } from '../io/methods.js';
import { integer } from '../schema/integer.js';
import { list } from '../schema/list.js';
import { object } from '../schema/object.js';
import { inLanguage, oneOf, stringThat } from '../schema/scalar.js';
import { defaulted, type Infer, optional, required } from '../schema/shape.js';
import { checkAction, IO_ACTIONS } from './io-action.js';
import { attrShape } from './io-attr.js';
import { capacityShape } from './io-capacity.js';
import { delayFields } from './io-delay.js';
import { errnoShape } from './io-errno.js';
import { limitShape } from './io-limit.js';
import { powerLossShape } from './io-power-loss.js';
import { schedulerField } from './scheduler.js';
import { targetFields } from './target.js';
import { triggerFields } from './trigger.js';

const mistakeShape = object({
  filling: required(
    oneOf(['zero', 'random', 'flip', 'misplaced', 'stale', 'sticky']),
    'What damaged bytes become: zeros, random bytes, the same with one bit flipped in each, those of another block of the file (on reads), those before the last write (on reads), or one bit flipped in each that stays so until it is overwritten (on reads).',
  ),
  maxOccurrences: required(integer({ min: 1 }), 'The most places of one read or write that are damaged.'),
  maxLength: required(integer({ min: 1 }), 'The most bytes of one damaged place.'),
});

const embedded = {
  ...targetFields,
  action: required(oneOf(IO_ACTIONS), 'What happens to matching requests.'),
  ...delayFields,
  errno: optional(
    errnoShape,
    'The error that a request gets, for action fault: a number, or a name such as EIO.',
  ),
  unsynced: optional(
    oneOf(['keep', 'lose']),
    'What a failed fsync does to data that was not synced, for action fault: keep leaves it readable, but no later fsync writes it; lose brings back what was there before. When left out, a later fsync writes it.',
  ),
  attr: optional(
    attrShape,
    'Attributes that replies carry instead of the real ones, for action attrOverride.',
  ),
  mistake: optional(mistakeShape, 'How read and written bytes are damaged, for action mistake.'),
  capacity: optional(capacityShape, 'How much space there is, for action capacity.'),
  limit: optional(limitShape, 'The most that matching requests do in a second, for action limit.'),
  powerLoss: optional(powerLossShape, 'What a cut of the power leaves of the volume, for action powerLoss.'),
  path: optional(
    inLanguage('a path pattern: *, ?, [abc], and ** as a whole component', 'ORD-116', compileGlob),
    'Which files, by their full path in the container; all when left out.',
  ),
  methods: defaulted(
    list(oneOf(IO_METHODS, { anyCase: true })),
    [],
    'Which file system operations; all when left out.',
  ),
  percent: defaulted(
    integer({ min: 0, max: 100 }),
    100,
    'Percent of matching requests that are affected; all when left out.',
  ),
  ...triggerFields,
  volumePath: required(
    stringThat('an absolute path', 'ORD-117', wrongVolumePath),
    'The directory or file in the container whose operations are affected.',
  ),
};

/** The kernel's own file systems in every container. */
const KERNEL_DIRECTORIES: ReadonlySet<string | undefined> = new Set(['proc', 'sys']);

function wrongVolumePath(text: string): string | undefined {
  if (!text.startsWith('/')) return `'${text}' is not an absolute path in the container`;
  if (text.includes('\0')) return 'a path cannot contain a NUL';
  const names = text.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) return `'${text}' must not contain '..'`;
  if (names.length === 0)
    return `'${text}' is the root directory, which holds /proc; name a directory below it`;
  if (KERNEL_DIRECTORIES.has(names[0])) return `'${text}' holds no files of a program, only the kernel’s`;
  return undefined;
}

/** `spec` of an IOChaos inside a Schedule. */
export const ioChaosTemplateShape = object(embedded, checkAction);

/** `spec` of an IOChaos. */
export const ioChaosShape = object({ ...embedded, ...schedulerField }, checkAction);

/** What an IOChaos does. `duration` and `delay` in nanoseconds. */
export interface IOChaosSpec extends Infer<typeof ioChaosTemplateShape> {}
