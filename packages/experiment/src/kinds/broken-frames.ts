import { isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import type { SourceFile } from '../yaml/source-file.js';
import { type SourceText, sourceTextOf } from '../yaml/source-text.js';
import { FUNCTION } from './call-chain.js';
import { type Frame, frameOf } from './frame.js';

/** Where documents have a call chain. */
const CHAINS = [[], ['kernelChaos']].map((path) => ['spec', ...path, 'failKernRequest', 'callchain']);

/**
 * The readable part of the call chains of a document with errors: its frames can still be checked against a kernel.
 * A name that was reported already is missing.
 */
export function brokenFrames(root: Node, source: SourceFile): Frame[] {
  if (!isMap(root)) return [];
  return CHAINS.map((path) => root.getIn(path, true))
    .flatMap((chain) => (isSeq(chain) ? chain.items : []))
    .map((item) => {
      const text = (name: string): SourceText | undefined => {
        const value = isMap(item) ? item.get(name, true) : undefined;
        const isText = isScalar(value) && typeof value.value === 'string';
        return isText ? sourceTextOf(value as Scalar<string>, source) : undefined;
      };
      const funcname = text('funcname');
      return frameOf({
        funcname: FUNCTION.test(funcname?.text ?? '') ? funcname : undefined,
        parameters: text('parameters'),
        predicate: text('predicate'),
      });
    });
}
