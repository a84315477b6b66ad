import type { IoFault } from '@ordeal/io-chaos';

/** A request, as runs without a fault make it. */
interface Expected {
  readonly method: string;
  /** Of a path that differed between two runs: what is before the difference, and what is after it. */
  readonly begin: string;
  readonly end: string;
  /** `objects/tmp_*` for a path that differed. */
  readonly name: string;
}

type Made = Pick<IoFault, 'method' | 'path'>;

/** The requests of a command without a fault, from two runs: what differs between them is no difference later. */
export class ExpectedRequests {
  readonly #expected: readonly Expected[];
  /** Whether both runs made the same requests in the same order. */
  readonly steady: boolean;

  constructor(first: readonly Made[], second: readonly Made[]) {
    this.#expected = second.map((made, index) => expectedOf(made, first[index]));
    this.steady =
      first.length === second.length && second.every(({ method }, index) => method === first[index]?.method);
  }

  /** Whether the n-th request, from 1, is the one that it was without a fault. */
  isExpected(n: number, made: Made): boolean {
    const expected = this.#expected[n - 1];
    return expected !== undefined && matches(expected, made);
  }

  /** The name of the file of a request: files with names of their own in each run have one name here. */
  nameOf(n: number, made: Made): string {
    const expected = this.#expected[n - 1];
    if (expected && matches(expected, made)) return expected.name;
    return this.#expected.find((each) => matches(each, made))?.name ?? made.path;
  }
}

function expectedOf({ method, path }: Made, other: Made | undefined): Expected {
  if (other === undefined || other.method !== method || other.path === path)
    return { method, begin: path, end: '', name: path };
  let same = 0;
  while (path[same] === other.path[same]) same++;
  let last = 0;
  while (
    last < Math.min(path.length, other.path.length) - same &&
    path.at(-1 - last) === other.path.at(-1 - last)
  )
    last++;
  const [begin, end] = [path.slice(0, same), path.slice(path.length - last)];
  return { method, begin, end, name: `${begin}*${end}` };
}

function matches({ method, begin, end, name }: Expected, made: Made): boolean {
  if (method !== made.method) return false;
  if (name === begin) return made.path === name;
  return (
    made.path.length >= begin.length + end.length && made.path.startsWith(begin) && made.path.endsWith(end)
  );
}
