import { once } from 'node:events';
import { UiServer } from '@ordeal/ui';
import { EXIT } from '../exit-code.js';
import { portFlag } from '../flags/port-flag.js';
import { requireRoot } from '../host/require-root.js';
import { catchStopSignals } from '../host/stop-signal.js';
import { pageHost } from '../page/page-host.js';
import type { CommandContext } from './context.js';

export interface UiOptions {
  readonly port?: string;
  readonly json?: true;
}

/** Serves the page of this host until Ctrl-C; the runs go on without it. */
export async function ui({ port, json }: UiOptions, { output: { out } }: CommandContext): Promise<number> {
  const wanted = port === undefined ? 0 : portFlag(port);
  requireRoot('The page of this host');
  const stop = catchStopSignals();
  const server = await UiServer.listen(pageHost(), wanted);
  try {
    if (json) out.write(`${JSON.stringify({ type: 'listening', url: server.url })}\n`);
    else
      out.write(
        `${server.url}\n  whoever has this address can start and stop faults on this host; Ctrl-C ends it\n`,
      );
    if (!stop.signal.aborted) await once(stop.signal, 'abort');
    return EXIT.ok;
  } finally {
    await server.close();
    stop.dispose();
  }
}
