import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OrdealError } from '@ordeal/diagnostics';
import type { Metrics } from './metrics.js';

export interface MetricsServer {
  readonly port: number;
  close(): void;
}

/**
 * Serves `GET /metrics` on all addresses of this machine or pod, and nothing else. The caller closes it.
 *
 * @param port 0 chooses a free one
 * @throws OrdealError ORD-810 if the port cannot be bound
 */
export async function serveMetrics(metrics: Metrics, port: number): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const isAsked = request.method === 'GET' && request.url === '/metrics';
    response.writeHead(isAsked ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(isAsked ? metrics.render() : 'only /metrics is served here\n');
  });
  try {
    server.listen(port);
    await once(server, 'listening');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OrdealError('ORD-810', `metrics cannot be served on port ${port}: ${why}`, { cause });
  }
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
