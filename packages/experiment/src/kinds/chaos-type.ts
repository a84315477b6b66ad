import { isScalar } from 'yaml';
import { oneOf } from '../schema/scalar.js';
import type { Shape } from '../schema/shape.js';
import { invalid } from '../schema/shape.js';
import { FOREIGN_KINDS } from './foreign-kinds.js';

const CHAOS_TYPES = ['KernelChaos', 'IOChaos'] as const;

/** The kinds that a Schedule can start. */
export type ChaosType = (typeof CHAOS_TYPES)[number];

const ours = oneOf(CHAOS_TYPES);

/** `type` of a Schedule. */
export const chaosTypeShape: Shape<ChaosType> = {
  structure: ours.structure,
  read(node, spot) {
    const type = isScalar(node) ? node.value : undefined;
    if (typeof type !== 'string' || !(FOREIGN_KINDS.includes(type) || type === 'Workflow'))
      return ours.read(node, spot);
    spot.report({
      code: 'ORD-113',
      message: `type: ${type} is a kind of Chaos Mesh that Ordeal does not support`,
      hint: `it schedules ${CHAOS_TYPES.join(' and ')}`,
    });
    return invalid;
  },
};
