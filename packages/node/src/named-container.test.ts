import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrdealError } from '@ordeal/diagnostics';
import type { Container } from './containers.js';
import { namedContainer, noSuchContainer } from './named-container.js';

function container(id: string, known: Partial<Container> = {}): Container {
  const unknown = { namespace: undefined, podName: undefined, name: undefined };
  return { id, pid: 1, sandbox: false, labels: {}, ...unknown, ...known };
}

const pod = { namespace: 'shop', podName: 'db-0' };
const RUNNING = [
  container('3f2a'.padEnd(64, '0'), { name: 'web' }),
  container('3f2b'.padEnd(64, '0'), { name: 'web-cache' }),
  container('ux1'),
  container('c1', { labels: { 'nerdctl/name': 'queue' } }),
  container('c2', { ...pod, name: 'postgres' }),
  container('c3', { ...pod, name: 'backup' }),
  container('c4', { ...pod, sandbox: true }),
];

const idOf = (text: string) => namedContainer(text, RUNNING)?.id.replace(/0+$/, '');

function refusal(text: string): string {
  try {
    return `found ${idOf(text)}`;
  } catch (error) {
    assert.ok(error instanceof OrdealError);
    return [error.message, ...error.detail, error.hint].join('\n');
  }
}

test('a container is found by its name', () => {
  assert.equal(idOf('3f2a'), '3f2a');
  assert.equal(idOf('ux'), 'ux1');
  // The whole name of one is a prefix of another.
  assert.equal(idOf('web'), '3f2a');
  assert.equal(idOf('web-'), '3f2b');
  assert.equal(idOf('queue'), 'c1');
  assert.equal(idOf('postgres'), 'c2');
  assert.equal(idOf('db-0/backup'), 'c3');
  assert.equal(idOf('shop/db-0/postgres'), 'c2');
  assert.equal(idOf('c4'), 'c4');
  assert.equal(idOf('nothing'), undefined);
  assert.equal(idOf(''), undefined);
});

test('several candidates are listed, none is chosen', () => {
  assert.equal(
    refusal('3f2'),
    `Several running containers match '3f2'
3f2a00000000  web
3f2b00000000  web-cache
Give the id of one of them, or more of its name.`,
  );
  assert.equal(
    refusal('db-0'),
    `Several running containers match 'db-0'
c2  shop/db-0/postgres
c3  shop/db-0/backup
Give the id of one of them, or more of its name.`,
  );
});

test('for an unknown name the nearest one and the running ones are listed', () => {
  const { message, hint, detail } = noSuchContainer('wbe', RUNNING);
  assert.deepEqual([message, hint], ["No running container matches 'wbe'", 'Did you mean web?']);
  assert.deepEqual(detail.slice(0, 3), ['3f2a00000000  web', '3f2b00000000  web-cache', 'ux1']);
  assert.match(noSuchContainer('x', []).hint ?? '', /^Give the name or id that the container runtime shows/);
});
