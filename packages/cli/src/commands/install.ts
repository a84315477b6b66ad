import { readFileSync } from 'node:fs';
import {
  install as apply,
  manifestsText,
  mergedValues,
  type Release,
  type Values,
  valueFromText,
  valuesFromYaml,
} from '@ordeal/chart';
import { asJson, OrdealError } from '@ordeal/diagnostics';
import { type ClusterFlags, withCluster } from '../cluster/cluster-flags.js';
import { EXIT } from '../exit-code.js';
import type { CommandContext } from './context.js';

export interface InstallFlags extends ClusterFlags {
  readonly name: string;
  readonly namespace: string;
  readonly values?: readonly string[];
  readonly set?: readonly string[];
  readonly dryRun?: true;
}

/**
 * Installs Ordeal into a cluster, or updates it to this version and these values; or prints what would be applied.
 */
export async function install(flags: InstallFlags, { output }: CommandContext): Promise<number> {
  const { name, namespace } = flags;
  const release: Release = { name, namespace, values: givenValues(flags) };
  if (flags.dryRun) {
    output.out.write(manifestsText(release));
    return EXIT.ok;
  }
  await withCluster(flags, ({ client }) =>
    apply(client, release, ({ manifest, outcome }) => {
      const { kind, metadata } = manifest;
      output.out.write(
        flags.json
          ? asJson({ kind, ...metadata, outcome })
          : `${kind.toLowerCase()}/${metadata.name} ${outcome}\n`,
      );
    }),
  );
  if (!flags.json)
    output.err.write(`Next: kubectl -n ${namespace} get pods; ordeal get -A shows experiments.\n`);
  return EXIT.ok;
}

/** Files in the given order, then single values. */
function givenValues({ values = [], set = [] }: InstallFlags): Values {
  const parts = [...values.map(valuesOfFile), ...set.map(valueFromText)];
  return parts.reduce(mergedValues, {});
}

function valuesOfFile(file: string): Values {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OrdealError('ORD-902', `${file} cannot be read: ${why}`, { cause });
  }
  return valuesFromYaml(text);
}
