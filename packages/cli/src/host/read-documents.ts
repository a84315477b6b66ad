import { readFileSync } from 'node:fs';
import type { Problem } from '@ordeal/diagnostics';
import { type Experiment, type Frame, parseDocuments } from '@ordeal/experiment';

/** All documents of some files, and their problems. */
export interface ReadDocuments {
  readonly experiments: readonly Experiment[];
  /** In the order of the files and their lines. */
  readonly problems: readonly Problem[];
  /** Call chains of documents with errors, as far as they could be read. */
  readonly brokenFrames: readonly BrokenFrames[];
  /** The files' texts by name, for excerpts; empty for those that cannot be read. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Frames of one file. */
export interface BrokenFrames {
  readonly file: string;
  readonly frames: readonly Frame[];
}

/** Reads every file, `-` for standard input. A file that cannot be read is a problem among the others. */
export function readDocuments(files: readonly string[]): ReadDocuments {
  const experiments: Experiment[] = [];
  const problems: Problem[] = [];
  const brokenFrames: BrokenFrames[] = [];
  const sources = new Map<string, string>();
  for (const path of new Set(files)) {
    const file = path === '-' ? 'standard input' : path;
    let text: string;
    try {
      text = decode(readFileSync(path === '-' ? 0 : path));
    } catch (error) {
      sources.set(file, '');
      problems.push(unreadable(file, error));
      continue;
    }
    const read = readText(text, file);
    sources.set(file, text);
    experiments.push(...read.experiments);
    problems.push(...read.problems);
    brokenFrames.push(...read.brokenFrames);
  }
  return { experiments, problems, brokenFrames, sources };
}

/** The documents of one text. Pure. @param file its name in problems */
export function readText(text: string, file: string): ReadDocuments {
  const { experiments, problems, brokenFrames } = parseDocuments(text, file);
  return {
    experiments,
    problems,
    brokenFrames: brokenFrames.length > 0 ? [{ file, frames: brokenFrames }] : [],
    sources: new Map([[file, text]]),
  };
}

/** Whether there are errors, so that nothing may run. */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}

/** Why a file cannot be read, and the hint if there is one. */
const REASONS: Readonly<Record<string, (file: string) => readonly [message: string, hint?: string]>> = {
  ENOENT: () => ['there is no such file'],
  EACCES: () => ['permission denied'],
  EISDIR: (file) => ['it is a directory', `name its files: ${file.replace(/\/+$/, '')}/*.yaml`],
  UTF16: (file) => ['it is UTF-16, not UTF-8', `convert it: iconv -f UTF-16 -t UTF-8 '${file}'`],
  ERR_ENCODING_INVALID_ENCODED_DATA: () => ['it is not text in UTF-8'],
};

/** @throws an error whose code is one of {@link REASONS} for anything but UTF-8 */
function decode(bytes: Uint8Array): string {
  // Without a byte order mark, UTF-16 is recognised by the NUL byte of each ASCII character.
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isUtf16 || (bytes.length > 1 && (first === 0) !== (second === 0)))
    throw Object.assign(new Error('UTF-16'), { code: 'UTF16' });
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

function unreadable(file: string, error: unknown): Problem {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const [reason, hint] = REASONS[code]?.(file) ?? [code];
  return {
    severity: 'error',
    code: 'ORD-902',
    file,
    place: { line: 1, column: 1, length: 1 },
    message: `the file cannot be read: ${reason}`,
    ...(hint === undefined ? {} : { hint }),
  };
}
