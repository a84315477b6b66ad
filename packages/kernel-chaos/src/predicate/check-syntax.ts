import { parseParameters, parsePredicate } from './parse.js';
import { type PredicateProblem, ProblemList } from './problem.js';

/** The texts of a frame. */
export interface FrameTexts {
  readonly predicate: string | undefined;
  readonly parameters: string | undefined;
}

/** How the kernel's coding style names typedefs: `(u32)(x)` is a cast, `(size)(x)` is a mistake. */
const TYPEDEF = /_t$|^(__)?([us]|[lb]e)(8|16|32|64)$|^u(char|short|int|long)$/;

/** The problems that texts have on every kernel: invalid C. Pure; names and types are not checked. */
export function checkSyntax({ predicate, parameters }: FrameTexts): PredicateProblem[] {
  const inParameters = new ProblemList('parameters');
  const problems = new ProblemList('predicate');
  const declared =
    parameters === undefined
      ? []
      : parseParameters(parameters, { isTypedef: () => true, isParameter: () => false }, inParameters);
  const names = new Set(declared?.map(({ name }) => name));
  if (predicate !== undefined) {
    const known = {
      isTypedef: (name: string) => TYPEDEF.test(name),
      isParameter: (name: string) => names.has(name),
    };
    parsePredicate(predicate, known, problems);
  }
  return [...inParameters.list(), ...problems.list()];
}
