import { readFileSync } from 'node:fs';
import type { Problem } from '@ordeal/diagnostics';
import { type Experiment, parseDocuments } from '@ordeal/experiment';

/** All documents of some files, and everything that is wrong with them. */
export interface ReadDocuments {
  readonly experiments: readonly Experiment[];
  /** In the order of the files and their lines. */
  readonly problems: readonly Problem[];
  /** The files' texts by name, for excerpts. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Reads every file, `-` for standard input. A file that cannot be read is a problem among the others. */
export function readDocuments(files: readonly string[]): ReadDocuments {
  const experiments: Experiment[] = [];
  const problems: Problem[] = [];
  const sources = new Map<string, string>();
  for (const path of new Set(files)) {
    const file = path === '-' ? 'standard input' : path;
    let text: string;
    try {
      text = readFileSync(path === '-' ? 0 : path, 'utf8');
    } catch (error) {
      problems.push(unreadable(file, error));
      continue;
    }
    const parsed = parseDocuments(text, file);
    sources.set(file, text);
    experiments.push(...parsed.experiments);
    problems.push(...parsed.problems);
  }
  return { experiments, problems, sources };
}

/** Whether nothing may be run. */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
};

function unreadable(file: string, error: unknown): Problem {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return {
    severity: 'error',
    code: 'ORD-902',
    file,
    place: { line: 1, column: 1, length: 1 },
    message: `the file cannot be read: ${REASONS[code] ?? code}`,
  };
}
