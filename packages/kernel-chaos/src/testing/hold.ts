import { writeSync } from 'node:fs';
import { readCgroup } from '@ordeal/linux';
import { armSample } from './lab-target.js';

/**
 * A process that arms slab faults under mount(2) and holds them until it is killed: `node hold.js CGROUP [SECONDS]`.
 * Prints `armed` when they are.
 */
const [, , path = '', seconds] = process.argv;
const { id, level } = readCgroup('/sys/fs/cgroup', path);
const duration = seconds === undefined ? undefined : BigInt(seconds) * 1_000_000_000n;
armSample({ chain: ['__x64_sys_mount'] }, [{ kind: 'cgroup', id, level }], 'fmod_ret', duration);
writeSync(1, 'armed\n');
setInterval(() => undefined, 60_000);
