import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CannotRun, type Case } from './case.js';

const sources = fileURLToPath(new URL('../../fixtures/posix/', import.meta.url));
/** A case that takes longer hangs. */
const LIMIT_MS = 20_000;
/** How the program ends where this host cannot run a case: fixtures/posix/main.c. */
const CANNOT = 77;

/** Compiles the cases that are written in C, for what needs processes, signals or memory of its own. @returns the program */
export function compilePosixProgram(directory: string): string {
  const program = join(directory, 'posix');
  const files = readdirSync(sources).filter((name) => name.endsWith('.c'));
  execFileSync('gcc', ['-O1', '-w', '-pthread', '-o', program, ...files], { cwd: sources });
  return program;
}

/** What a case needs its directory to be on; `any` file system will do for most. */
export type VolumeKind = 'any' | 'full' | 'read-only' | 'restricted' | 'quota';

/** The cases of the program for a kind of volume; each sees the lines that it prints. */
export function programCases(program: string, volume: VolumeKind = 'any'): readonly Case[] {
  const words = ['list', ...(volume === 'any' ? [] : [volume])];
  const titles = execFileSync(program, words, { encoding: 'utf8' }).trimEnd().split('\n');
  return titles.map((name) => ({ name, run: (directory) => runCase(program, name, directory) }));
}

function runCase(program: string, name: string, directory: string): readonly string[] {
  const options = { cwd: directory, timeout: LIMIT_MS, killSignal: 'SIGKILL', encoding: 'latin1' } as const;
  const { status, signal, stdout, stderr } = spawnSync(program, ['run', name], options);
  if (status === CANNOT) throw new CannotRun(stderr);
  const lines = stdout.trimEnd().split('\n');
  if (status === 0 && stderr === '') return lines;
  throw new Error(`ended with ${signal ?? status}: ${stderr}\n${lines.join('\n')}`);
}
