import { OrdealError } from '@ordeal/diagnostics';
import type { ClusterAccess } from './cluster-access.js';
import { chosenEntries, directAccess } from './kubeconfig.js';
import { parseKubeconfig } from './kubeconfig-file.js';

/** The text is untrusted: it must not make this process run programs, read files, or use a proxy. */
const FIELDS: { readonly [entry: string]: readonly string[] } = {
  cluster: ['server', 'certificate-authority-data', 'insecure-skip-tls-verify', 'tls-server-name'],
  user: ['token', 'username', 'password', 'client-certificate-data', 'client-key-data'],
};

/**
 * Access by an untrusted kubeconfig, from a Secret for example: uses only the text itself, no files and no
 * programs.
 *
 * @param name the text's name in messages
 * @throws OrdealError ORD-803 if it is not a kubeconfig, or needs a plugin or a file
 */
export async function kubeconfigTextAccess(text: string, name: string): Promise<ClusterAccess> {
  const configs = [{ file: name, config: parseKubeconfig(text, name) }];
  const { cluster, user, namespace } = chosenEntries(configs, undefined);
  const entries = { cluster: cluster.entry.cluster, user: user?.entry.user ?? {} };
  for (const [entry, fields] of Object.entries(entries)) {
    const other = Object.keys(fields).find((field) => !FIELDS[entry]?.includes(field));
    if (other !== undefined) {
      throw new OrdealError(
        'ORD-803',
        `${name}: ${entry} has '${other}': only what the text itself contains can be used`,
        {
          hint: 'Use a token, or certificates as *-data: kubectl config view --raw --flatten puts them into the text.',
        },
      );
    }
  }
  const access = await directAccess(
    { file: name, fields: entries.cluster },
    { file: name, fields: entries.user },
  );
  return { ...access, namespace };
}
