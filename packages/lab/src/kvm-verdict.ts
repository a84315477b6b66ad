import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from './paths.js';

/** The verdict about KVM: `untried` until a trial boot has succeeded or failed. */
export type KvmVerdict = 'works' | 'fails' | 'untried';

/** How long a trial boot under KVM may take; a working one needs less than one second. */
export const KVM_TRIAL_MS = 8000;

/**
 * Whether KVM is worth using. A device node alone proves nothing: on some hosts KVM hangs. Verdicts hold until
 * the host reboots.
 */
export async function kvmVerdict(): Promise<KvmVerdict> {
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch {
    return 'fails';
  }
  try {
    const [bootId, verdict] = (await readFile(verdictFile(), 'utf8')).trim().split(' ');
    if (bootId === (await thisBoot()) && (verdict === 'works' || verdict === 'fails')) return verdict;
  } catch {}
  return 'untried';
}

/** Records how a trial boot ended. */
export async function rememberKvmVerdict(verdict: 'works' | 'fails'): Promise<void> {
  const path = verdictFile();
  await mkdir(cacheDirectory(), { recursive: true });
  await writeFile(`${path}.${process.pid}`, `${await thisBoot()} ${verdict}\n`);
  await rename(`${path}.${process.pid}`, path);
}

function verdictFile(): string {
  return join(cacheDirectory(), 'kvm-verdict');
}

async function thisBoot(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}
