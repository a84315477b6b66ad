import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const TYPE = 'application/vnd.oci.image';

/** What an image is made of: image-spec v1.0. */
export interface OciImage {
  /** `docker.io/library/writer:1` */
  readonly name: string;
  /** The directory that becomes its one layer. */
  readonly root: string;
  readonly user: string;
  readonly command: readonly string[];
}

/** Makes an OCI image layout in `directory` and packs it. @returns the path of the tar archive */
export function packImage({ name, root, user, command }: OciImage, directory: string): string {
  const layout = join(directory, 'image');
  mkdirSync(join(layout, 'blobs', 'sha256'), { recursive: true });
  const blob = (mediaType: string, content: Buffer) => {
    const hash = createHash('sha256').update(content).digest('hex');
    writeFileSync(join(layout, 'blobs', 'sha256', hash), content);
    return { mediaType, digest: `sha256:${hash}`, size: content.length };
  };
  const json = (mediaType: string, value: object) => blob(mediaType, Buffer.from(JSON.stringify(value)));
  const layerFile = join(directory, 'layer.tar');
  execFileSync('tar', ['-C', root, '--owner=0', '--group=0', '-cf', layerFile, '.']);
  const layer = blob(`${TYPE}.layer.v1.tar`, readFileSync(layerFile));
  const config = json(`${TYPE}.config.v1+json`, {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { User: user, Cmd: command },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  });
  const manifestType = `${TYPE}.manifest.v1+json`;
  const manifest = json(manifestType, { schemaVersion: 2, mediaType: manifestType, config, layers: [layer] });
  const annotations = { 'io.containerd.image.name': name };
  const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations }] };
  writeFileSync(join(layout, 'index.json'), JSON.stringify(index));
  writeFileSync(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const archive = join(directory, 'image.tar');
  execFileSync('tar', ['-C', layout, '-cf', archive, '.']);
  return archive;
}
