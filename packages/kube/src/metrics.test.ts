import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countedBy, Metrics } from './metrics.js';
import { serveMetrics } from './metrics-server.js';

test('metrics are in the text format of Prometheus', async () => {
  const metrics = new Metrics();
  const steps = metrics.counter('steps_total', 'Steps that\nwere taken.');
  metrics.gauge('things', 'What is there.', () => countedBy(['a', 'b', 'a'], (name) => ({ name })));
  steps.add({ kind: 'x"\\\n' });
  steps.add({ kind: 'x"\\\n' }, 2);
  steps.add();
  const text = `# HELP steps_total Steps that\\nwere taken.
# TYPE steps_total counter
steps_total{kind="x\\"\\\\\\n"} 3
steps_total 1
# HELP things What is there.
# TYPE things gauge
things{name="a"} 2
things{name="b"} 1
`;
  assert.equal(metrics.render(), text);
  const server = await serveMetrics(metrics, 0);
  try {
    const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
    assert.equal(await response.text(), text);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    assert.equal((await fetch(`http://127.0.0.1:${server.port}/`)).status, 404);
    await assert.rejects(serveMetrics(metrics, server.port), { code: 'ORD-810', message: /EADDRINUSE/ });
  } finally {
    server.close();
  }
});
