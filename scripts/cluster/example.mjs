import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { root } from '../root.mjs';
import { foreground, StepError } from '../step.mjs';

/** How often each thing is waited for in the program's output. */
const TIMES = 3;

/**
 * Lets writes of a pod fail and shows the pod's own output: before, under faults, afterwards.
 *
 * @param {string[]} kubectl the command, with its kubeconfig
 */
export async function showExample(kubectl) {
  const run = async (...words) => {
    console.log(`\n$ kubectl ${words.join(' ')}`);
    const code = await foreground([...kubectl, ...words], { cwd: root });
    if (code !== 0) throw new StepError(`kubectl ${words[0]} failed (${code})`);
  };
  await run('apply', '-f', 'examples/kubernetes/writer.yaml');
  await run('rollout', 'status', 'deployment/writer');
  await showOutput(kubectl, 'written');
  await run('apply', '-f', 'examples/kubernetes/io-fault.yaml');
  await run('wait', '--for=condition=AllInjected', 'iochaos/io-fault-example', '--timeout=2m');
  await showOutput(kubectl, 'failed');
  await run('get', 'iochaos,injections');
  await run('delete', '-f', 'examples/kubernetes/io-fault.yaml');
  await showOutput(kubectl, 'written');
}

/** Follows the program's output until it has said this some times, from now on. */
async function showOutput(kubectl, awaited) {
  console.log('\n$ kubectl logs --follow --since=1s deployment/writer');
  const words = [...kubectl, 'logs', '--follow', '--since=1s', 'deployment/writer'];
  const child = spawn(words[0], words.slice(1), { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  let times = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    console.log(line);
    times += line === awaited ? 1 : 0;
    if (times === TIMES) break;
  }
  if (child.exitCode === null) {
    child.kill();
    await once(child, 'exit');
  }
  if (times < TIMES) throw new StepError(`the pod did not say '${awaited}' ${TIMES} times`);
}
