import { detachedText, type FailKernRequest, type Failtype, type Frame } from '@ordeal/experiment';
import { FAULT_POINTS } from '@ordeal/kernel-chaos';

/**
 * The lab sees the host's files over 9p. A message of that protocol that cannot be allocated when a file is closed
 * leaves the file open on the host's side under a number that the kernel uses again: from then on the file system
 * fails every request (net/9p/client.c, p9_client_clunk). Messages come from two slab caches of 9p, and from kmalloc
 * with GFP_NOFS and at least a page; block I/O is not involved.
 */
const SPARED: Readonly<Record<Failtype, string | undefined>> = {
  0:
    '!STRCMP(s->name, "p9_req_t") && !STRCMP(s->name, "9p-fcall-cache")' +
    ' && !(s->size >= 4096 && (gfpflags & __GFP_IO) && !(gfpflags & __GFP_FS))',
  1: '(gfp_mask & __GFP_FS)',
  2: undefined,
};

/** The same request, sparing what the lab needs to read its files. */
export function spareLabFiles(request: FailKernRequest): FailKernRequest {
  const point = FAULT_POINTS.find((each) => each.function === request.function);
  const failtype = request.failtype ?? point?.failtype;
  const spared = failtype === undefined ? undefined : SPARED[failtype];
  if (spared === undefined) return request;
  const last = request.callchain.at(-1);
  if (!last || last.funcname !== undefined) {
    return { ...request, callchain: [...request.callchain, onFaultPoint(spared, undefined)] };
  }
  const both = last.predicate === undefined ? spared : `(${last.predicate}) && ${spared}`;
  return { ...request, callchain: [...request.callchain.slice(0, -1), onFaultPoint(both, last.parameters)] };
}

function onFaultPoint(predicate: string, parameters: string | undefined): Frame {
  const source = {
    funcname: undefined,
    parameters: parameters === undefined ? undefined : detachedText(parameters),
    predicate: detachedText(predicate),
  };
  return { funcname: undefined, parameters, predicate, source };
}
