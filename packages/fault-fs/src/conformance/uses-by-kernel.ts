import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import type { Case } from './case.js';

const succeeds = (program: string, ...words: string[]) =>
  spawnSync(program, words, { stdio: 'ignore' }).status === 0;

/** Files and directories that the kernel itself uses, for other file systems or as memory. */
export const kernelUseCases: readonly Case[] = [
  {
    name: 'a directory is the upper layer of an overlay',
    run: (d) => {
      const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) => `${d}/${name}`);
      for (const path of [lower, upper, work, merged]) fs.mkdirSync(path ?? '');
      const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
      const mounted = succeeds('mount', '-t', 'overlay', '-o', layers, 'overlay', merged ?? '');
      if (!mounted) return mounted;
      fs.writeFileSync(`${merged}/file`, 'text');
      return [mounted, succeeds('umount', merged ?? ''), fs.readFileSync(`${upper}/file`, 'utf8')];
    },
  },
  {
    name: 'a file is swap space',
    run: (d) => {
      const file = `${d}/swap`;
      fs.writeFileSync(file, Buffer.alloc(1 << 20), { mode: 0o600 });
      return [succeeds('mkswap', file), succeeds('swapon', file) && succeeds('swapoff', file)];
    },
  },
];
