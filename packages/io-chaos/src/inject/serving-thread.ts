// The thread that serves: started early, so that it waits for nothing when the mount is shown.
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { failpoint } from '../failpoint.js';
import { FaultFileSystem } from '../fs/fault-file-system.js';
import { nameLocks, ruleOfFaults } from './faults.js';
import type { ServerData, ThreadCommand, ThreadMessage } from './server-message.js';

const port = parentPort;
const say = (message: ThreadMessage) => port?.postMessage(message);
port?.once('message', (data: ServerData) => serve(data));

function serve({ id, faults, ...data }: ServerData): void {
  const system = new FaultFileSystem({
    ...data,
    rules: faults.map(ruleOfFaults),
    locks: nameLocks(faults) ? 'original' : 'kernel',
    log: (line) => say({ kind: 'log', line }),
  });
  done(id);
  system.run(() => {
    // The event loop of this thread does not turn while it serves: messages are fetched by hand.
    while (port) {
      const received = receiveMessageOnPort(port);
      if (!received) break;
      obey(system, received.message as ThreadCommand);
    }
  });
  system.close();
  port?.close();
}

function obey(system: FaultFileSystem, command: ThreadCommand): void {
  switch (command.kind) {
    case 'enable':
      system.gate.enable(command.milliseconds);
      break;
    case 'disable':
      failpoint('server', 'disabling');
      system.disable();
      break;
    case 'pause':
      system.gate.pause();
      system.session.flush();
      break;
    case 'resume':
      system.gate.resume();
      break;
    case 'release':
      system.session.flush();
      break;
    case 'ping':
      break;
  }
  done(command.id);
}

function done(id: number | undefined): void {
  if (id !== undefined) say({ kind: 'done', id });
}
