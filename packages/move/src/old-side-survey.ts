import { DescriptionTable } from './description-table.js';
import { surveyMappings } from './mapping-survey.js';
import { findMeans, type MoveMeans } from './movable.js';
import type { MoveOptions } from './move-options.js';
import { OldSide } from './old-side.js';
import { describeWork, hasWork, type ProcessSurvey, SurveyedProcess } from './process-survey.js';
import type { LeftBehind } from './sides.js';
import { mayHoldUnwritten } from './unwritten-pages.js';

/** A process with something on the old side. */
export interface Found {
  readonly survey: ProcessSurvey;
  /** Why it cannot be moved, where it cannot. */
  readonly means: MoveMeans | string;
}

const ROOT_STAYS = {
  what: 'the root directory',
  reason: 'may not be changed by its process, which lacks CAP_SYS_CHROOT',
} as const satisfies LeftBehind;

/**
 * What processes have on the old side, over all passes of a move: it remembers successors that were opened, and what was
 * refused. It touches no process. The caller closes it.
 */
export class OldSideSurvey {
  readonly options: MoveOptions;
  readonly oldSide: OldSide;
  readonly #descriptions: DescriptionTable;
  readonly #means = new Map<number, MoveMeans>();
  readonly #surveyed = new Map<number, SurveyedProcess>();

  /** @throws SyscallError where `from` is no open descriptor */
  constructor(options: MoveOptions) {
    this.options = options;
    this.oldSide = typeof options.from === 'number' ? new OldSide(options.from) : options.from;
    this.#descriptions = new DescriptionTable(this.oldSide, options.openOnNewSide);
  }

  /** All processes that have something there. @throws SyscallError */
  all(): Found[] {
    return this.options.processes().flatMap((pid) => this.of(pid) ?? []);
  }

  /** `undefined` if it has nothing there, or has ended. @throws SyscallError */
  of(pid: number): Found | undefined {
    const surveyed = this.process(pid);
    const look = () =>
      surveyed.survey({
        oldSide: this.oldSide,
        descriptions: this.#descriptions,
        executables: this.options.executables ?? false,
      });
    const survey = look();
    if (!hasWork(survey) && survey.left.length === 0) return undefined;
    const means = this.#meansOf(pid);
    if (means === undefined) return undefined;
    if (typeof means === 'string') {
      keepShared(survey, means);
      const left = survey.left.map((entry) =>
        entry.reason === sharedReason(pid, means) ? { ...entry, reason: means } : entry,
      );
      return { survey: { ...survey, left }, means };
    }
    const rootStays =
      !means.mayChangeRoot && survey.directories.some(({ which }) => which.includes(ROOT_STAYS.what));
    if (!rootStays) return { survey, means };
    surveyed.refuse(ROOT_STAYS);
    return { survey: look(), means };
  }

  /** What is remembered of a process. */
  process(pid: number): SurveyedProcess {
    const known = this.#surveyed.get(pid);
    if (known) return known;
    const fresh = new SurveyedProcess(pid);
    this.#surveyed.set(pid, fresh);
    return fresh;
  }

  /** Processes that were looked at. */
  get known(): Set<number> {
    return new Set(this.#surveyed.keys());
  }

  /** Records what has not been written back to a dead server: see {@link UnwrittenPages.note}. */
  noteUnwritten(): void {
    const { dead, processes } = this.options;
    if (!dead) return;
    for (const pid of processes()) {
      for (const mapping of surveyMappings(pid, this.oldSide, false).moving.filter(mayHoldUnwritten)) {
        dead.unwritten.note(pid, mapping);
      }
    }
  }

  /** Closes the successors that were not handed over. */
  close(): void {
    this.#descriptions.close();
  }

  /** Found while the process runs: once it is stopped here, it is traced. */
  #meansOf(pid: number): MoveMeans | string | undefined {
    const known = this.#means.get(pid);
    if (known) return known;
    const means = findMeans(pid);
    if (typeof means === 'object') this.#means.set(pid, means);
    return means;
  }
}

/** Whether there is something to move, and it can be moved. */
export function isMovable(found: Found): found is Found & { readonly means: MoveMeans } {
  return typeof found.means !== 'string' && hasWork(found.survey);
}

/** What of a process stays, and what could not be moved in time. */
export function leftOver({ survey, means }: Found): (LeftBehind & { pid: number })[] {
  const { pid } = survey;
  const reason = typeof means === 'string' ? means : 'appeared faster than it could be moved';
  const moving = describeWork(survey).map((what) => ({ what, reason }));
  return [...survey.left, ...moving].map((entry) => ({ pid, ...entry }));
}

function sharedReason(pid: number, why: string): string {
  return `is shared with process ${pid}, which ${why}`;
}

/** Descriptions shared with a process that cannot be moved must not be moved in another process. */
function keepShared({ pid, tables }: ProcessSurvey, why: string): void {
  const reason = sharedReason(pid, why);
  for (const { description } of tables.flatMap(({ held }) => held)) {
    if (description.state.kind !== 'fresh') continue;
    description.state.successor.close();
    description.state = { kind: 'left', reason };
  }
}
