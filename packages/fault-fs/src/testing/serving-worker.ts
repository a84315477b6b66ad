// A Worker that serves.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { drainEvent } from '@ordeal/linux';
import { FaultFileSystem } from '../fault-file-system.js';
import { RuleGroup } from '../rules/rule-group.js';

const { root, device, wakeUp } = workerData as { root: number; device: number; wakeUp: number };
const system = new FaultFileSystem({
  root,
  device,
  wakeUp,
  unmatched: 'direct',
  log: (line) => parentPort?.postMessage(line),
});
const group = new RuleGroup({
  volumePath: '/data',
  rules: [{ action: 'fault', errno: 5, matchesPath: undefined, methods: new Set(['mkdir'] as const) }],
});
parentPort?.postMessage('ready');
system.run({
  attend: () => {
    drainEvent(wakeUp);
    // The event loop of this thread does not run while it serves: messages are fetched by hand.
    while (parentPort) {
      const received = receiveMessageOnPort(parentPort);
      if (!received) break;
      group.active = true;
      group.deadlines = received.message === 'on for 500 ms' ? [performance.now() + 500] : [];
      system.use([group]);
      parentPort.postMessage(`heard ${received.message}`);
    }
  },
});
system.close();
parentPort?.postMessage('ended');
parentPort?.close();
