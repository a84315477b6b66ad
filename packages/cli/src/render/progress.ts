import type { Progress } from '@ordeal/lab';
import { span } from './time.js';

const STEPS: Readonly<Record<Progress['step'], string>> = {
  packages: 'installing packages',
  kernel: 'building the lab kernel',
  boot: 'booting the lab VM',
};

/** What is being done, its stage, and how long it will take: `building the lab kernel: compile, 42 %, 3 min 5 s left`. */
export function renderProgress({ step, stage, fraction, etaSeconds }: Progress): string {
  const parts = [
    stage,
    ...(fraction === undefined ? [] : [`${Math.floor(fraction * 100)} %`]),
    ...(etaSeconds === undefined ? [] : [`about ${span(Math.max(1, Math.round(etaSeconds)) * 1000)} left`]),
  ];
  return `${STEPS[step]}: ${parts.join(', ')}`;
}

/** The line after a long step has ended. */
export function renderStepDone(step: Progress['step'], milliseconds: number): string {
  return `${STEPS[step]}: done in ${span(milliseconds)}\n`;
}
