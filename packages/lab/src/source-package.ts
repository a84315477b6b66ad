import { OrdealError } from '@ordeal/diagnostics';
import { runProgram } from './run-program.js';

/** The installed version of a Debian package; undefined when it is not installed or this is not Debian. */
export async function installedVersion(packageName: string): Promise<string | undefined> {
  let answer = '';
  const format = `--showformat=\${db:Status-Status} \${Version}\\n`;
  const { code } = await runProgram(['dpkg-query', '--show', format, packageName], {
    onLine: (line) => {
      answer ||= line;
    },
  });
  const [status, version] = answer.split(' ');
  return code === 0 && status === 'installed' ? version : undefined;
}

/**
 * The installed version of a package with kernel sources.
 * @throws OrdealError ORD-604 when it is not installed
 */
export async function sourceVersion(packageName: string): Promise<string> {
  const version = await installedVersion(packageName);
  if (version !== undefined) return version;
  const hint = `apt-get install --no-install-recommends ${packageName}`;
  throw new OrdealError('ORD-604', `the Debian package ${packageName} is not installed`, { hint });
}
