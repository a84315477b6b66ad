// A program that holds one injection, and takes it back when its owner says so, dies, or forgets it, and when the
// server dies.
import { OrdealError } from '@ordeal/diagnostics';
import { DeadlineTimer, leaveCgroups } from '@ordeal/linux';
import type { KeeperAnswer, KeeperCommand, KeeperNews } from './keeper-message.js';
import { NO_FAULTS, VolumeInjection } from './volume-injection.js';

/** Milliseconds after the end of the faults by which an owner that lives has recovered. */
const GRACE = 5_000;
/** Milliseconds between two checks whether the namespace still has processes. */
const LOOK = 200;
/** One in this many checks looks for processes that cannot end, which costs more. */
const LOOKS_AT_DYING = 5;
/** Milliseconds that the owner waits for the last file to be closed. */
const LAST_CLOSE = 3_000;

// Whoever kills its owner's cgroup as a whole, as container runtimes do, must leave one who takes the volume back.
leaveCgroups();

const owner = process.ppid;
let injection: VolumeInjection | undefined;
let arming: Promise<void> | undefined;
let over: Promise<void> | undefined;

process.on('message', (command: KeeperCommand) => {
  if (command.kind === 'arm') arming ??= arm(command);
  else if (command.kind === 'recover') void recover();
  else if (command.kind === 'renew') injection?.renew();
  else if (command.kind === 'fetch') void fetch(command.id);
  else void count(command.id);
});
process.on('disconnect', () => void recover());
// The owner may have died before this process listened.
if (!process.connected) process.exit(0);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => lose(signal));

function say(message: KeeperAnswer | KeeperNews): void {
  if (process.connected) process.send?.(message, () => undefined);
}

async function arm({ id, task }: KeeperCommand & { kind: 'arm' }): Promise<void> {
  const own = new VolumeInjection(task, {
    log: (line) => say({ kind: 'log', line }),
    resumed: (_group, milliseconds) => say({ kind: 'resumed', milliseconds }),
    // The event of a dead owner may arrive many steps later.
    wanted: () => over === undefined && process.connected && process.ppid === owner,
  });
  injection = own;
  try {
    const report = await own.arm();
    void own.serverEnded.then(() => {
      if (!own.ending) lose('the server has died');
    });
    const milliseconds = Math.max(...task.rules.map((rule) => rule.milliseconds ?? Number.POSITIVE_INFINITY));
    DeadlineTimer.after(milliseconds + GRACE, () => lose('its time is over')).unref();
    say({ kind: 'armed', id, report });
    watch(own);
  } catch (error) {
    await own.end();
    if (own.deserted) {
      const message = `Process ${task.pid} has ended before the faults were armed`;
      say({ kind: 'refused', id, code: 'ORD-301', message });
    } else {
      const code = error instanceof OrdealError ? error.code : 'ORD-714';
      say({ kind: 'refused', id, code, message: error instanceof Error ? error.message : String(error) });
    }
    void recover();
  }
}

/** What is mounted in a namespace ends with it; what is held of it here must not keep its file systems busy. */
function watch(own: VolumeInjection): void {
  let looks = 0;
  const timer = setInterval(() => {
    if (own.ending) clearInterval(timer);
    else if (own.deserted) {
      clearInterval(timer);
      say({ kind: 'deserted' });
      void recover();
    } else if (++looks % LOOKS_AT_DYING === 0) own.releaseDying();
  }, LOOK);
  timer.unref();
}

async function count(id: number): Promise<void> {
  say({ kind: 'counted', id, counts: (await injection?.counts()) ?? [] });
}

async function fetch(id: number): Promise<void> {
  say({ kind: 'fetched', id, batch: (await injection?.fetch()) ?? NO_FAULTS });
}

function lose(reason: string): void {
  say({ kind: 'lost', reason });
  void recover();
}

function recover(): Promise<void> {
  over ??= end();
  return over;
}

async function end(): Promise<void> {
  // `arm` takes back what it did if it fails, and then calls this: it must not be awaited there.
  if (injection && !injection.ending) await arming;
  const kept = (await injection?.end()) ?? { counts: [], left: [], batch: NO_FAULTS };
  const closed = injection?.serverEnded ?? Promise.resolve();
  void closed.then(() => {
    injection?.close();
    say({ kind: 'recovered', ...kept });
    leave();
  });
  setTimeout(() => {
    const left = [...kept.left, ...(injection?.stay() ?? [])];
    say({ kind: 'recovered', ...kept, left });
  }, LAST_CLOSE).unref();
}

function leave(): void {
  if (!process.connected) process.exit(0);
  process.send?.({ kind: 'log', line: '' } satisfies KeeperNews, () => process.exit(0));
}
