/**
 * BPF registers. R0: result. R1-R5: arguments, lost in a call. R6-R9: preserved by calls. R10: frame pointer, read
 * only; the stack is the 512 bytes below it.
 */
export const R0 = 0;
export const R1 = 1;
export const R2 = 2;
export const R3 = 3;
export const R4 = 4;
export const R5 = 5;
export const R6 = 6;
export const R7 = 7;
export const R8 = 8;
export const R9 = 9;
export const FP = 10;

export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;
