import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { S } from '../backing/file-flags.js';
import { OpenFiles } from '../open-files.js';
import type { Link, Node } from './node.js';
import { NodeTable } from './node-table.js';
import { linkPath } from './path.js';

function table() {
  const dropped: number[] = [];
  return { dropped, nodes: new NodeTable(1, 2, S.IFDIR, (node) => dropped.push(Number(node.ino))) };
}

function add(nodes: NodeTable, parent: Node, name: string, ino: number): Link {
  const node = nodes.find(1, ino) ?? nodes.add(1, ino, S.IFREG);
  node.lookups++;
  return nodes.link(parent, name, node);
}

test('paths follow renames of files and of the directories above them', () => {
  const { nodes } = table();
  const dir = add(nodes, nodes.root, 'dir', 10);
  const sub = add(nodes, dir.node, 'sub', 11);
  const file = add(nodes, sub.node, 'file', 12);
  assert.equal(linkPath('/data', file), '/data/dir/sub/file');
  const epoch = nodes.epoch;
  nodes.rename(sub.node, 'file', nodes.root, 'top', false);
  assert.equal(linkPath('/data', file), '/data/top');
  assert.equal(nodes.epoch, epoch);
  nodes.rename(nodes.root, 'top', sub.node, 'back', false);
  nodes.rename(nodes.root, 'dir', nodes.root, 'new', false);
  assert.notEqual(nodes.epoch, epoch);
  assert.equal(linkPath('/', file), '/new/sub/back');
  assert.equal(linkPath('/data', undefined), '/data');
});

test('a replaced or removed name keeps its last path for those who hold it', () => {
  const { nodes } = table();
  const one = add(nodes, nodes.root, 'one', 10);
  const two = add(nodes, nodes.root, 'two', 11);
  nodes.rename(nodes.root, 'two', nodes.root, 'one', false);
  assert.equal(linkPath('/d', one), '/d/one');
  assert.equal(linkPath('/d', two), '/d/one');
  assert.equal(nodes.root.children?.get('one'), two);
  nodes.unlink(nodes.root, 'one');
  assert.equal(linkPath('/d', two), '/d/one');
});

test('exchanged names change places', () => {
  const { nodes } = table();
  const dir = add(nodes, nodes.root, 'dir', 10);
  const a = add(nodes, nodes.root, 'a', 11);
  const b = add(nodes, dir.node, 'b', 12);
  nodes.rename(nodes.root, 'a', dir.node, 'b', true);
  assert.deepEqual([linkPath('/d', a), linkPath('/d', b)], ['/d/dir/b', '/d/a']);
});

test('of several names the one looked up last counts, then any that is left', () => {
  const { nodes } = table();
  add(nodes, nodes.root, 'a', 10);
  const b = add(nodes, nodes.root, 'b', 10);
  assert.equal(b.node.current?.name, 'b');
  add(nodes, nodes.root, 'a', 10);
  assert.equal(b.node.current?.name, 'a');
  nodes.unlink(nodes.root, 'a');
  assert.equal(b.node.current?.name, 'b');
});

test('a node lives while it is known, open, or above a living one; its id comes back with a new generation', () => {
  const { nodes, dropped } = table();
  const dir = add(nodes, nodes.root, 'dir', 10);
  const file = add(nodes, dir.node, 'file', 11);
  nodes.forget(dir.node, 1);
  const files = new OpenFiles(10);
  const { node } = file;
  const handle = files.add({
    node,
    link: file,
    fd: -1,
    flags: 0,
    opening: 0,
    position: 0,
    flocked: false,
  });
  nodes.forget(file.node, 1);
  assert.deepEqual(dropped, []);
  files.remove(handle);
  nodes.release(file.node);
  assert.deepEqual(dropped, [11, 10]);
  assert.equal(nodes.size, 1);
  const next = nodes.add(1, 12, S.IFREG);
  assert.ok([dir.node.id, file.node.id].includes(next.id));
  assert.ok(next.generation > file.node.generation);
});

test('whatever happens, forgetting everything leaves the root alone', () => {
  const step = fc.tuple(fc.nat(3), fc.nat(4), fc.nat(4), fc.nat(5), fc.nat(5));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { nodes } = table();
      const dirs = [
        nodes.root,
        ...[10, 11, 12, 13].map((ino, at) => add(nodes, nodes.root, `d${at}`, ino).node),
      ];
      const dir = (at: number) => dirs[at] as Node;
      for (const [what, from, to, a, b] of steps) {
        if (what === 0) add(nodes, dir(from), `f${a}`, 100 + b);
        else if (what === 1) nodes.unlink(dir(from), `f${a}`);
        else nodes.rename(dir(from), `f${a}`, dir(to), `f${b}`, what === 2);
        for (const node of nodes) {
          for (const link of node.links) assert.equal(link.parent.children?.get(link.name), link);
          for (const link of node.children?.values() ?? []) assert.ok(link.node.links.includes(link));
        }
      }
      for (const node of [...nodes]) if (node !== nodes.root) nodes.forget(node, node.lookups);
      assert.equal(nodes.size, 1);
    }),
  );
});
