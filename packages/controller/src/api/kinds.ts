import type { KubeObject, Resource } from '@ordeal/kube';
import { GROUP, VERSION } from '../crd/definition.js';

/** One condition of an object, for users and `kubectl wait`. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message?: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

/** Whether a target is under faults; the words of the existing system. */
export type TargetPhase = 'Injected' | 'Not Injected';

/** An event of a target. */
export interface RecordEvent {
  readonly type: 'Succeeded' | 'Failed';
  readonly operation: 'Apply' | 'Recover';
  readonly message?: string;
  readonly timestamp: string;
}

/** One container that was selected. */
export interface ContainerRecord {
  /** `namespace/pod/container` */
  readonly id: string;
  readonly selectorKey: '.';
  readonly phase: TargetPhase;
  readonly injectedCount: number;
  readonly recoveredCount: number;
  readonly podUID: string;
  readonly nodeName: string;
  readonly events?: readonly RecordEvent[];
}

/** The phase of an experiment. */
export type ExperimentPhase =
  | 'Selecting'
  | 'Injecting'
  | 'Running'
  | 'Paused'
  | 'Recovering'
  | 'Finished'
  | 'Scheduled'
  | 'Refused';

export interface ExperimentStatus {
  readonly phase?: ExperimentPhase;
  readonly targets?: string;
  readonly faults?: number;
  readonly message?: string;
  readonly conditions?: readonly Condition[];
  readonly experiment?: {
    readonly desiredPhase: 'Run' | 'Stop';
    readonly containerRecords?: readonly ContainerRecord[];
  };
}

/** A KernelChaos or IOChaos of the API. Its spec is parsed by `@ordeal/experiment`. */
export interface ExperimentObject extends KubeObject {
  readonly spec: { readonly [field: string]: unknown };
  readonly status?: ExperimentStatus;
}

export interface ScheduleObject extends KubeObject {
  readonly spec: { readonly [field: string]: unknown };
  readonly status?: ScheduleStatus;
}

export interface ScheduleStatus {
  readonly time?: string;
  readonly next?: string;
  readonly active?: readonly { readonly kind: string; readonly namespace: string; readonly name: string }[];
  readonly message?: string;
}

/** Another cluster, into which Ordeal is installed from this one. */
export interface RemoteClusterObject extends KubeObject {
  readonly spec: {
    readonly namespace: string;
    readonly version: string;
    readonly kubeConfig: {
      readonly secretRef: { readonly namespace: string; readonly name: string; readonly key: string };
    };
    readonly configOverride?: { readonly [value: string]: unknown };
  };
  readonly status?: RemoteClusterStatus;
}

export interface RemoteClusterStatus {
  readonly currentVersion?: string;
  readonly observedGeneration?: number;
  readonly message?: string;
  readonly conditions?: readonly Condition[];
}

/** The kinds of experiments that are injected. */
export type ChaosKind = 'KernelChaos' | 'IOChaos';

/** Faults on one pod, for one experiment. */
export interface Injection extends KubeObject {
  readonly spec: InjectionSpec;
  readonly status?: InjectionStatus;
}

export interface InjectionSpec {
  readonly experiment: { readonly kind: ChaosKind; readonly name: string; readonly uid: string };
  readonly nodeName: string;
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly containerNames: readonly string[];
  /** RFC 3339. The agent ends the faults then. */
  readonly deadline?: string;
  readonly kernelChaos?: { readonly [field: string]: unknown };
  readonly ioChaos?: { readonly [field: string]: unknown };
}

/** Written by the agent of the node. */
export interface InjectionStatus {
  readonly observedGeneration?: number;
  readonly phase?: TargetPhase;
  readonly reason?: string;
  readonly message?: string;
  readonly lastContact?: string;
  readonly faults?: number;
  readonly counters?: { readonly [name: string]: number };
  readonly containers?: readonly InjectedContainer[];
}

export interface InjectedContainer {
  readonly name: string;
  readonly phase: TargetPhase;
  readonly containerID?: string;
  readonly startedAt?: string;
  readonly restarts?: number;
  readonly reason?: string;
  readonly message?: string;
}

export const kernelChaos = resource<ExperimentObject>('KernelChaos', 'kernelchaos');
export const ioChaos = resource<ExperimentObject>('IOChaos', 'iochaos');
export const schedules = resource<ScheduleObject>('Schedule', 'schedules');
export const injections = resource<Injection>('Injection', 'injections');

export const remoteClusters: Resource<RemoteClusterObject> = {
  ...resource<RemoteClusterObject>('RemoteCluster', 'remoteclusters'),
  namespaced: false,
};

/** The resource of each kind of experiment. */
export const chaosResources = { KernelChaos: kernelChaos, IOChaos: ioChaos } as const;

function resource<T extends KubeObject>(kind: string, plural: string): Resource<T> {
  return { group: GROUP, version: VERSION, plural, kind, namespaced: true };
}
