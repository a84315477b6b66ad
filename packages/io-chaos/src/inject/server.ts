// A program that serves one injection: its main thread hears the keeper, a Worker serves. Descriptor 4 is /dev/fuse. It
// ends when the mount and its last file are gone, even if the keeper is still there.
import { Worker } from 'node:worker_threads';
import { EventFd, keepDescriptors, openPidfd, pullDescriptor, raiseEvent } from '@ordeal/linux';
import { failpoint } from '../failpoint.js';
import { RuleCounters } from '../fs/rules/rule-counters.js';
import { LEASE, Lease } from './lease.js';
import { countByMethod } from './method-counts.js';
import type {
  ServerAnswer,
  ServerCommand,
  ServerData,
  ThreadCommand,
  ThreadMessage,
} from './server-message.js';
import { FIRST_DESCRIPTOR } from './start-program.js';

const wakeUp = new EventFd();
const keeper = process.ppid;
let counters: SharedArrayBuffer | undefined;
let rules = 0;
const worker = new Worker(new URL('./serving-thread.js', import.meta.url));
const counts = () => (counters ? countByMethod(counters, rules) : []);
const lease = new Lease(LEASE, {
  expired: () => tellThread({ kind: 'pause' }),
  renewed: (milliseconds) => {
    tellThread({ kind: 'resume' });
    say({ kind: 'resumed', milliseconds });
  },
});
const say = (answer: ServerAnswer) => {
  if (process.connected) process.send?.(answer, () => undefined);
};

process.on('message', hear);
// Without a keeper there are no faults; the files are served on until they are moved back.
process.on('disconnect', () => {
  lease.end();
  if (counters) tellThread({ kind: 'disable' });
  else process.exit(0);
});
// The keeper may have died before anybody listened.
if (!process.connected) process.exit(0);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
worker.on('message', (message: ThreadMessage) =>
  say(message.kind === 'done' ? { ...message, counts: counts() } : message),
);
worker.on('error', (error) => {
  say({ kind: 'log', line: error.message });
  process.exit(1);
});
worker.on('exit', (code) => {
  say({ kind: 'ended', counts: counts() });
  process.exit(code);
});
worker.once('online', () => {
  const descriptorKeeper = holdOwnDescriptors();
  failpoint('server', 'started');
  say({ kind: 'started', descriptorKeeper });
});

/** Without a descriptor keeper all works but the way back of files without a name, should this process be killed. */
function holdOwnDescriptors(): number | undefined {
  try {
    return keepDescriptors('ordeal-fds');
  } catch (error) {
    say({ kind: 'log', line: `deleted files will not outlive the server: ${(error as Error).message}` });
    return undefined;
  }
}

function hear(command: ServerCommand): void {
  const { kind, id } = command;
  if (kind === 'count') {
    if (id !== undefined) say({ kind: 'done', id, counts: counts() });
  } else if (kind === 'renew') lease.renew();
  else if (kind === 'serve') serve(command);
  else {
    if (kind === 'enable') lease.begin();
    if (kind === 'disable') lease.end();
    tellThread(command);
  }
}

function serve({ tree, id, ...rest }: ServerCommand & { kind: 'serve' }): void {
  const pidfd = openPidfd(keeper);
  const root = pullDescriptor(pidfd, tree);
  pidfd.close();
  if (!root) throw new Error('the keeper is gone');
  rules = rest.faults.length;
  counters = new SharedArrayBuffer(RuleCounters.bytesFor(rules));
  const data: ServerData = {
    ...rest,
    id,
    device: FIRST_DESCRIPTOR,
    root: root.number,
    wakeUp: wakeUp.fd.number,
    counters,
  };
  failpoint('server', 'serving');
  worker.postMessage(data);
}

function tellThread(command: ThreadCommand): void {
  worker.postMessage(command);
  raiseEvent(wakeUp.fd.number);
}
