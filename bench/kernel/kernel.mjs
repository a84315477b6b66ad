// `npm run bench -- kernel`: what arming and being armed cost, against the bcc tool `inject` of Debian's bpfcc-tools, in
// one run inside the lab. Ratios are what counts: the lab emulates the machine, so absolute times say little.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootVm, buildKernel, prepareTools } from '@ordeal/lab';
import { BENCH_PACKAGES, installDebian } from '../../scripts/debian-packages.mjs';
import { median, table } from '../table.mjs';

const ROUNDS = 3;
const TURNS = 2000;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const progress = ({ step, stage }) => process.stderr.write(`${step}${stage ? `: ${stage}` : ''}\n`);

await installDebian(BENCH_PACKAGES);
await prepareTools({ progress, purpose: '6.1' });
const kernel = await buildKernel({ flavour: '6.1', progress });
const scratch = mkdtempSync(join(tmpdir(), 'ordeal-bench-'));
try {
  const loop = join(scratch, 'pipe-loop');
  execFileSync('gcc', ['-O2', '-static', '-o', loop, here('pipe-loop.c')]);
  const arming = await inGuest({}, [
    here('guest/arming.mjs'),
    here('../../packages/cli/bin/ordeal.mjs'),
    String(ROUNDS),
  ]);
  process.stdout.write(armingTable(arming));
  const overhead = await inGuest({ icount: { shift: 1 } }, [here('guest/overhead.mjs'), loop, String(TURNS)]);
  process.stdout.write(overheadTable(overhead));
  process.stdout.write(verifierTable(overhead));
  const many = await inGuest({ icount: { shift: 1 } }, [here('guest/many.mjs'), loop, String(TURNS)]);
  process.stdout.write(manyTable(many));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Runs a script in a fresh VM and returns the JSON object that it prints last. */
async function inGuest(options, script) {
  const vm = await bootVm({ kernelImage: kernel.imagePath, memoryMiB: 2048, accelerator: 'tcg', ...options });
  let output = '';
  try {
    const { exitCode } = await vm.run([process.execPath, ...script], {
      cwd: here('../..'),
      onStdout: (chunk) => {
        output += chunk;
      },
      onStderr: (chunk) => process.stderr.write(chunk),
    });
    if (exitCode !== 0) throw new Error(`${script[0]} ended with ${exitCode}:\n${output}`);
  } finally {
    await vm.shutdown();
  }
  return JSON.parse(output.trim().split('\n').at(-1));
}

function armingTable({ bcc, ordeal, warm }) {
  const of = (runs, field) => median(runs.map((run) => run[field]));
  const row = (name, own, peer, goal, digits = 0) => [
    name,
    own.toFixed(digits),
    peer.toFixed(digits),
    (own / peer).toFixed(3),
    goal,
  ];
  const bccTime = of(bcc, 'milliseconds');
  return table(
    `Until a slab fault is armed (medians of ${ROUNDS} and ${warm.length} runs in the lab)`,
    ['', 'ordeal', 'bcc inject', 'ratio', 'goal'],
    [
      row('process start to armed, ms', of(ordeal, 'milliseconds'), bccTime, '0.333'),
      row('parsed request to armed in a running process, ms', median(warm), bccTime, '0.020'),
      row('peak memory, MiB', of(ordeal, 'memory'), of(bcc, 'memory'), '0.500', 1),
    ],
  );
}

function overheadTable({ base, rows, bcc, baseAgain }) {
  const added = (value) => Math.round(value - base);
  const ratio = (value) => (added(value) / added(bcc)).toFixed(3);
  const goals = { fmod_ret: '0.450', kprobe: '1.000' };
  const lines = rows.map(({ mechanism, name, outside, inside, calls }) => [
    `${mechanism}, ${name}`,
    added(outside),
    ratio(outside),
    name === 'no chain' ? goals[mechanism] : '',
    added(inside),
    calls > 0 ? Math.round(added(inside) / calls) : '',
  ]);
  return table(
    `Added to a turn of pipe(); close(); close() (clock units under -icount, 2 an instruction; ${Math.round(base)} without)`,
    ['', 'out of scope', 'of bcc inject', 'goal', 'in scope', 'a call'],
    [
      ...lines,
      ['bcc inject', added(bcc), '1.000', '', '', ''],
      ['nothing armed, again', added(baseAgain), ratio(baseAgain), '', '', ''],
    ],
  );
}

/** What a fault point costs with 1, 10 and 100 experiments of one process. */
function manyTable({ base, rows }) {
  const lines = rows.map(({ mechanism, count, outside, milliseconds, memory }) => {
    const one = rows.find((row) => row.mechanism === mechanism);
    return [
      `${mechanism}, ${count}`,
      Math.round(outside - base),
      ((outside - base) / (one.outside - base)).toFixed(3),
      mechanism === 'fmod_ret' && count === 100 ? '1.100' : '',
      milliseconds.toFixed(1),
      (memory / 1024).toFixed(0),
    ];
  });
  return table(
    `Experiments of one process at one fault point, each on a cgroup of its own (${Math.round(base)} units a turn without)`,
    ['', 'out of scope', 'relative to one', 'goal', 'ms to arm each', 'KiB each in the kernel'],
    lines,
  );
}

/** What the verifier walks through for each program, and how long each is. */
function verifierTable({ programs }) {
  return table(
    'Programs: instructions, and what the verifier walked through',
    ['', 'instructions', 'verified'],
    programs.map(({ mechanism, request, name, instructions, verified }) => [
      `${mechanism}, ${request}: ${name}`,
      instructions,
      verified,
    ]),
  );
}
