import type { Channel, Output } from '../output/output.js';
import { plain } from '../output/paint.js';

/** An output that keeps what is written, as a pipe would get it. */
export interface RecordedOutput extends Output {
  /** What went to the standard output. */
  stdout(): string;
  stderr(): string;
}

export function recordedOutput(live = false): RecordedOutput {
  const texts = { out: '', err: '' };
  const channel = (name: 'out' | 'err'): Channel => ({
    write: (text) => {
      texts[name] += Buffer.from(text).toString();
    },
    live,
    columns: 80,
    wrapAt: live ? 80 : Number.POSITIVE_INFINITY,
    paint: plain,
  });
  return { out: channel('out'), err: channel('err'), stdout: () => texts.out, stderr: () => texts.err };
}
