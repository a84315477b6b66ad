// A program that kills Ordeal's processes at random moments, over and over, and compares what is in the volume with what
// its writers were told. It ends with status 1 at the first difference, and leaves the files where they are.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { soakRound, VICTIMS, type Victim } from './soak-round.js';

const USAGE = `usage: npm run soak -- [--kills N | --minutes N] [--victim ${VICTIMS.join('|')}|all] [--busy N] [--jobs N] [--seed N]
  --kills    end after so many kills (default: 100)
  --minutes  end after this time instead
  --victim   who is killed; all: one after the other (default)
  --busy     busy loops that run beside it (default: 0)
  --jobs     volumes at once (default: one for each CPU)
  --seed     of the random moments (default: drawn, and told with a difference)`;

const OPTIONS = {
  kills: { type: 'string' },
  minutes: { type: 'string' },
  victim: { type: 'string', default: 'all' },
  busy: { type: 'string', default: '0' },
  jobs: { type: 'string', default: String(availableParallelism()) },
  seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const values = readOptions();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const kills =
  values.kills === undefined && values.minutes === undefined ? 100 : Number(values.kills ?? Infinity);
const deadline = performance.now() + Number(values.minutes ?? Infinity) * 60_000;
const [busy, jobs, seed] = [values.busy, values.jobs, values.seed].map(Number) as [number, number, number];
const victims = values.victim === 'all' ? VICTIMS : VICTIMS.filter((victim) => victim === values.victim);
if (victims.length === 0 || [kills, deadline, busy, jobs, seed].some(Number.isNaN))
  refuse('not a number, or no such victim');

function readOptions() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function refuse(reason: string): never {
  console.error(`soak: ${reason}\n${USAGE}`);
  process.exit(2);
}

const directory = mkdtempSync(join(tmpdir(), 'ordeal-soak-'));
const totals = new Map<Victim, number>();
let begun = 0;
let failed = false;

async function work(program: string): Promise<void> {
  while (begun < kills && performance.now() < deadline && !failed) {
    const round = begun++;
    const victim = victims[round % victims.length] ?? 'server';
    const { problems, story, directory: kept } = await soakRound(program, victim, seed + round);
    if (problems.length === 0) {
      totals.set(victim, (totals.get(victim) ?? 0) + 1);
      if (round % 20 === 19) console.log(line());
      continue;
    }
    failed = true;
    console.log(`round ${round}, seed ${seed}, victim ${victim}; files in ${kept}`);
    for (const each of story) console.log(`  did ${each}`);
    for (const problem of problems.slice(0, 20)) console.log(`  found ${problem}`);
    if (problems.length > 20) console.log(`  and ${problems.length - 20} more`);
  }
}

function line(): string {
  const all = [...totals].map(([victim, count]) => `${victim} ${count}`).join(', ');
  return `${Math.round(performance.now() / 1000)} s, kills without a difference: ${all || 'none'}`;
}

const loops: ChildProcess[] = [];
try {
  const { SoakTarget } = await import('./soak-target.js');
  const program = SoakTarget.compile(directory);
  console.log(`seed ${seed}, victims ${victims.join(', ')}, ${jobs} at a time, beside ${busy} busy loops`);
  for (let count = 0; count < busy; count++) loops.push(spawn('sh', ['-c', 'while :; do :; done']));
  await Promise.all(Array.from({ length: jobs }, () => work(program)));
} finally {
  for (const loop of loops) loop.kill('SIGKILL');
  rmSync(directory, { recursive: true });
}
console.log(line());
process.exit(failed ? 1 : 0);
