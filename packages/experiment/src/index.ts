import type { Place, Problem } from '@ordeal/diagnostics';

/** A string of the document that knows where each of its characters was written. */
export interface SourceText {
  /** The decoded text. */
  readonly text: string;
  /** The place in the file of `length` UTF-16 units at `offset` of the decoded text. */
  placeAt(offset: number, length: number): Place;
}

/** How many of the matching pods are targets. */
export type Mode = 'one' | 'all' | 'fixed' | 'fixed-percent' | 'random-max-percent';

/** Which pods match. All parts are ANDed; `namespaces` is never empty. */
export interface Selector {
  readonly namespaces: readonly string[];
  readonly pods: { readonly [namespace: string]: readonly string[] };
  readonly labelSelectors: { readonly [key: string]: string };
  readonly expressionSelectors: readonly LabelExpression[];
  readonly annotationSelectors: { readonly [key: string]: string };
  readonly fieldSelectors: { readonly [key: string]: string };
  readonly nodes: readonly string[];
  readonly nodeSelectors: { readonly [key: string]: string };
  readonly podPhaseSelectors: readonly string[];
}

export interface LabelExpression {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}

export interface TargetSpec {
  readonly mode: Mode;
  readonly value: string | undefined;
  readonly selector: Selector;
  /** Empty = the first container. */
  readonly containerNames: readonly string[];
  /** Nanoseconds; undefined = until stopped. */
  readonly duration: bigint | undefined;
  readonly remoteCluster: string | undefined;
}

export interface Frame {
  readonly funcname: string | undefined;
  readonly parameters: string | undefined;
  readonly predicate: string | undefined;
  /** The same strings with their positions in the file. */
  readonly source: {
    readonly funcname: SourceText | undefined;
    readonly parameters: SourceText | undefined;
    readonly predicate: SourceText | undefined;
  };
}

export interface FailKernRequest {
  /** 0 slab, 1 page, 2 block I/O. */
  readonly failtype: 0 | 1 | 2;
  readonly headers: readonly string[];
  /** Outermost first; empty = everywhere. */
  readonly callchain: readonly Frame[];
  /** Percent; 100 when not written. */
  readonly probability: number;
  /** Faults per target; 0 = no limit. */
  readonly times: number;
}

export interface KernelChaosSpec extends TargetSpec {
  readonly failKernRequest: FailKernRequest;
}

export interface IOChaosSpec extends TargetSpec {
  readonly action: 'latency' | 'fault' | 'attrOverride' | 'mistake';
  /** Nanoseconds. */
  readonly delay: bigint | undefined;
  readonly errno: number | undefined;
  readonly attr: object | undefined;
  readonly mistake: { filling: 'zero' | 'random'; maxOccurrences: number; maxLength: number } | undefined;
  readonly path: string | undefined;
  readonly methods: readonly string[];
  /** Percent of matching requests; 100 when not written. */
  readonly percent: number;
  readonly volumePath: string;
}

interface Document<K extends string, S> {
  readonly kind: K;
  readonly apiVersion: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: { readonly [key: string]: string };
  readonly annotations: { readonly [key: string]: string };
  /** The file's name as the caller gave it. */
  readonly file: string;
  /** Where the document starts. */
  readonly place: Place;
  /** Where a field was written, `spec.volumePath` for example; the nearest written parent when it was not. */
  placeOf(path: string): Place;
  readonly spec: S;
}

export type KernelChaos = Document<'KernelChaos', KernelChaosSpec>;
export type IOChaos = Document<'IOChaos', IOChaosSpec>;
export type Experiment = KernelChaos | IOChaos;

/** Reads every experiment of a YAML text, and everything wrong with it. */
export declare function parseDocuments(
  source: string,
  file: string,
): { readonly experiments: readonly Experiment[]; readonly problems: readonly Problem[] };
