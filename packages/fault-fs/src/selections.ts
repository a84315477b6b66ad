import type { Link } from './nodes/node.js';
import { entryPath, linkPath } from './nodes/path.js';
import type { Subject } from './rules/request-path.js';
import type { RuleSet, Selection } from './rules/rule-set.js';

/** Which rules of a set can concern a file: found by its path, and kept with its link as long as the epoch is the same. */
export class Selections {
  readonly #rules: RuleSet;
  #root: Selection | undefined;

  constructor(rules: RuleSet) {
    this.#rules = rules;
  }

  /** @param epoch of the volume's nodes */
  for(subject: Subject, epoch: number): Selection {
    if (subject.known) return this.of(subject.link, epoch);
    return this.#rules.everywhere ?? this.#rules.select(entryPath('', subject.parent, subject.name));
  }

  /** @param link undefined for the root of the volume */
  of(link: Link | undefined, epoch: number): Selection {
    const { everywhere } = this.#rules;
    if (everywhere) return everywhere;
    if (!link) {
      this.#root ??= this.#rules.select('');
      return this.#root;
    }
    if (link.rulesEpoch === epoch) return link.rules as Selection;
    const selection = this.#rules.select(linkPath('', link));
    link.rules = selection;
    link.rulesEpoch = epoch;
    return selection;
  }
}
