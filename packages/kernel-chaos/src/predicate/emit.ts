import { ProgramBuilder, R0 } from '@ordeal/bpf';
import { emitBranch } from './emit-branch.js';
import { type EmitContext, type PredicateFrame, storeResult } from './emit-context.js';
import { emitNarrow, emitTruth } from './emit-narrow.js';
import type { ProblemList } from './problem.js';
import { StackExhausted, StackSlots } from './stack-slots.js';
import { childrenOf, type TypedNode, type TypedPredicate } from './typed.js';

/** The stack that programs around predicates keep. */
const STACK_TOP = -64;

/** Jumps span at most 32767 instructions; the program around the predicate needs some of them. */
const MAX_INSTRUCTIONS = 16_000;

/**
 * Emits the predicate: falls through if it holds, jumps to the frame's `falseLabel` if it does not or if
 * memory cannot be read. Uses R0 to R5 and the stack below the frame's `stackTop`; keeps R6 to R9. For little-endian
 * kernels ≥ 5.5. The verifier must allow pointer leaks (CAP_PERFMON), as it does for all tracing programs.
 */
export function emitPredicate(
  builder: ProgramBuilder,
  predicate: TypedPredicate,
  frame: PredicateFrame,
): void {
  const context: EmitContext = {
    builder,
    falseLabel: frame.falseLabel,
    slots: new StackSlots(frame.stackTop ?? STACK_TOP),
    arguments: new Map(),
    locals: new Map(),
    text: predicate.text,
  };
  for (const node of argumentsOf(predicate.root)) emitArgument(context, node, frame);
  emitBranch(context, predicate.root, frame.falseLabel, false);
}

type ArgumentNode = TypedNode & { readonly kind: 'argument' };

/** Each argument that is used, once. */
function argumentsOf(root: TypedNode): Iterable<ArgumentNode> {
  const found = new Map<number, ArgumentNode>();
  const visit = (node: TypedNode): void => {
    if (node.kind === 'argument') found.set(node.index, node);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(root);
  return found.values();
}

function emitArgument(context: EmitContext, node: ArgumentNode, frame: PredicateFrame): void {
  const { builder, slots } = context;
  const slot = slots.take();
  context.arguments.set(node.index, slot);
  frame.loadArgument(builder, R0, node.index);
  if (node.type.kind !== 'pointer' && node.type.bool) {
    builder.aluImmediate('and', R0, 0xff);
    emitTruth(builder, R0);
  } else if (node.type.kind !== 'pointer') emitNarrow(builder, R0, node.type);
  storeResult(context, slot);
}

/** Reports a predicate that cannot be emitted into the usual frame. */
export function checkEmission(predicate: TypedPredicate, problems: ProblemList): void {
  const builder = new ProgramBuilder();
  const falseLabel = builder.label('false');
  const whole = { offset: 0, length: predicate.text.length };
  try {
    emitPredicate(builder, predicate, {
      loadArgument: (target, destination) => target.constant(destination, 0),
      falseLabel,
    });
    const { length } = builder.place(falseLabel).exit().build();
    if (length <= MAX_INSTRUCTIONS) return;
    problems.report(
      'ORD-217',
      whole,
      `the predicate takes ${length} instructions, more than ${MAX_INSTRUCTIONS}`,
    );
  } catch (error) {
    if (!(error instanceof StackExhausted)) throw error;
    problems.report(
      'ORD-217',
      whole,
      "the predicate needs more intermediate values than fit on a BPF program's stack",
      'nest less, or compare shorter strings',
    );
  }
}
