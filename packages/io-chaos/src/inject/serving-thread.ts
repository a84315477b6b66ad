// The thread that serves: started early, so that it waits for nothing when the mount is shown.
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { FaultFileSystem } from '../fs/fault-file-system.js';
import { reach } from '../halt.js';
import { nameLocks, ruleOfFaults } from './faults.js';
import type { ServerCommand, ServerData, ThreadMessage } from './server-message.js';

const port = parentPort;
const say = (message: ThreadMessage) => port?.postMessage(message);
port?.once('message', (data: ServerData) => serve(data));

function serve({ faults, ...data }: ServerData): void {
  const system = new FaultFileSystem({
    ...data,
    rules: faults.map(ruleOfFaults),
    locks: nameLocks(faults) ? 'original' : 'kernel',
    log: (line) => say({ kind: 'log', line }),
  });
  say({ kind: 'serving' });
  system.run(() => {
    // The event loop of this thread does not turn while it serves: messages are fetched by hand.
    while (port) {
      const received = receiveMessageOnPort(port);
      if (!received) break;
      obey(system, received.message as ServerCommand);
    }
  });
  system.close();
  port?.close();
}

function obey(system: FaultFileSystem, command: ServerCommand): void {
  if (command.kind === 'enable') {
    system.gate.enable(command.milliseconds);
    say({ kind: 'enabled' });
  } else if (command.kind === 'disable') {
    reach('server', 'disabling');
    system.disable();
    say({ kind: 'disabled' });
  } else if (command.kind === 'ping') {
    say({ kind: 'alive' });
  } else if (command.kind === 'release') {
    system.session.flush();
  }
}
