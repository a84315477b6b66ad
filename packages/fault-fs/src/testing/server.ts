// A process that serves one fault file system on its main thread, for tests.
// Arguments: a JSON object, see ServerArguments. Descriptor 3 gets a byte for each command in the command file.
import { readFileSync, writeSync } from 'node:fs';
import { attachMount, connectionOf, createFuseMount, openFuseDevice } from '@ordeal/fuse';
import { cString, drainEvent, Fd, SYS, syscall } from '@ordeal/linux';
import { AT, O } from '../backing/file-flags.js';
import { FaultFileSystem } from '../fault-file-system.js';
import { HelperThreads } from '../offload/helper-threads.js';
import { SLOW_IN_A_ROW } from '../offload/storage-latency.js';
import type { PowerCut, UnsyncedReport } from '../power-loss/cut-power.js';
import type { AfterFailedSync, PowerLossSettings } from '../power-loss/power-loss.js';
import type { Spread, Stall } from '../rules/delay.js';
import type { Capacity, IoRule } from '../rules/io-rule.js';
import type { Method } from '../rules/method.js';
import { RuleGroup } from '../rules/rule-group.js';
import type { Limit } from '../rules/throughput.js';
import type { TriggerTerms } from '../rules/trigger.js';
import type { DataPath } from '../volume.js';

/** A rule as JSON can carry it. */
export interface PlainRule {
  readonly action: IoRule['action'];
  /** A regular expression over whole paths. */
  readonly path?: string;
  readonly methods?: readonly Method[];
  readonly percent?: number;
  readonly trigger?: TriggerTerms;
  readonly milliseconds?: number;
  readonly spread?: Spread;
  readonly stall?: Stall;
  readonly errno?: number;
  readonly limit?: Limit;
  readonly capacity?: Capacity;
  readonly unsynced?: AfterFailedSync;
  readonly mistake?: object;
  readonly attr?: object;
  readonly powerLoss?: PowerLossSettings;
}

export interface ServerArguments {
  readonly original: string;
  readonly mountPoint: string;
  readonly volumePath: string;
  readonly commandFile: string;
  readonly rules: readonly PlainRule[];
  readonly unmatched: DataPath;
  readonly attributeTimeoutSeconds: number;
  readonly maxPathDescriptors: number;
  readonly maxDescriptors?: number;
  readonly enabled: boolean;
  readonly ring: boolean;
  /** As if each read and write that may wait for a disk had taken long. */
  readonly slowStorage?: boolean;
  readonly helpers: number;
  readonly locks: 'original' | 'kernel';
  /** MOUNT_ATTR_* bits of the mount. */
  readonly attributes: number;
  /** Reach the original by a detached copy of its mount, and mount over it: what an injection does. */
  readonly overItself: boolean;
}

/** What the server can be asked. */
export interface ServerStatus {
  readonly counts: readonly { readonly reached: number; readonly fired: number }[];
  readonly nodes: number;
  readonly openFiles: number;
  readonly pathDescriptors: number;
  readonly parked: number;
  /** How many helpers have started. */
  readonly helpers: number;
  readonly unsynced?: UnsyncedReport | undefined;
  /** What the command `cut` has done. */
  readonly cut?: PowerCut | undefined;
}

const COMMANDS = 3;

const given = JSON.parse(process.argv[2] ?? '{}') as ServerArguments;
const say = (message: object) => writeSync(1, `${JSON.stringify(message)}\n`);

const root = new Fd(openRoot(), 'original tree');
const mode = new Uint8Array(256);
syscall('statx', SYS.statx, root.number, cString(''), AT.EMPTY_PATH, 2, mode);
const rootMode = new DataView(mode.buffer).getUint16(28, true);
const device = openFuseDevice();
const mount = createFuseMount(device, {
  source: 'ordeal-test',
  subtype: 'ordeal',
  rootMode,
  attributes: given.attributes,
  defaultPermissions: true,
});
const connection = connectionOf(mount);
attachMount(mount, given.mountPoint);
mount.close();

const system = new FaultFileSystem({
  root: root.number,
  device: device.number,
  wakeUp: COMMANDS,
  unmatched: given.unmatched,
  attributeTimeoutSeconds: given.attributeTimeoutSeconds,
  maxPathDescriptors: given.maxPathDescriptors,
  ...(given.maxDescriptors && { maxDescriptors: given.maxDescriptors }),
  ring: given.ring,
  helpers: () => HelperThreads.started(given.helpers),
  locks: given.locks,
  log: (line) => writeSync(2, `${line}\n`),
});
const group = new RuleGroup({ volumePath: given.volumePath, rules: given.rules.map(toRule) });
if (given.slowStorage) {
  for (let call = 0; call < SLOW_IN_A_ROW; call++) system.volume.latency.note(0, Number.POSITIVE_INFINITY);
}
turn(given.enabled);
say({ connection });
system.run({ attend });
system.close();
device.close();
root.close();
say({ ended: true });

function attend(): void {
  drainEvent(COMMANDS);
  const [command, seed] = readFileSync(given.commandFile, 'utf8').split(' ');
  if (command === 'enable') turn(true);
  if (command === 'disable') turn(false);
  const status: ServerStatus = {
    counts: given.rules.map((_, index) => group.count(index)),
    nodes: system.volume.table.size,
    openFiles: system.volume.files.size,
    pathDescriptors: system.volume.descriptors.held,
    parked: system.session.parked,
    helpers: system.volume.helpers,
    unsynced: system.unsynced,
    ...((command === 'cut' || command === 'crash') && {
      cut: system.cutPower(seed === undefined ? {} : { seed: Number(seed) }),
    }),
  };
  say(status);
  // No request is answered any more.
  if (command === 'crash') process.exit(0);
}

function turn(active: boolean): void {
  if (active && !group.active) group.begun = performance.now();
  group.active = active;
  system.use([group]);
}

function openRoot(): number {
  const path = cString(given.original);
  if (!given.overItself) return syscall('open', SYS.openat, AT.FDCWD, path, O.PATH | O.CLOEXEC, 0);
  // OPEN_TREE_CLONE 1, OPEN_TREE_CLOEXEC as O_CLOEXEC: include/uapi/linux/mount.h
  return syscall('open_tree', SYS.open_tree, AT.FDCWD, path, 1 | O.CLOEXEC);
}

function toRule(plain: PlainRule): IoRule {
  const pattern = plain.path === undefined ? undefined : new RegExp(`^(?:${plain.path})$`, 'u');
  return {
    ...plain,
    matchesPath: pattern && ((path: string) => pattern.test(path)),
    methods: plain.methods && new Set(plain.methods),
    trigger: { percent: plain.percent, ...plain.trigger },
  } as IoRule;
}
