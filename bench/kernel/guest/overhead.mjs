// Inside the VM under -icount, where the clock counts instructions: what an armed fault costs a process that is out of
// its scope, in scope without a match, and matching (with a probability of 0, so that nothing really fails). Prints one
// JSON object; costs are nanoseconds (instructions x 2^shift) a turn of pipe-loop.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { armed } from './armed.mjs';
import { startBcc } from './peer.mjs';

const [, , loop, turns] = process.argv;
const cgroup = '/sys/fs/cgroup/bench-target';
mkdirSync(cgroup, { recursive: true });

const outside = () => Number(execFileSync(loop, [turns], { encoding: 'utf8' }));
const inside = () =>
  Number(
    execFileSync('sh', ['-c', `echo $$ > ${cgroup}/cgroup.procs; exec ${loop} ${turns}`], {
      encoding: 'utf8',
    }),
  );
// The least of a few runs: interrupts and background work only ever add.
const least = (measure) => Math.min(measure(), measure(), measure());

/** Chains that pipe(2) goes through, and one that it does not. */
const CHAINS = {
  'no chain': [],
  'chain of 1': ['__x64_sys_pipe2'],
  'chain of 3': ['__x64_sys_pipe2', 'create_pipe_files', 'alloc_pipe_info'],
  'chain of 1, never entered': ['__x64_sys_swapon'],
};
const PREDICATE = {
  funcname: undefined,
  parameters: undefined,
  predicate: 's->size == 64 && gfpflags & __GFP_ZERO',
};
const frame = (funcname) => ({ funcname, parameters: undefined, predicate: undefined, source: {} });

const base = least(outside);
const rows = [];
const programs = [];
for (const mechanism of ['fmod_ret', 'kprobe']) {
  for (const [name, chain] of Object.entries(CHAINS)) {
    record(mechanism, name, chain.map(frame));
  }
  record(mechanism, 'predicate', [{ ...PREDICATE, source: {} }]);
}
const bcc = await startBcc();
const bccCost = least(outside);
await bcc.stop();
process.stdout.write(
  `${JSON.stringify({ base, rows, programs, bcc: bccCost, baseAgain: least(outside) })}\n`,
);

function record(mechanism, name, callchain) {
  const injection = armed(cgroup, mechanism, callchain, { probability: 0 });
  const reachedBefore = injection.counters()[0].reached;
  const one = inside();
  const calls = Number(injection.counters()[0].reached - reachedBefore) / Number(turns);
  rows.push({ mechanism, name, outside: least(outside), inside: Math.min(one, least(inside)), calls });
  for (const cost of injection.costs) programs.push({ mechanism, request: name, ...cost });
  injection.recover();
}
