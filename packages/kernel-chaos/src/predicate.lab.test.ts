import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { MECHANISMS } from './mechanism.js';
import { LabCgroup, outcome, requestsProgram, runIn, withFaults } from './testing/lab-target.js';

const program = requestsProgram();
let files = 0;
const touch = (name: string) => ['sh', '-c', `: > ${name}`];
const read = (sector: number, disk = '/dev/vda') => [
  'dd',
  `if=${disk}`,
  'of=/dev/null',
  'bs=512',
  'count=1',
  `skip=${sector}`,
  'iflag=direct',
  'status=none',
];

for (const mechanism of MECHANISMS) {
  test(`${mechanism}: only the name in the predicate cannot be created`, async () => {
    const target = new LabCgroup();
    mkdirSync('/run/fruit', { recursive: true });
    const bananas = {
      funcname: 'd_alloc_parallel',
      parameters: 'struct dentry *parent, const struct qstr *name',
      predicate: 'STRNCMP(name->name, "bananas", 8)',
    };
    const create = async (name: string) => (await target.run(touch(`/run/fruit/${name}`))).code;
    const counters = await withFaults({ chain: [bananas] }, [target.scope], mechanism, async () => {
      assert.notEqual(await create('bananas'), 0);
      assert.equal(await create('apples'), 0);
      assert.equal(await create('bananas2'), 0);
      assert.equal((await runIn(undefined, touch('/run/fruit/bananas'))).code, 0);
    });
    assert.ok(counters.fired >= 1n);
    execFileSync('rm', ['-r', '/run/fruit']);
    target.remove();
  });

  test(`${mechanism}: a system call's own arguments have names, and strings can be compared`, async () => {
    const target = new LabCgroup();
    const request = (predicate: string) => ({ chain: [{ funcname: '__x64_sys_mount', predicate }] });
    const failed = async (predicate: string) => {
      let enomem = 0;
      await withFaults(request(predicate), [target.scope], mechanism, async () => {
        enomem = outcome(await target.run([program, 'mount', '4'])).enomem;
      });
      return enomem;
    };
    assert.equal(await failed('STRCMP(dev_name, "none") && flags == 0'), 4);
    assert.equal(await failed('STRCMP(dev_name, "nine")'), 0);
    assert.equal(await failed('flags != 0'), 0);
    target.remove();
  });

  test(`${mechanism}: the forms that the bcc tool publishes mean the same here`, async () => {
    const target = new LabCgroup();
    // `kmalloc '(true) => __x64_sys_mount()(true)'`, and the same with a predicate that is never true on either side.
    const chain = (first: string, last: string) => [
      { funcname: '__x64_sys_mount', predicate: first },
      { predicate: last },
    ];
    const failed = async (first: string, last: string) => {
      let enomem = 0;
      await withFaults({ chain: chain(first, last) }, [target.scope], mechanism, async () => {
        enomem = outcome(await target.run([program, 'mount', '4'])).enomem;
      });
      return enomem;
    };
    assert.equal(await failed('(true)', '(true)'), 4);
    assert.equal(await failed('(false)', '(true)'), 0);
    assert.equal(await failed('(true)', '(false)'), 0);
    target.remove();
  });

  test(`${mechanism}: one sector of one disk fails, its neighbours do not`, async () => {
    const target = new LabCgroup();
    const { rdev } = statSync('/dev/vda');
    const [major, minor] = [rdev >> 8, rdev & 0xff];
    const predicates = [
      'bio->bi_iter.bi_sector == 24',
      `bio->bi_iter.bi_sector == 24 && bio->bi_bdev->bd_dev == MKDEV(${major}, ${minor})`,
      `({ dev_t dev = bio->bi_bdev->bd_dev; dev == MKDEV(${major}, ${minor}) && bio->bi_iter.bi_sector == 24; })`,
    ];
    for (const predicate of predicates) {
      await withFaults({ failtype: 2, chain: [{ predicate }] }, [target.scope], mechanism, async () => {
        assert.notEqual((await target.run(read(24))).code, 0);
        assert.equal((await target.run(read(23))).code, 0);
        assert.equal((await target.run(read(25))).code, 0);
        assert.equal((await target.run(read(24, '/dev/vdb'))).code, predicate === predicates[0] ? 1 : 0);
      });
    }
    target.remove();
  });

  test(`${mechanism}: allocations are distinguished by size, cache and order`, async () => {
    const target = new LabCgroup();
    const count = async (failtype: 0 | 1, predicate: string) =>
      withFaults(
        { failtype, probability: 0, chain: [{ predicate }] },
        [target.scope],
        mechanism,
        async () => {
          await target.run(touch(`/run/sized-${mechanism}-${files++}`));
          await target.run(['python3', '-c', 'bytearray(4 << 20)']);
        },
      );
    const all = await count(0, '(true)');
    const dentries = await count(0, 'STRCMP(s->name, "dentry")');
    const sized = await count(0, 's->size == 192');
    const high = await count(1, 'order > 0');
    const single = await count(1, 'order == 0 && gfp_mask & __GFP_ZERO');
    assert.ok(all.matched > 0n && all.matched === all.inChain);
    assert.ok(dentries.matched > 0n && dentries.matched < dentries.inChain);
    assert.ok(sized.matched > 0n && sized.matched < sized.inChain);
    assert.ok(high.matched > 0n && high.matched < high.inChain);
    assert.ok(single.matched > 0n && single.matched < single.inChain);
    target.remove();
  });
}
