// npm run cluster: a real cluster of one node on this machine, with Ordeal in it, and the example at work.
// `npm run cluster -- down` takes it away again.
import { build, installPackages, requireNode } from '../prepare.mjs';
import { main, StepError } from '../step.mjs';

const USAGE = `usage: npm run cluster [-- up|down|kubeconfig]
  up          starts the cluster, installs Ordeal and runs the example (default)
  down        stops and removes all of it
  kubeconfig  prints the path of its kubeconfig`;
const COMMANDS = ['up', 'down', 'kubeconfig'];

await main(async () => {
  const [command = 'up', ...more] = process.argv.slice(2);
  if (!COMMANDS.includes(command) || more.length > 0) throw new StepError(USAGE);
  requireNode();
  if (process.getuid?.() !== 0) throw new StepError('A node needs root: sudo npm run cluster');
  await installPackages();
  await build();
  const cluster = await import('./local-cluster.mjs');
  await cluster[command]();
});
