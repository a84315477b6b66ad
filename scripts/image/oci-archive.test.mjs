import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { quietly } from '../step.mjs';
import { writeOciArchive } from './oci-archive.mjs';

async function archive(directory, name) {
  const work = mkdtempSync(join(directory, 'work-'));
  const file = join(directory, `${name}.tar`);
  await writeOciArchive({
    file,
    name: 'localhost/small:1',
    rootfs: join(directory, 'rootfs'),
    work,
    config: { WorkingDir: '/' },
  });
  return file;
}

test('an archive names its image, and each blob by its digest; the same files give the same archive', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-oci-'));
  t.after(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, 'rootfs/etc'), { recursive: true });
  writeFileSync(join(directory, 'rootfs/etc/hello'), 'hello');
  const file = await archive(directory, 'one');
  const again = await archive(directory, 'two');
  assert.ok(readFileSync(file).equals(readFileSync(again)));

  const layout = join(directory, 'layout');
  mkdirSync(layout);
  await quietly(['tar', '-C', layout, '-xf', file]);
  const blobs = join(layout, 'blobs/sha256');
  for (const digest of readdirSync(blobs)) {
    const content = readFileSync(join(blobs, digest));
    assert.equal(createHash('sha256').update(content).digest('hex'), digest);
  }
  const blob = ({ digest, size }) => {
    const content = readFileSync(join(blobs, digest.replace('sha256:', '')));
    assert.equal(content.length, size);
    return content;
  };
  const [described] = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')).manifests;
  assert.equal(described.annotations['io.containerd.image.name'], 'localhost/small:1');
  assert.equal(described.annotations['org.opencontainers.image.ref.name'], '1');
  const { config, layers } = JSON.parse(blob(described));
  const { rootfs, config: settings } = JSON.parse(blob(config));
  assert.deepEqual(settings, { WorkingDir: '/' });
  assert.deepEqual(
    rootfs.diff_ids,
    layers.map(({ digest }) => digest),
  );
  writeFileSync(join(directory, 'layer.tar'), blob(layers[0]));
  const listed = await quietly(['tar', '-tf', join(directory, 'layer.tar')]);
  assert.deepEqual(listed.trim().split('\n'), ['./', './etc/', './etc/hello']);
});
