// A program that serves one injection: its main thread communicates with the keeper, a Worker serves. It ends when the
// mount and its last file are gone, even if the keeper is still there.
import { Worker } from 'node:worker_threads';
import {
  type DescriptorKeeper,
  EventFd,
  keepDescriptors,
  openPidfd,
  pullDescriptor,
  raiseEvent,
} from '@ordeal/linux';
import { reached } from '../steps.js';
import { ServerGroups } from './server-groups.js';
import type {
  ServerAnswer,
  ServerCommand,
  ServerData,
  ThreadCommand,
  ThreadMessage,
} from './server-message.js';

const wakeUp = new EventFd();
const keeper = process.ppid;
let serving = false;
const worker = new Worker(new URL('./serving-thread.js', import.meta.url));
let descriptorKeeper: DescriptorKeeper | undefined;
const groups = new ServerGroups({
  expired: (group) => tellThread({ kind: 'pause', group }),
  renewed: (group, milliseconds) => {
    tellThread({ kind: 'resume', group });
    say({ kind: 'resumed', group, milliseconds });
  },
});
/** Groups that end, by the id of the command: they are counted until it has been carried out. */
const ending = new Map<number, number>();
const say = (answer: ServerAnswer) => {
  if (process.connected) process.send?.(answer, () => undefined);
};

process.on('message', hear);
// Without a keeper there are no faults; it keeps serving the files until they are moved back.
process.on('disconnect', () => {
  groups.endAll();
  if (serving) tellThread({ kind: 'disable' });
  else process.exit(0);
});
// The keeper may have died before this process listened.
if (!process.connected) process.exit(0);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
worker.on('message', (message: ThreadMessage) => {
  if (message.kind === 'fault') {
    const { group, fault } = message;
    groups.hear(group, fault);
    if (fault.action === 'halt') say({ kind: 'halted', group });
    return;
  }
  say(message.kind === 'done' ? { ...message, counts: groups.counts() } : message);
  if (message.kind !== 'done') return;
  const ended = ending.get(message.id);
  ending.delete(message.id);
  if (ended !== undefined) groups.forget(ended);
});
worker.on('error', (error) => {
  say({ kind: 'log', line: error.message });
  process.exit(1);
});
worker.on('exit', (code) => {
  say({ kind: 'ended', counts: groups.counts() });
  // Without a keeper nobody else would; all files were closed before the thread came to its end.
  if (code === 0 && descriptorKeeper && !process.connected) process.kill(descriptorKeeper.pid, 'SIGKILL');
  process.exit(code);
});
worker.once('online', () => {
  descriptorKeeper = holdOwnDescriptors();
  reached('server', 'started');
  say({ kind: 'started', descriptorKeeper: descriptorKeeper?.pid });
});

/**
 * Without a descriptor keeper everything works, except that unlinked files cannot be moved back if this process is
 * killed.
 */
function holdOwnDescriptors(): DescriptorKeeper | undefined {
  try {
    return keepDescriptors('ordeal-fds', keeper);
  } catch (error) {
    say({ kind: 'log', line: `deleted files will not outlive the server: ${(error as Error).message}` });
    return undefined;
  }
}

function hear(command: ServerCommand): void {
  const { kind, id } = command;
  if (kind === 'count') {
    if (id !== undefined) say({ kind: 'done', id, counts: groups.counts() });
  } else if (kind === 'fetch') {
    const batch = groups.fetch(command.group, command.received);
    if (id !== undefined) say({ kind: 'done', id, counts: groups.counts(), batch });
  } else if (kind === 'renew') groups.renew(command.group);
  else if (kind === 'serve') serve(command);
  else if (kind === 'put') {
    tellThread({ ...command, ...groups.put(command.group, command.faults.length) });
  } else {
    if (kind === 'begin') groups.begin(command.group);
    if (kind === 'drop') drop(command);
    tellThread(command);
  }
}

function drop({ id, group }: ServerCommand & { kind: 'drop' }): void {
  groups.end(group);
  if (id !== undefined) ending.set(id, group);
}

function serve({ id, locks, rules, ...given }: ServerCommand & { kind: 'serve' }): void {
  const pidfd = openPidfd(keeper);
  const [device, root] = [given.device, given.tree].map((number) => pullDescriptor(pidfd, number));
  pidfd.close();
  if (!device || !root) throw new Error('the keeper is gone');
  serving = true;
  // The keeper has recorded it by now: a recovery finds and ends it. It must not hold the connection: nobody would answer.
  descriptorKeeper?.outliveParent(device.number);
  const data: ServerData = {
    id,
    locks,
    rules: { ...rules, ...groups.put(rules.group, rules.faults.length) },
    device: device.number,
    root: root.number,
    wakeUp: wakeUp.fd.number,
  };
  reached('server', 'serving');
  worker.postMessage(data);
}

function tellThread(command: ThreadCommand): void {
  worker.postMessage(command);
  raiseEvent(wakeUp.fd.number);
}
