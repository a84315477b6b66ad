import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cgroup2Root, readCgroup } from '@ordeal/linux';
import type { Mechanism } from '../assemble/convention.js';
import { type CounterName, type Counters, sumCounters } from '../counters.js';
import { KernelInjection } from '../injection.js';
import { type KernelFacts, readKernelFacts } from '../kernel-facts.js';
import { blueprintOf, planRequest } from '../plan.js';
import type { Scope } from '../scope.js';
import { requestOf, type SampleRequest } from './sample-request.js';

/** Test support for the tests that run inside the lab VM, as root. */

let facts: KernelFacts | undefined;

/** Facts about the lab's kernel, read once. */
export function labFacts(): KernelFacts {
  facts ??= readKernelFacts();
  return facts;
}

let program: string | undefined;

/** The sample program, compiled once inside the VM. */
export function requestsProgram(): string {
  if (program === undefined) {
    program = join(mkdtempSync(join(tmpdir(), 'ordeal-lab-')), 'requests');
    const source = new URL('../../fixtures/requests.c', import.meta.url).pathname;
    execFileSync('gcc', ['-O1', '-pthread', '-o', program, source]);
  }
  return program;
}

let cgroups = 0;

/** A cgroup for one test; `run` executes a command inside it and returns what it printed. */
export class LabCgroup {
  readonly path: string;
  readonly scope: Scope;

  constructor(parent = cgroup2Root() ?? '/sys/fs/cgroup') {
    this.path = join(parent, `lab-test-${process.pid}-${cgroups++}`);
    mkdirSync(this.path);
    const { id, level } = readCgroup(cgroup2Root() ?? '', this.path);
    this.scope = { kind: 'cgroup', id, level };
  }

  async run(command: readonly string[]): Promise<CommandResult> {
    return runIn(this.path, command);
  }

  remove(): void {
    rmdirSync(this.path);
  }
}

export interface CommandResult {
  readonly stdout: string;
  readonly code: number | null;
}

/** Runs a command in a cgroup (or in this process's own) without blocking this process. */
export function runIn(cgroup: string | undefined, command: readonly string[]): Promise<CommandResult> {
  const place = cgroup === undefined ? ':' : `echo $$ > ${cgroup}/cgroup.procs`;
  const child = spawn('/bin/sh', ['-c', `${place}; exec "$@"`, 'sh', ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ stdout, code })));
}

/** Arms a request, runs `body`, recovers, and returns the counters. */
export async function withFaults(
  request: SampleRequest,
  scopes: readonly Scope[],
  mechanism: Mechanism,
  body: (injection: KernelInjection) => Promise<void>,
): Promise<Counters> {
  const injection = armSample(request, scopes, mechanism);
  try {
    await body(injection);
  } finally {
    injection.recover();
  }
  return sumCounters(injection.counters());
}

/** Arms a request; the caller recovers it. */
export function armSample(
  request: SampleRequest,
  scopes: readonly Scope[],
  mechanism: Mechanism,
  duration?: bigint,
): KernelInjection {
  const { plan, problems } = planRequest(requestOf(request), 'test.yaml', labFacts());
  if (!plan) throw new Error(JSON.stringify(problems));
  return KernelInjection.arm(blueprintOf(plan, scopes, mechanism), duration);
}

/** The two numbers that the sample program prints. */
export function outcome({ stdout }: CommandResult): { enomem: number; other: number } {
  const [, enomem, other] = /enomem=(\d+) other=(\d+)/.exec(stdout) ?? [];
  return { enomem: Number(enomem), other: Number(other) };
}

/** Some counters as numbers, for comparisons. */
export function pick(counters: Counters, ...names: CounterName[]): Partial<Record<CounterName, number>> {
  return Object.fromEntries(names.map((name) => [name, Number(counters[name])]));
}

/** What this process holds in the kernel for armed programs, or what of it has such a name. */
export function bpfDescriptors(kind = /bpf|perf_event/): string[] {
  return readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${name}`);
      return kind.test(target) ? [target] : [];
    } catch {
      return [];
    }
  });
}

/** Waits until a condition holds; false after ten seconds. */
export async function eventually(holds: () => boolean): Promise<boolean> {
  for (let waited = 0; waited < 10_000; waited += 50) {
    if (holds()) return true;
    await sleep(50);
  }
  return holds();
}
