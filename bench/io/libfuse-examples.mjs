// libfuse's own examples, from Debian's source package of the installed libfuse3-dev, built against it.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/root.mjs';
import { quietly, step } from '../../scripts/step.mjs';

const EXAMPLES = { passthrough_ll: ['gcc', '.c'], passthrough_hp: ['g++', '.cc'] };
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Builds the examples, once for each version. @returns {Promise<{ version: string, directory: string }>} */
export async function buildLibfuseExamples() {
  const version = (await quietly(['dpkg-query', '-W', 'libfuse3-dev'])).trim().split('\t')[1];
  const directory = join(root, '.cache', `libfuse-examples-${version}`);
  if (!existsSync(directory)) {
    await step(`building libfuse's examples (fuse3 ${version})`, '15 s', () => build(version, directory));
  }
  return { version, directory };
}

async function build(version, directory) {
  const scratch = mkdtempSync(join(tmpdir(), 'ordeal-libfuse-'));
  try {
    const source = join(await fetchSource(version, scratch), 'example');
    const flags = (await quietly(['pkg-config', '--cflags', '--libs', 'fuse3'])).trim().split(/\s+/);
    const built = join(scratch, 'built');
    mkdirSync(built);
    for (const [name, [compiler, extension]] of Object.entries(EXAMPLES)) {
      await quietly([compiler, '-O2', '-o', join(built, name), join(source, name + extension), ...flags]);
    }
    mkdirSync(join(root, '.cache'), { recursive: true });
    await quietly(['cp', '-r', built, `${directory}.new`]);
    renameSync(`${directory}.new`, directory);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Asks apt for the source with a list of sources of its own, so that the machine's stay as they are. */
async function fetchSource(version, scratch) {
  const codename = (await quietly(['sh', '-c', '. /etc/os-release; echo "$VERSION_CODENAME"'])).trim();
  const list = join(scratch, 'debian.sources');
  writeFileSync(
    list,
    `Types: deb-src\nURIs: http://deb.debian.org/debian\nSuites: ${codename}\nComponents: main\nSigned-By: ${KEYRING}\n`,
  );
  mkdirSync(join(scratch, 'lists', 'partial'), { recursive: true });
  const settings = [
    `Dir::Etc::sourcelist=${list}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(scratch, 'lists')}`,
    'Dir::Cache::pkgcache=',
    'Dir::Cache::srcpkgcache=',
    'APT::Sandbox::User=root',
  ].flatMap((setting) => ['-o', setting]);
  await quietly(['apt-get', '-qq', ...settings, 'update']);
  await quietly(['apt-get', '-qq', ...settings, 'source', `fuse3=${version}`], { cwd: scratch });
  const tree = readdirSync(scratch).find((name) => /^fuse3?-[\d.]+$/.test(name));
  if (!tree) throw new Error(`apt-get source fuse3=${version} left no tree`);
  return join(scratch, tree);
}
