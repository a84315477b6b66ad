/**
 * Options of Node for a program that lives long and allocates little. V8 otherwise lets its young generation grow to tens of MB
 * over thousands of small tasks, and keeps them.
 */
export const LONG_LIVED: readonly string[] = ['--max-semi-space-size=1'];
