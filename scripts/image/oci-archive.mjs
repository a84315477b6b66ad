import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { quietly } from '../step.mjs';

/** Node's name of an architecture is not always OCI's. */
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };
const OCI = 'application/vnd.oci.image';

/**
 * Packs a directory as an OCI image of one layer (image-spec 1.0: image-layout.md, manifest.md, config.md) for this machine's
 * architecture. The same files give the same image.
 *
 * @param {{ file: string, name: string, rootfs: string, work: string, config: object }} image `file`: the archive, which is
 *   replaced; `name`: with a tag; `work`: an existing directory for what is made on the way, on the file system of `file`;
 *   `config`: OCI's `config` object
 */
export async function writeOciArchive({ file, name, rootfs, work, config }) {
  const layout = join(work, 'layout');
  const blobs = join(layout, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const platform = { architecture: ARCHITECTURES[process.arch] ?? process.arch, os: 'linux' };

  const tar = join(work, 'layer.tar');
  const reproducible = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name', '--mtime=@0'];
  await quietly(['tar', '-C', rootfs, ...reproducible, '-cf', tar, '.']);
  const layer = await addBlob(blobs, tar, `${OCI}.layer.v1.tar`);
  const addJson = async (value, mediaType) => {
    const path = join(work, 'blob.json');
    await writeFile(path, JSON.stringify(value));
    return addBlob(blobs, path, mediaType);
  };
  const content = { ...platform, config, rootfs: { type: 'layers', diff_ids: [layer.digest] } };
  const configBlob = await addJson(content, `${OCI}.config.v1+json`);
  const mediaType = `${OCI}.manifest.v1+json`;
  const manifest = await addJson(
    { schemaVersion: 2, mediaType, config: configBlob, layers: [layer] },
    mediaType,
  );
  // containerd takes the name from the first annotation, other programs the tag from the second.
  const annotations = {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
  };
  const index = { schemaVersion: 2, manifests: [{ ...manifest, platform, annotations }] };
  await writeFile(join(layout, 'index.json'), JSON.stringify(index));
  await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));

  const whole = join(work, 'image.tar');
  await rm(tar, { force: true });
  await quietly(['tar', '-C', layout, ...reproducible, '-cf', whole, 'oci-layout', 'index.json', 'blobs']);
  await rename(whole, file);
}

/** Moves a file to the blobs; its descriptor. */
async function addBlob(blobs, path, mediaType) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const digest = hash.digest('hex');
  const { size } = await stat(path);
  await rename(path, join(blobs, digest));
  return { mediaType, digest: `sha256:${digest}`, size };
}
