import type { CutPower, PoweredVolume, UnsyncedReport } from '@ordeal/io-chaos';
import type { UndoLogSize } from '@ordeal/node';
import { bytes, counted, grouped } from './number.js';

/** Ranges of one file and processes that are named; of more, the number is told. */
const MOST = 4;

/** What `ordeal cut` has done to one volume. */
export function renderCut({
  volume: { path },
  cut,
}: {
  readonly volume: PoweredVolume;
  readonly cut: CutPower;
}): string {
  const lost = lostWords(cut, path);
  const what = lost.length === 0 ? 'nothing was lost' : `${LOSES[cut.lose]} was lost`;
  const seed = cut.lose === 'random' ? `, seed ${cut.seed}` : '';
  return lines([
    `the power of ${path} was cut: ${what} (metadata ${cut.metadata}${seed})`,
    ...(cut.killed.length > 0
      ? [`  killed   ${listed(cut.killed.map(({ pid, command }) => `${command} (pid ${pid})`))}`]
      : []),
    ...lost.map((each) => `  ${each}`),
    ...logWords(cut),
    ...cut.failed.map((each) => `  not done: ${each}`),
    `${path} is as after a power failure: start the program on it again`,
  ]);
}

/** What `ordeal unsynced` shows of one volume. */
export function renderUnsynced(path: string, report: UnsyncedReport): string {
  const { files, entries } = report;
  if (files.length + entries.length === 0)
    return lines([`a power failure would take away nothing of ${path}: all is synced`, ...logWords(report)]);
  return lines([
    `a power failure could take away of ${path}`,
    ...files.map((file) => `  ${fileWords(path, file)}`),
    ...entries.map((each) => `  ${changeWords(path, each)}`),
    ...logWords(report),
  ]);
}

/** What a cut took away. @param root of the volume, as paths begin */
export function lostWords(
  { files, entries }: Pick<UnsyncedReport, 'files' | 'entries'>,
  root = '',
): string[] {
  return [...files.map((file) => fileWords(root, file)), ...entries.map((each) => entryWords(root, each))];
}

const LOSES = {
  all: 'all that was not synced',
  random: 'some of what was not synced',
  none: 'nothing',
} as const;

/** `/data/wal   8 192 bytes at 4 096; 4 096 bytes long instead of 12 288` */
function fileWords(
  root: string,
  { path, ranges, size, durableSize }: UnsyncedReport['files'][number],
): string {
  const places = listed(ranges.map(({ from, to }) => `${counted(to - from, 'byte')} at ${grouped(from)}`));
  const sizes = size === durableSize ? '' : `${grouped(durableSize)} bytes long instead of ${grouped(size)}`;
  return `${root}${path}   ${[places, sizes].filter((each) => each !== '').join('; ')}`;
}

type Entry = UnsyncedReport['entries'][number];

function entryWords(root: string, { kind, path, from }: Entry): string {
  const name = `${root}${path}`;
  if (kind === 'create') return `${name}   is not there: it was made`;
  if (kind === 'remove' || from === undefined) return `${name}   is there again: it was removed`;
  const deed = kind === 'rename' ? 'it was renamed to' : 'it changed places with';
  return `${root}${from}   is there again: ${deed} ${name}`;
}

function changeWords(root: string, { kind, path, from }: Entry): string {
  const name = `${root}${path}`;
  if (kind === 'create') return `${name}   made`;
  if (kind === 'remove' || from === undefined)
    return `${name}   ${kind === 'remove' ? 'removed' : 'renamed'}`;
  return `${name}   ${kind === 'rename' ? 'renamed from' : 'changed places with'} ${root}${from}`;
}

/** What the undo logs of a run took at most. */
export function undoLogWords({ memoryBytes, fileBytes, writtenBack }: UndoLogSize): string[] {
  return [`  old data: at most ${keptWords(memoryBytes, fileBytes)}`, ...writtenBackWords(writtenBack)];
}

/** What the undo log takes, and what it could not keep. */
function logWords({ kept: { memory, file }, writtenBack }: UnsyncedReport): string[] {
  return [
    ...(memory + file > 0 ? [`  old data: ${keptWords(memory, file)}`] : []),
    ...writtenBackWords(writtenBack),
  ];
}

function keptWords(memory: number, file: number): string {
  return `${bytes(memory)} in memory${file === 0 ? '' : `, ${bytes(file)} in a file`}`;
}

function writtenBackWords(times: number): string[] {
  if (times === 0) return [];
  const what = 'all that was not synced until then counts as written back';
  return [`  ${counted(times, 'time')} there was too much to keep: ${what}`];
}

function listed(words: readonly string[]): string {
  const more = words.length - MOST;
  return more > 0 ? `${words.slice(0, MOST).join(', ')} and ${grouped(more)} more` : words.join(', ');
}

function lines(each: readonly string[]): string {
  return each.map((line) => `${line}\n`).join('');
}
