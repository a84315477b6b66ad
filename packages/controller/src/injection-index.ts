import type { Injection } from './api/kinds.js';

/** The injections that exist, by the experiment that they are part of. */
export class InjectionIndex {
  readonly #byExperiment = new Map<string, Map<string, Injection>>();

  update(injection: Injection, gone: boolean): void {
    const { uid } = injection.spec.experiment;
    const { name } = injection.metadata;
    const ofExperiment = this.#byExperiment.get(uid) ?? new Map<string, Injection>();
    if (gone) ofExperiment.delete(name);
    else ofExperiment.set(name, injection);
    if (ofExperiment.size > 0) this.#byExperiment.set(uid, ofExperiment);
    else this.#byExperiment.delete(uid);
  }

  of(experiment: string): readonly Injection[] {
    return [...(this.#byExperiment.get(experiment)?.values() ?? [])];
  }
}
