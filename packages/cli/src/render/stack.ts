/** Functions of a long stack that are always shown. */
const OUTER = 2;
const INNER = 3;

/**
 * A kernel stack on one line, outermost function first. If it does not fit, functions in the middle are left out; no
 * name is cut.
 */
export function renderStack(stack: readonly string[], columns: number): string {
  const whole = stack.join(' < ');
  if (whole.length <= columns) return whole;
  for (let inner = stack.length - OUTER - 1; inner > INNER; inner--) {
    const shorter = shortened(stack, inner);
    if (shorter.length <= columns) return shorter;
  }
  return stack.length <= OUTER + INNER ? whole : shortened(stack, INNER);
}

function shortened(stack: readonly string[], inner: number): string {
  return [...stack.slice(0, OUTER), '…', ...stack.slice(-inner)].join(' < ');
}
