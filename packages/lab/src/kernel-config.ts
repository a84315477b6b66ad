import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Flavour } from './kernel-flavour.js';
import { packageFile } from './paths.js';

/** The options that a flavour is built with, in kconfig's syntax: the common ones, then its own. */
export async function configFragment(flavour: Flavour): Promise<string> {
  const common = await readFile(packageFile('kernel', 'base.config'), 'utf8');
  try {
    return `${common}\n${await readFile(packageFile('kernel', `${flavour}.config`), 'utf8')}`;
  } catch {
    return common;
  }
}

/** A short hash of a fragment's options; comments and blank lines do not count. */
export function configHash(fragment: string): string {
  const lines = assignments(fragment).map(([name, value]) => `${name}=${value}`);
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 12);
}

/**
 * Options of a fragment that a finished configuration lacks, as `NAME=value`. An option that is off may be absent.
 */
export function lostOptions(fragment: string, config: string): string[] {
  const got = new Map(assignments(config));
  const wanted = new Map(assignments(fragment));
  return [...wanted]
    .filter(([name, value]) => (got.get(name) ?? 'n') !== value)
    .map(([name, value]) => `${name}=${value}`);
}

function assignments(text: string): [string, string][] {
  const found: [string, string][] = [];
  for (const line of text.split('\n')) {
    const match = /^(CONFIG_\w+)=(.*)$/.exec(line.trim());
    if (match?.[1] !== undefined && match[2] !== undefined) found.push([match[1], match[2]]);
  }
  return found;
}
