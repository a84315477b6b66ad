/** Call chains and predicates over kernel functions: ORD-200 to ORD-299. */
export const predicateCodes = {
  'ORD-201': {
    title: 'The kernel has no function of this name',
    wayOut: 'Use one of the names suggested, or look with `ordeal functions PATTERN`.',
  },
  'ORD-210': {
    title: 'A predicate or a parameter list cannot be read as C',
    wayOut: 'Fix the expression at the place shown.',
  },
  'ORD-211': {
    title: 'A predicate uses a part of C that predicates do not support',
    wayOut:
      'Predicates are expressions without side effects: write it without loops, calls, assignments and floating-point numbers.',
  },
  'ORD-212': {
    title: 'A predicate uses an unknown name',
    wayOut: 'Use a parameter of the function, a local declaration, an enum constant or a known macro.',
  },
  'ORD-213': {
    title: 'A structure of this kernel has no such member',
    wayOut: 'Use one of the members listed; they are those of the kernel that was checked.',
  },
  'ORD-214': {
    title: 'The types of an expression do not fit',
    wayOut: 'Add a cast if the types shown are meant to be mixed.',
  },
  'ORD-215': {
    title: 'The kernel has no type of this name',
    wayOut: 'Use one of the names suggested; BTF holds only types that the kernel itself uses.',
  },
  'ORD-216': {
    title: 'A parameter list does not match the function in this kernel',
    wayOut: "Copy the prototype shown, or leave `parameters` out and use the kernel's own names.",
  },
  'ORD-217': {
    title: 'A predicate is too complex to run inside the kernel',
    wayOut: 'Make it shorter or less nested, or move parts of it to other frames of the call chain.',
  },
  'ORD-218': {
    title: 'The kernel does not allow this function to fail',
    wayOut: 'Choose one of those that `ordeal functions --injectable` lists.',
  },
  'ORD-219': {
    title: 'The errno does not fit the function',
    wayOut:
      'Functions of type ERRNO need an errno, those of type NULL or TRUE take none; `ordeal functions --injectable` shows the types.',
  },
  'ORD-220': {
    title: 'Whether the kernel allows a function to fail is not known',
    wayOut: 'Run it as root on the machine itself: only the running kernel has the list.',
  },
} as const;
