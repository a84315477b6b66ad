import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/ordeal.mjs', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'ordeal-btf-'));
after(() => rmSync(directory, { recursive: true }));

/** Covers the running kernel's BTF, where there is one, for this process alone. */
const WITHOUT_BTF = '[ ! -d /sys/kernel/btf ] || mount -t tmpfs none /sys/kernel/btf; exec "$@"';

const ordeal = (...args: string[]) =>
  spawnSync('unshare', ['-m', 'sh', '-c', WITHOUT_BTF, 'sh', process.execPath, program, ...args], {
    encoding: 'utf8',
  });

test('a sweep is sent to a sweep in the lab', () => {
  const { status, stderr } = ordeal('sweep', '--', 'true');
  assert.equal(status, 1);
  assert.match(stderr, /\[ORD-401\]\n.*rehearse with `ordeal lab sweep`\.\n$/);
});

test('validate says what was not checked', () => {
  const file = join(directory, 'chain.yaml');
  writeFileSync(
    file,
    `apiVersion: chaos-mesh.org/v1alpha1
kind: KernelChaos
metadata: { name: a }
spec:
  mode: one
  selector: {}
  failKernRequest: { failtype: 0, callchain: [{ funcname: no_such_function }] }
`,
  );
  const validate = (...flags: string[]) => ordeal('validate', ...flags, file).stdout;
  const [, missing] =
    /^1 experiment, no problems\nnot checked: (the functions and fields of call chains: .* has no .*)\n$/.exec(
      validate(),
    ) ?? [];
  assert.ok(missing);
  assert.deepEqual(JSON.parse(validate('--json')), {
    ok: true,
    experiments: 1,
    notChecked: missing,
    problems: [],
  });
});
