import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ordeal = fileURLToPath(new URL('../bin/ordeal.mjs', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'ordeal-cli-'));
after(() => rmSync(directory, { recursive: true }));

interface Ended {
  readonly code: number | string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built program as a user does. */
function run(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [ordeal, ...args], { cwd: directory }, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? undefined) : 0, stdout, stderr });
    });
  });
}

function kernelChaos(name: string, request: string): string {
  return `apiVersion: chaos-mesh.org/v1alpha1
kind: KernelChaos
metadata:
  name: ${name}
spec:
  mode: all
  selector: {}
  failKernRequest: ${request}
`;
}

test('validate shows every problem of every file and ends with 1', async () => {
  writeFileSync(join(directory, 'bad.yaml'), kernelChaos('a', '{ failtype: 3, probability: 101 }'));
  assert.deepEqual(await run('validate', 'bad.yaml', 'missing.yaml'), {
    code: 1,
    stdout: `bad.yaml:8:32  error  failtype: 3 is not a fault type; 0 slab, 1 page, 2 block I/O  [ORD-110]
    8 |   failKernRequest: { failtype: 3, probability: 101 }
      |                                ^
bad.yaml:8:48  error  probability: 101 is out of range  [ORD-110]
    8 |   failKernRequest: { failtype: 3, probability: 101 }
      |                                                ^~~  0 to 100
missing.yaml:1:1  error  the file cannot be read: there is no such file  [ORD-902]
3 errors
`,
    stderr: '',
  });
});

test('mistakes in predicates are told beside all others, also in documents that have some', async () => {
  const frame = 'callchain: [{ predicate: "1 +" }]';
  const documents = [
    kernelChaos('a', `{ failtype: 3, ${frame} }`),
    kernelChaos('b', `{ failtype: 0, ${frame} }`),
  ];
  writeFileSync(join(directory, 'syntax.yaml'), documents.join('---\n'));
  const { code, stdout } = await run('validate', 'missing.yaml', 'syntax.yaml');
  assert.equal(code, 1);
  assert.deepEqual(
    stdout.split('\n').flatMap((line) => /^(\S+) {2}error .* {2}\[(.*)\]$/.exec(line)?.slice(1) ?? []),
    ['missing.yaml:1:1', 'ORD-902', 'syntax.yaml:8:32', 'ORD-110', 'syntax.yaml:8:64', 'ORD-210'].concat(
      'syntax.yaml:17:64',
      'ORD-210',
    ),
  );
  assert.match(stdout, /\n4 errors\n(call chains were checked against Linux |not checked: ).*\n$/);
});

test('files that hold no text in UTF-8 are told apart', async () => {
  const text = kernelChaos('a', '{ failtype: 0 }');
  mkdirSync(join(directory, 'folder'));
  writeFileSync(join(directory, 'utf16.yaml'), `\ufeff${text}`, 'utf16le');
  writeFileSync(join(directory, 'no-mark.yaml'), text, 'utf16le');
  writeFileSync(join(directory, 'latin1.yaml'), `# caf\u00e9\n${text}`, 'latin1');
  const { code, stdout } = await run('validate', 'folder', 'utf16.yaml', 'no-mark.yaml', 'latin1.yaml');
  assert.equal(code, 1);
  assert.equal(
    stdout,
    `folder:1:1  error  the file cannot be read: it is a directory  [ORD-902]
  name its files: folder/*.yaml
utf16.yaml:1:1  error  the file cannot be read: it is UTF-16, not UTF-8  [ORD-902]
  convert it: iconv -f UTF-16 -t UTF-8 'utf16.yaml'
no-mark.yaml:1:1  error  the file cannot be read: it is UTF-16, not UTF-8  [ORD-902]
  convert it: iconv -f UTF-16 -t UTF-8 'no-mark.yaml'
latin1.yaml:1:1  error  the file cannot be read: it is not text in UTF-8  [ORD-902]
4 errors
`,
  );
});

test('validate accepts several documents, and notes do not fail', async () => {
  const documents = [
    kernelChaos('a', '{ failtype: 0 }'),
    kernelChaos('b', '{ failtype: 1, headers: [linux/mmzone.h] }'),
  ];
  writeFileSync(join(directory, 'good.yaml'), documents.join('---\n'));
  const { code, stdout } = await run('validate', 'good.yaml');
  assert.equal(code, 0);
  assert.match(stdout, /\n2 experiments, 1 note\n$/);
  const json = JSON.parse((await run('validate', '--json', 'good.yaml')).stdout) as { ok: boolean };
  assert.equal(json.ok, true);
});

test('a run without a target names the flags and touches nothing', async () => {
  writeFileSync(join(directory, 'one.yaml'), kernelChaos('a', '{ failtype: 0 }'));
  assert.deepEqual(await run('run', 'one.yaml'), {
    code: 2,
    stdout: '',
    stderr: `ordeal: There is no target: on one host, flags choose it  [ORD-309]
  --pid N                a running process and its children
  --cgroup PATH          a cgroup v2 directory and those below it
  --container NAME       a running container, by id or name
  --container selector   the running containers that the document’s selector and mode choose
  -- CMD ARGS…           a command that is started for the run, and its children
  Give one of them.
`,
  });
});

test('a run of broken documents tells what is broken and starts nothing', async () => {
  writeFileSync(
    join(directory, 'half.yaml'),
    `${kernelChaos('a', '{ failtype: 0 }')}---\n${kernelChaos('b', '{ failtype: 0, times: -1 }')}`,
  );
  const { code, stdout, stderr } = await run('run', 'half.yaml', '--', 'touch', 'started');
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^half\.yaml:17:42 {2}error {2}times: .*\n1 error\n$/s);
});

test('flags for kernel faults are refused where there are only I/O faults', async () => {
  const io = 'spec: { mode: all, selector: {}, action: latency, delay: 1s, volumePath: /data/app }';
  writeFileSync(
    join(directory, 'io.yaml'),
    `apiVersion: chaos-mesh.org/v1alpha1\nkind: IOChaos\nmetadata: { name: io }\n${io}\n`,
  );
  const refused = (flag: string, hint: string) => ({
    code: 2,
    stdout: '',
    stderr: `ordeal: ${flag} is for KernelChaos, and there are only IOChaos documents  [ORD-901]\n  ${hint}\n`,
  });
  const stacks = refused('--stacks', 'Leave it out; --events shows each I/O fault.');
  const mechanism = refused('--mechanism', 'Leave it out.');
  assert.deepEqual(await run('run', 'io.yaml', '--stacks', '--', 'true'), stacks);
  assert.deepEqual(await run('lab', 'run', 'io.yaml', '--stacks', '--', 'true'), stacks);
  assert.deepEqual(await run('run', 'io.yaml', '--mechanism', 'kprobe', '--', 'true'), mechanism);
  assert.deepEqual(await run('explain', 'io.yaml', '--mechanism', 'kprobe'), mechanism);
});

test('mistakes of the command line end with 2', async () => {
  const mistakes: (readonly string[])[] = [
    ['frobnicate'],
    ['run'],
    ['run', 'one.yaml', '--mechanism', 'magic', '--', 'true'],
    ['run', 'one.yaml', '--duration', '10', '--', 'true'],
    ['run', 'one.yaml', '--duration', '0s', '--', 'true'],
    ['help', 'seep'],
    ['help', 'lab', 'seep'],
    ['run', 'one.yaml', '--pid', '1', '--before', '1s'],
    ['validate', 'one.yaml', '--', 'true'],
    ['lab', 'run', 'one.yaml'],
    ['lab', 'run', 'one.yaml', '--disk', 'huge', '--', 'true'],
  ];
  for (const args of mistakes) {
    const { code, stderr } = await run(...args);
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, /^ordeal: .*\[ORD-\d{3}\]\n/, args.join(' '));
  }
});

test('long output reaches a slow reader whole, and a reader may go away', async () => {
  const documents = Array.from({ length: 90 }, (_, index) => kernelChaos(`${index}`.repeat(60), '{}'));
  writeFileSync(join(directory, 'long.yaml'), documents.join('---\n'));
  const shell = (script: string) =>
    new Promise<string>((resolve) => {
      const environment = { ...process.env, NODE: process.execPath, ORDEAL: ordeal };
      execFile('sh', ['-c', script], { cwd: directory, env: environment }, (_, stdout, stderr) =>
        resolve(stdout + stderr),
      );
    });
  const files = Array.from({ length: 30 }, (_, index) => `./${'./'.repeat(index)}long.yaml`).join(' ');
  const whole = `"$NODE" "$ORDEAL" validate ${files}`;
  assert.match(await shell(`${whole} | { sleep 1; tail -n 1; }`), /^3 000 errors, 30 notes\n$/);
  assert.doesNotMatch(await shell(`${whole} | head -n 1`), /defect|EPIPE/);
});

test('help and version', async () => {
  assert.match((await run('--version')).stdout, /^\d+\.\d+\.\d+( \([0-9a-f]+(-dirty)?\))?\n$/);
  for (const args of [
    [],
    ['run'],
    ['validate'],
    ['explain'],
    ['functions'],
    ['doctor'],
    ['lab'],
    ['lab', 'run'],
  ]) {
    const { code, stdout } = await run(...args, '--help');
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: ordeal/);
    assert.equal((await run('help', ...args)).stdout, stdout);
  }
});

test('new lists the incidents, and writes one that is valid', async () => {
  const list = await run('new');
  assert.match(list.stdout, /^disk-full +The disk is full$/m);
  const written = await run('new', 'slow-fsync', '--volume', '/srv', '-o', 'slow.yaml');
  assert.deepEqual(written, {
    code: 0,
    stdout: '',
    stderr: 'slow.yaml: Slow fsync\n  sudo ordeal run slow.yaml --pid N\n',
  });
  assert.equal((await run('validate', 'slow.yaml')).code, 0);
});

test('new refuses an unknown incident and a file that exists', async () => {
  const unknown = await run('new', 'slow-fsink');
  assert.deepEqual([unknown.code, unknown.stdout], [2, '']);
  assert.match(unknown.stderr, /no incident 'slow-fsink'.*\n.*Did you mean slow-fsync\?/);
  writeFileSync(join(directory, 'mine.yaml'), 'mine');
  const existing = await run('new', 'disk-full', '-o', 'mine.yaml');
  assert.deepEqual([existing.code, existing.stdout], [1, '']);
  assert.equal(readFileSync(join(directory, 'mine.yaml'), 'utf8'), 'mine');
});
