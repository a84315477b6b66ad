import { detachedText, type FailKernRequest, type Frame } from '@ordeal/experiment';

/** A failKernRequest in short, for tests. */
export interface SampleRequest {
  readonly failtype?: 0 | 1 | 2;
  /** In place of a failtype. */
  readonly function?: string;
  readonly errno?: number;
  /** Function names, or whole frames. */
  readonly chain?: readonly (string | { funcname?: string; parameters?: string; predicate?: string })[];
  readonly probability?: number;
  readonly after?: number;
  readonly every?: number;
  readonly seed?: number;
  readonly times?: number;
}

/** The request as the parser returns it. */
export function requestOf({
  function: name,
  failtype = name === undefined ? 0 : undefined,
  errno,
  chain = [],
  probability = 100,
  times = 0,
  after,
  every,
  seed,
}: SampleRequest): FailKernRequest {
  const trigger = { probability, after, every, seed, times };
  const place = { line: 1, column: 1, length: 1 };
  const places = { function: place, errno: place };
  return { failtype, function: name, errno, places, headers: [], callchain: chain.map(frameOf), ...trigger };
}

function frameOf(frame: string | { funcname?: string; parameters?: string; predicate?: string }): Frame {
  const { funcname, parameters, predicate } = typeof frame === 'string' ? { funcname: frame } : frame;
  const text = (value: string | undefined) => (value === undefined ? undefined : detachedText(value));
  return {
    funcname,
    parameters,
    predicate,
    source: { funcname: text(funcname), parameters: text(parameters), predicate: text(predicate) },
  } as Frame;
}
