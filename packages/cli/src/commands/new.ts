import { writeFileSync } from 'node:fs';
import { OrdealError } from '@ordeal/diagnostics';
import { EXIT } from '../exit-code.js';
import { findIncident, type Incident, readIncidents, withVolume } from '../host/incidents.js';
import { renderIncidents } from '../render/incidents.js';
import type { CommandContext } from './context.js';

export interface NewOptions {
  readonly volume?: string;
  readonly output?: string;
  readonly json?: true;
}

/** Lists the incidents, or writes the document of one to standard output or a new file. */
export function newExperiment(
  name: string | undefined,
  options: NewOptions,
  { output }: CommandContext,
): number {
  if (name === undefined) {
    if (options.volume !== undefined || options.output !== undefined)
      throw new OrdealError('ORD-901', 'Which incident? `ordeal new` lists them');
    const all = readIncidents();
    output.out.write(options.json ? `${JSON.stringify(all)}\n` : renderIncidents(all, output.out));
    return EXIT.ok;
  }
  const incident = findIncident(name);
  const document = options.volume === undefined ? incident.document : withVolume(incident, options.volume);
  if (options.output !== undefined) {
    writeNew(options.output, document);
    output.err.write(`${options.output}: ${incident.title}\n  ${nextStep(incident, options.output)}\n`);
  }
  if (options.json) output.out.write(`${JSON.stringify({ ...incident, document })}\n`);
  else if (options.output === undefined) output.out.write(document);
  return EXIT.ok;
}

function nextStep({ document }: Incident, file: string): string {
  return document.includes('failKernRequest')
    ? `sudo ordeal run ${file} -- CMD, or ordeal lab run ${file} -- CMD in a throwaway VM`
    : `sudo ordeal run ${file} --pid N`;
}

/** @throws OrdealError ORD-902, also if the file exists */
function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new OrdealError('ORD-902', `${path} exists already`, {
        hint: 'Remove it, or choose another name.',
      });
    throw new OrdealError('ORD-902', `${path} cannot be written: ${message}`);
  }
}
