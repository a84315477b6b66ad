import { type Btf, findFunction, type KernelFunction, resolve } from '@ordeal/bpf';
import { formatSystemCall } from '../predicate/index.js';
import { systemCallOf } from '../system-call-name.js';
import type { SampleRequest } from './sample-request.js';

/** A source of whole numbers in `[0, below)`; the same seed gives the same numbers. */
export type Draw = (below: number) => number;

/** Numerical Recipes' linear congruential generator: enough to pick samples, and repeatable. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='];
const JOINS = ['&&', '||'];
/** Upper bound of nested members. */
const DEPTH = 3;

/** A request over functions and types that the kernel has; about one in eight has a mistake in it. */
export function randomRequest(
  btf: Btf,
  {
    functions,
    systemCalls,
  }: { readonly functions: readonly string[]; readonly systemCalls: readonly string[] },
  draw: Draw,
): SampleRequest {
  const pick = <T>(items: readonly T[]) => items[draw(items.length)] as T;
  const chain = Array.from({ length: 1 + draw(3) }, () => {
    const funcname = pick(functions);
    const found = findFunction(btf, funcname);
    const predicate = found && draw(4) > 0 ? randomPredicate(btf, found, draw) : undefined;
    // Rarely: the search for the nearest of all functions takes long under emulation.
    const frame = { funcname: draw(200) === 0 ? `${funcname}x` : funcname };
    if (predicate === undefined) return frame;
    return { ...frame, predicate: draw(12) === 0 ? predicate.replace(/[\w]\b/, '$&q') : predicate };
  });
  const times = draw(2) * draw(1000);
  const trigger = draw(2) === 0 ? {} : { after: draw(1000), every: 1 + draw(1000), seed: draw(2 ** 31) };
  if (draw(4) === 0) {
    return { ...randomSystemCall(btf, pick(systemCalls), draw), probability: draw(101), times, ...trigger };
  }
  return { failtype: pick([0, 1, 2]), chain, probability: draw(101), times, ...trigger };
}

/** A system call that fails, perhaps with a predicate on its own arguments. */
function randomSystemCall(btf: Btf, target: string, draw: Draw): SampleRequest {
  const call = systemCallOf(target) ?? target;
  const [, list = ''] = /\((.*)\)$/.exec(formatSystemCall(btf, call, target)) ?? [];
  const args = list.split(', ').filter((each) => each !== 'void');
  const terms = args.slice(0, draw(1 + args.length)).flatMap((each) => {
    const [, type = '', name = ''] = /^(.*?)(\w+)$/.exec(each) ?? [];
    if (/char \*$/.test(type)) return [`STRNCMP(${name}, "a${draw(10)}", 3)`];
    return type.endsWith('*') ? [`${name} != NULL`] : [`${name} ${COMPARISONS[draw(6)]} ${draw(64)}`];
  });
  const predicate = terms.join(` ${JOINS[draw(2)]} `);
  const name = draw(2) === 0 ? call : target;
  return { function: name, errno: 1 + draw(133), chain: predicate === '' ? [] : [{ predicate }] };
}

function randomPredicate(btf: Btf, { proto }: KernelFunction, draw: Draw): string | undefined {
  const terms: string[] = [];
  for (let turn = 0; turn <= draw(3); turn++) {
    const parameter = proto.parameters[draw(Math.max(1, proto.parameters.length))];
    if (!parameter || parameter.name === '') continue;
    const term = randomTerm(btf, parameter.name, parameter.type, draw, DEPTH);
    if (term !== undefined) terms.push(draw(6) === 0 ? `!(${term})` : term);
  }
  const [first, ...rest] = terms;
  return first === undefined
    ? undefined
    : rest.reduce((sum, term) => `(${sum}) ${JOINS[draw(2)]} ${term}`, first);
}

/** A comparison that begins at `text`, a value of the type; undefined if the type has nothing to compare. */
function randomTerm(btf: Btf, text: string, id: number, draw: Draw, depth: number): string | undefined {
  const { type } = resolve(btf, id);
  const constant = () => String(draw(3) === 0 ? draw(2 ** 31) : draw(64));
  switch (type.kind) {
    case 'int':
    case 'enum':
      return `${text} ${COMPARISONS[draw(COMPARISONS.length)]} ${constant()}`;
    case 'ptr': {
      const target = resolve(btf, type.target).type;
      if (target.kind === 'int' && target.size === 1 && draw(2) === 0)
        return `STRNCMP(${text}, "a${draw(10)}", 3)`;
      if (target.kind === 'int' && depth > 0)
        return randomTerm(btf, `*${text}`, type.target, draw, depth - 1);
      if ((target.kind === 'struct' || target.kind === 'union') && depth > 0) {
        return randomMember(btf, `${text}->`, type.target, draw, depth) ?? `${text} != NULL`;
      }
      return `${text} ${draw(2) ? '!=' : '=='} NULL`;
    }
    case 'struct':
    case 'union':
      return depth > 0 ? randomMember(btf, `${text}.`, id, draw, depth) : undefined;
    default:
      return undefined;
  }
}

function randomMember(btf: Btf, prefix: string, id: number, draw: Draw, depth: number): string | undefined {
  const { type } = resolve(btf, id);
  if (type.kind !== 'struct' && type.kind !== 'union') return undefined;
  const named = type.members.filter((member) => member.name !== '');
  const member = named[draw(Math.max(1, named.length))];
  return member && randomTerm(btf, `${prefix}${member.name}`, member.type, draw, depth - 1);
}
