// The serving thread: started early, so that nothing is left to load when the mount is attached.
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import {
  FaultBacklog,
  FaultFileSystem,
  FaultLog,
  HELPERS,
  HelperThreads,
  type IoFault,
  movableFiles,
} from '@ordeal/fault-fs';
import { reached } from '../steps.js';
import { type ServedFaults, ServedRules } from './served-rules.js';
import type { GroupMemory } from './server-groups.js';
import type { ServerData, ThreadAnswer, ThreadCommand, ThreadMessage } from './server-message.js';

const port = parentPort;
const say = (message: ThreadMessage) => port?.postMessage(message);
port?.once('message', (data: ServerData) => serve(data));

function serve({ id, rules: first, ...data }: ServerData): void {
  const log = (line: string) => say({ kind: 'log', line });
  // They load while the users of the volume are moved.
  const helpers = new HelperThreads(HELPERS);
  const system = new FaultFileSystem({ ...data, helpers, openFiles: movableFiles, log });
  const rules = new ServedRules((groups) => system.use(groups));
  put(rules, first);
  done(id);
  system.run(() => {
    // The event loop of this thread does not run while it serves: messages are fetched by hand.
    while (port) {
      const received = receiveMessageOnPort(port);
      if (!received) break;
      obey(system, rules, received.message as ThreadCommand);
    }
  });
  system.close();
  port?.close();
}

function obey(system: FaultFileSystem, rules: ServedRules, command: ThreadCommand): void {
  switch (command.kind) {
    case 'put':
      put(rules, command);
      done(command.id, { bypassed: system.bypassed });
      return;
    case 'begin':
      rules.begin(command.group, command.milliseconds);
      break;
    case 'pause':
    case 'resume':
      rules.pause(command.group, command.kind === 'pause');
      break;
    case 'drop':
      rules.drop(command.group);
      break;
    case 'disable':
      reached('server', 'disabling');
      rules.enable(false);
      break;
    case 'enable':
      rules.enable(true);
      break;
    case 'release':
      system.release();
      break;
    case 'leave bare':
      system.leaveBare(command.files, command.ways);
      break;
    case 'admit':
      system.admit(command.admitted);
      break;
    case 'unsynced':
      done(command.id, { unsynced: system.unsynced });
      return;
    case 'cut':
      done(command.id, { cut: system.cutPower(command.choice) });
      return;
    case 'ping':
      break;
  }
  done(command.id);
}

function put(rules: ServedRules, served: ServedFaults & GroupMemory): void {
  const { group, reported, counters, backlog } = served;
  const tell = (fault: IoFault) => say({ kind: 'fault', group, fault });
  rules.put(served, counters, reported ? new FaultLog(new FaultBacklog(backlog), tell) : undefined);
}

function done(id: number | undefined, more: ThreadAnswer = {}): void {
  if (id !== undefined) say({ kind: 'done', id, ...more });
}
