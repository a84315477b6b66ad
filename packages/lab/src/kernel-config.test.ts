import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configFragment, configHash, lostOptions } from './kernel-config.js';

test('the hash covers options, not comments', () => {
  const one = configHash('# why\nCONFIG_A=y\n\nCONFIG_B="x"\n');
  assert.equal(configHash('CONFIG_A=y\n# other\nCONFIG_B="x"'), one);
  assert.notEqual(configHash('CONFIG_A=y\nCONFIG_B="y"'), one);
});

test('an option that is off may be absent, any other must be present', () => {
  const config = 'CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=8\n';
  assert.deepEqual(lostOptions('CONFIG_A=y\nCONFIG_B=n\nCONFIG_Z=n\nCONFIG_C=8', config), []);
  assert.deepEqual(lostOptions('CONFIG_A=n\nCONFIG_B=y\nCONFIG_C=9', config), [
    'CONFIG_A=n',
    'CONFIG_B=y',
    'CONFIG_C=9',
  ]);
});

test('a later line wins, so a flavour can override common options', () => {
  assert.deepEqual(lostOptions('CONFIG_A=y\nCONFIG_A=n', '# CONFIG_A is not set'), []);
});

test('the shipped fragment has the options that faults and their tests need', async () => {
  const fragment = await configFragment('6.1');
  for (const option of ['FUNCTION_ERROR_INJECTION', 'BPF_KPROBE_OVERRIDE', 'FAILSLAB', 'DEBUG_INFO_BTF']) {
    assert.ok(fragment.includes(`\nCONFIG_${option}=y\n`), option);
  }
});
