import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { listContainers } from './containers.js';

test('containers are found directly and below a namespace, with labels and pod', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'ordeal-containers-'));
  t.after(() => rmSync(root, { recursive: true }));
  const put = (path: string, state: unknown) => {
    mkdirSync(join(root, path), { recursive: true });
    writeFileSync(join(root, path, 'state.json'), typeof state === 'string' ? state : JSON.stringify(state));
  };
  put('web', { id: 'web', init_process_pid: 7, config: { labels: ['app=web', 'note=a=b', 'bundle=/x'] } });
  put('k8s.io/db', {
    id: 'db',
    init_process_pid: 9,
    config: { labels: ['io.kubernetes.cri.sandbox-namespace=shop', 'io.kubernetes.cri.sandbox-name=db-0'] },
  });
  put('torn', '{"id": "to');
  const [db, web, ...others] = listContainers([root, join(root, 'nowhere')]);
  assert.deepEqual(others, []);
  assert.deepEqual(web, {
    id: 'web',
    pid: 7,
    namespace: undefined,
    podName: undefined,
    name: undefined,
    sandbox: false,
    labels: { app: 'web', note: 'a=b', bundle: '/x' },
  });
  assert.deepEqual([db?.id, db?.namespace, db?.podName], ['db', 'shop', 'db-0']);
});

test('crun keeps its state in other files than runc', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'ordeal-containers-'));
  t.after(() => rmSync(root, { recursive: true }));
  const put = (path: string, content: object) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), JSON.stringify(content));
  };
  put('a1b2/status', { pid: 7, 'cgroup-path': '/kubepods/x', bundle: '/b' });
  put('a1b2/config.json', {
    ociVersion: '1.0.2',
    annotations: {
      'io.kubernetes.pod.namespace': 'shop',
      'io.kubernetes.pod.name': 'db-0',
      'io.kubernetes.container.name': 'db',
      'io.kubernetes.cri-o.ContainerType': 'container',
    },
  });
  put('k8s.io/plain/status', { pid: 9 });
  const [pod, plain, ...others] = listContainers([root]);
  assert.deepEqual(others, []);
  assert.deepEqual(
    [pod?.id, pod?.pid, pod?.namespace, pod?.podName, pod?.name, pod?.sandbox],
    ['a1b2', 7, 'shop', 'db-0', 'db', false],
  );
  assert.deepEqual([plain?.id, plain?.pid, plain?.labels], ['plain', 9, {}]);
});
