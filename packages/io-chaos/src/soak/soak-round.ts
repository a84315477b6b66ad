import { sendSignal } from '@ordeal/linux';
import { uniformFloat32 } from 'pure-rand/distribution/uniformFloat32';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { LiveInjection, PATIENCE, type Player } from '../testing/live-injection.js';
import { eventually, pause } from '../testing/target.js';
import { SoakTarget } from './soak-target.js';

/** Who is killed in one round; `everything` is all of them at once. */
export const VICTIMS = ['server', 'keeper', 'owner', 'mover', 'recover', 'everything'] as const;
export type Victim = (typeof VICTIMS)[number];

/**
 * What is injected: reads and writes that meet rules, and files that are passed through. Errors meet all files but
 * `mapped`: what a failed writeback loses of a mapping is the fault itself.
 */
const specsOf = (volume: string) => [
  { action: 'fault', errno: 5, methods: ['write'], percent: 30, path: `${volume}/[adprs]*` },
  { action: 'latency', delay: '2000000', methods: ['read', 'write', 'fsync'], percent: 20 },
  { action: 'latency', delay: '300000000', methods: ['write'], percent: 5 },
  { action: 'latency', delay: '2000000', methods: ['readlink'], percent: 20 },
];
const EVERYBODY: readonly Player[] = ['owner', 'keeper', 'server', 'descriptor keeper', 'mover'];
/** More recoveries than can be needed. */
const RECOVERIES = 4;

/** Numbers from 0 up to but not including 1. */
type Random = () => number;

export interface RoundResult {
  /** What was lost, doubled, torn or left, a line each. */
  readonly problems: readonly string[];
  /** What was done, for whoever has to find out. */
  readonly story: readonly string[];
  /** Where the volume and what was told are, if there are problems. */
  readonly directory: string;
}

/**
 * One round: the writer writes, faults come, a process is killed at a random moment, everything is restored and compared.
 *
 * @param program from {@link SoakTarget.compile}
 * @param seed decides what is injected and when the kill comes, as far as a clock can decide that
 */
export async function soakRound(program: string, victim: Victim, seed: number): Promise<RoundResult> {
  const generator = xoroshiro128plus(seed);
  const random = () => uniformFloat32(generator);
  const target = new SoakTarget(program);
  const specs = specsOf(target.volume);
  const spec = specs[Math.floor(random() * specs.length)] ?? {};
  const injection = new LiveInjection(target, { spec });
  const story = [JSON.stringify(spec)];
  const problems: string[] = [];
  try {
    await kill(injection, victim, random, story);
    await takenBack(injection, story);
    await pause(50);
    problems.push(...target.strays());
    problems.push(...(await target.finish()));
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  if (problems.length > 0) target.abandon();
  injection.close();
  return { problems, story, directory: target.directory };
}

async function kill(
  injection: LiveInjection,
  victim: Victim,
  random: Random,
  story: string[],
): Promise<void> {
  const wait = async (milliseconds: number) => {
    const chosen = Math.round(random() * milliseconds);
    story.push(`${chosen} ms`);
    await pause(chosen);
  };
  const killNow = (...players: readonly Player[]) => {
    story.push(
      `kill ${players.join(', ')}: ${players.flatMap((player) => injection.processes(player)).join(' ')}`,
    );
    injection.kill(...players);
  };
  if (victim !== 'recover' && random() < 0.25) {
    // While it is armed, as soon as whoever is to be killed is there.
    const first = victim === 'everything' ? 'keeper' : victim;
    await eventually(`a ${first}`, () => injection.processes(first).length > 0, PATIENCE);
    await wait(800);
  } else {
    await injection.arm();
    story.push('armed');
    if (victim === 'mover') {
      await wait(100);
      injection.end();
      await wait(150);
    } else await wait(500);
  }
  if (victim === 'everything') killNow(...EVERYBODY);
  else if (victim !== 'recover') killNow(victim);
  else {
    killNow('keeper', ...(random() < 0.5 ? (['server'] as const) : []));
    const first = injection.recover();
    await eventually('a recovery', () => injection.processes('recover').length > 0, PATIENCE);
    await wait(1200);
    killNow('recover', ...(random() < 0.5 ? (['mover'] as const) : []));
    await first.catch((error) => story.push(String(error)));
  }
  if (victim === 'mover') injection.end();
}

/** Where the keeper lives, it does it; else recoveries do. */
async function takenBack(injection: LiveInjection, story: string[]): Promise<void> {
  const helpers = () => injection.processes().filter((pid) => pid !== injection.owner.pid);
  await eventually('the keeper has ended', () => injection.processes('keeper').length === 0, PATIENCE);
  for (let count = 0; injection.journals.length > 0; count++) {
    if (count === RECOVERIES) throw new Error(`not recovered: ${injection.journals.join(', ')}`);
    const results = (await injection.recover()) ?? [];
    story.push(...results.map(({ outcome, did }) => `${outcome}: ${did.join('; ')}`));
  }
  await eventually('all of Ordeal has ended', () => helpers().length === 0, PATIENCE);
  if (injection.owner.pid !== undefined) sendSignal(injection.owner.pid, 'SIGKILL');
}
