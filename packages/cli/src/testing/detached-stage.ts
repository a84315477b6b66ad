import { DetachedOrdeal } from './detached-ordeal.js';
import { HostWriter } from './host-writer.js';

export interface DetachedStage {
  readonly ordeal: DetachedOrdeal;
  readonly writer: HostWriter;
}

/** A writer, and detached runs in a run directory of their own. At the end nothing may be left. */
export async function onDetachedStage(body: (stage: DetachedStage) => Promise<void>): Promise<void> {
  const ordeal = new DetachedOrdeal();
  const writer = new HostWriter();
  try {
    await body({ ordeal, writer });
    await ordeal.assertNothingLeft();
    await writer.assertBare();
  } finally {
    ordeal.close();
    writer.close();
  }
}
