import { ioChaos, kernelChaos, schedules } from '@ordeal/controller';
import { OrdealError } from '@ordeal/diagnostics';
import type { Resource } from '@ordeal/kube';

/** The kinds that users create, by their names in kubectl. */
const ALIASES: readonly (readonly [resource: Resource, aliases: readonly string[]])[] = [
  [kernelChaos, ['kernelchaos', 'kchaos']],
  [ioChaos, ['iochaos', 'ioc']],
  [schedules, ['schedule', 'schedules']],
];

/** Which objects a command is about. */
export interface Wanted {
  readonly resources: readonly Resource[];
  /** All objects of these kinds when undefined. */
  readonly name: string | undefined;
}

/** `iochaos`, `iochaos slow` or `iochaos/slow`; all kinds if empty. @throws OrdealError ORD-901 */
export function wantedOf(what: string | undefined, name?: string): Wanted {
  if (what === undefined || what === 'all') return { resources: ALIASES.map(([resource]) => resource), name };
  const [kind = '', ...rest] = what.split('/');
  const inWhat = rest.length > 0 ? rest.join('/') : undefined;
  const [resource] = ALIASES.find(([, aliases]) => aliases.includes(kindOf(kind))) ?? [];
  if (resource === undefined) {
    const kinds = ALIASES.map(([, [alias]]) => alias).join(', ');
    throw new OrdealError('ORD-901', `'${kind}' is not a kind of experiment; they are ${kinds}`);
  }
  if (inWhat === '' || (inWhat !== undefined && name !== undefined)) {
    throw new OrdealError('ORD-901', `'${[what, name].filter(Boolean).join(' ')}' does not name one object`);
  }
  return { resources: [resource], name: inWhat ?? name };
}

/** One object of one kind. @throws OrdealError ORD-901 */
export function namedOne(
  what: string,
  name?: string,
): { readonly resource: Resource; readonly name: string } {
  const { resources, name: wanted } = wantedOf(what, name);
  const [resource] = resources;
  if (resource === undefined || wanted === undefined) {
    throw new OrdealError(
      'ORD-901',
      `'${what}' does not name one object; KIND/NAME does, such as iochaos/slow`,
    );
  }
  return { resource, name: wanted };
}

/** `iochaos.chaos-mesh.org` is what kubectl prints with several groups. */
function kindOf(text: string): string {
  return text.toLowerCase().replace(/\.chaos-mesh\.org$/, '');
}

/** The name of an object in output. */
export function shortName(kind: string, name: string): string {
  return `${kind.toLowerCase()}/${name}`;
}
