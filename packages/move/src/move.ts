import { listProcesses } from '@ordeal/linux';
import type { HeldLocks } from './description-state.js';
import { DescriptionTable } from './description-table.js';
import { surveyDirectories } from './directories.js';
import { describe } from './install-descriptors.js';
import { describeMapping, surveyMappings } from './mapping-survey.js';
import { findMeans, type MoveMeans } from './movable.js';
import { OldSide } from './old-side.js';
import { movePass } from './pass.js';
import { describeWork, hasWork, type ProcessSurvey, SurveyedProcess } from './process-survey.js';
import type { LastAppend } from './repeated-appends.js';
import type { LastChange } from './repeated-changes.js';
import type { MovedProcess, MovePlan, MoveReport, PlannedProcess } from './report.js';
import type { LeftBehind, OpenOnNewSide } from './sides.js';
import { mayHoldUnwritten, type UnwrittenPages } from './unwritten-pages.js';

/**
 * Progress of a move: all processes are stopped; one can make calls; its mappings and directories are moved; all is
 * moved.
 */
export type MoveStep = 'stopped' | 'prepared' | 'mapped' | 'moved';

/** How to move if the server of the old side is dead. */
export interface DeadServer {
  readonly unwritten: UnwrittenPages;
  /**
   * Ends the connection, once. Called when all processes have been asked to stop: a thread that waits for the server then stops as
   * it leaves its system call, and makes it once more on the new side.
   */
  readonly endConnection: () => void;
  /** What it was appending; asked when it and the connection have ended. `undefined` where that is not known. */
  readonly lastAppend: () => LastAppend | undefined;
  /** Which name it had changed and not answered; asked at the same time. `undefined` for none. */
  readonly lastChange: () => LastChange | undefined;
}

export interface MoveOptions {
  /** An O_PATH descriptor of the old tree's root, a directory or a single file, which stays the caller's. */
  readonly from: number | OldSide;
  readonly openOnNewSide: OpenOnNewSide;
  /**
   * The processes to look at; asked again until no new ones appear. While processes are stopped only new ones are asked
   * for, `among` those that have started: telling who sees a tree takes long where there are many.
   */
  readonly processes: (among?: readonly number[]) => readonly number[];
  /** Whether the old side keeps written data back, as a server with a write-back cache does. Default: no. */
  readonly writeBack?: boolean;
  /** Given where the old side's server has died. */
  readonly dead?: DeadServer;
  /** Where the old side keeps locks itself. Default: the kernel is asked, which knows those of all local files. */
  readonly heldLocks?: HeldLocks;
  /** Whether programs and libraries move too. Default: no. */
  readonly executables?: boolean;
  /** Milliseconds that one process may take to stop. Default: 2000. */
  readonly stopTimeoutMs?: number;
  /** Called with the progress of the move. */
  readonly reached?: (step: MoveStep) => void;
}

/** More passes than any program needs that opens files while it is moved; whatever is left then is reported. */
const MAX_PASSES = 10;

const ROOT_STAYS = {
  what: 'the root directory',
  reason: 'may not be changed by its process, which lacks CAP_SYS_CHROOT',
} as const satisfies LeftBehind;

/**
 * Moves what live processes have open from one tree to another one with the same files. It runs on one operating
 * system thread, blocking it for milliseconds: never on one that serves either side. The caller closes it.
 */
export class Move {
  readonly #options: MoveOptions;
  readonly #oldSide: OldSide;
  readonly #descriptions: DescriptionTable;
  readonly #means = new Map<number, MoveMeans>();
  readonly #surveyed = new Map<number, SurveyedProcess>();

  /** @throws SyscallError where `from` is no open descriptor */
  constructor(options: MoveOptions) {
    this.#options = options;
    this.#oldSide = typeof options.from === 'number' ? new OldSide(options.from) : options.from;
    this.#descriptions = new DescriptionTable(this.#oldSide, options.openOnNewSide);
  }

  /**
   * What would be moved and what cannot be, and why. Opens the files on the new side, and touches no process.
   *
   * @throws SyscallError
   */
  plan(): MovePlan {
    return { processes: this.#survey().map((found) => this.#planned(found)) };
  }

  /**
   * Moves everything that can be, in as many passes as it takes until no process has anything left.
   *
   * @throws OrdealError ORD-751 where a process cannot be stopped: then nothing was moved in that pass
   */
  run(): MoveReport {
    const report = new Map<number, MovedProcess>();
    let passes = 0;
    for (; passes < MAX_PASSES; passes++) {
      const existing = new Set(listProcesses());
      const work = this.#survey().filter((found) => typeof found.means !== 'string' && hasWork(found.survey));
      if (work.length === 0) break;
      movePass({
        pids: work.map(({ survey }) => survey.pid),
        existing,
        known: new Set(this.#surveyed.keys()),
        options: this.#options,
        oldSide: this.#oldSide,
        noteUnwritten: () => this.noteUnwritten(),
        survey: (pid) => this.#surveyOne(pid),
        process: (pid) => this.#processOf(pid),
        report,
      });
    }
    return { processes: [...report.values()], passes, left: this.#survey().flatMap(leftOver) };
  }

  /** Records what has not been written back on the old side: see {@link UnwrittenPages.note}. */
  noteUnwritten(): void {
    const { dead, processes } = this.#options;
    if (!dead) return;
    for (const pid of processes()) {
      for (const mapping of surveyMappings(pid, this.#oldSide, false).moving.filter(mayHoldUnwritten)) {
        dead.unwritten.note(pid, mapping);
      }
    }
  }

  /** Closes what was held open. What was moved stays moved. */
  close(): void {
    this.#descriptions.close();
  }

  #survey(): Found[] {
    return this.#options.processes().flatMap((pid) => this.#surveyOne(pid) ?? []);
  }

  #surveyOne(pid: number): Found | undefined {
    const surveyed = this.#processOf(pid);
    const look = () =>
      surveyed.survey({
        oldSide: this.#oldSide,
        descriptions: this.#descriptions,
        executables: this.#options.executables ?? false,
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

  /** Found while the process runs: once it is stopped here, it is traced. */
  #meansOf(pid: number): MoveMeans | string | undefined {
    const known = this.#means.get(pid);
    if (known) return known;
    const means = findMeans(pid);
    if (typeof means === 'object') this.#means.set(pid, means);
    return means;
  }

  #processOf(pid: number): SurveyedProcess {
    const known = this.#surveyed.get(pid);
    if (known) return known;
    const fresh = new SurveyedProcess(pid);
    this.#surveyed.set(pid, fresh);
    return fresh;
  }

  #planned({ survey, means }: Found): PlannedProcess {
    const directories = survey.directories.flatMap(({ tid, which }) => {
      const { move, left } = surveyDirectories(survey.pid, tid, this.#oldSide, this.#options.openOnNewSide);
      move?.root?.close();
      move?.working.close();
      return { which, left };
    });
    return {
      pid: survey.pid,
      threads: survey.threads,
      refused: typeof means === 'string' ? means : undefined,
      descriptors: survey.tables.flatMap(({ held }) => held.map(describe)),
      directories: directories.flatMap(({ which, left }) =>
        which.filter((name) => !left.some(({ what }) => what === name)),
      ),
      mappings: survey.mappings.map(describeMapping),
      left: [...survey.left, ...directories.flatMap(({ left }) => left)],
    };
  }
}

/** A process with something on the old side. */
export interface Found {
  readonly survey: ProcessSurvey;
  /** Why it cannot be moved, where it cannot. */
  readonly means: MoveMeans | string;
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

function leftOver({ survey, means }: Found): (LeftBehind & { pid: number })[] {
  const { pid } = survey;
  const reason = typeof means === 'string' ? means : 'appeared faster than it could be moved';
  const moving = describeWork(survey).map((what) => ({ what, reason }));
  return [...survey.left, ...moving].map((entry) => ({ pid, ...entry }));
}
