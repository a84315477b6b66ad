import type { PlanExplanation, ProgramListing } from '../report/explain-plan.js';
import { counted } from './number.js';
import { untilEnd } from './run.js';
import { shareWords } from './share.js';

/** What an experiment will do, and the programs that do it. */
export function renderExplanation(explanation: PlanExplanation): string {
  return renderPlanHead(explanation) + explanation.programs.map(renderProgram).join('');
}

/** The same without the programs. @param end what else ends its faults */
export function renderPlanHead(explanation: PlanExplanation, end = 'the command ends'): string {
  const { name, summary, faultPoint, frames, mechanism, programs, selector } = explanation;
  const instructions = programs.reduce((sum, program) => sum + program.listing.length, 0);
  const rows: (readonly [string, string])[] = [
    ...(explanation.schedule === undefined ? [] : [['when', explanation.schedule] as const]),
    ['at', faultPoint],
    ...(frames.length === 0
      ? [['under', 'any caller'] as const]
      : frames.map((frame, index) => [index === 0 ? 'under' : '', frame] as const)),
    ['for', selector],
    ['until', `${untilEnd(explanation.durationNs, end)}; ${shareWords(explanation)}`],
    ['by', `${mechanism}, ${counted(programs.length, 'program')}, ${counted(instructions, 'instruction')}`],
    ['kernel', explanation.kernel],
  ];
  const head = [`${name}   ${summary}`, ...rows.map(([label, text]) => `  ${label.padEnd(9)}${text}`)];
  return `${head.join('\n')}\n`;
}

function renderProgram({ name, hook, listing }: ProgramListing): string {
  return `\n${name}: ${hook}\n${listing.map((line) => `  ${line}\n`).join('')}`;
}
