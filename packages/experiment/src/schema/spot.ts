import type { Code, Place, Problem } from '@ordeal/diagnostics';
import { isScalar, type Node } from 'yaml';
import type { SourceFile } from '../yaml/source-file.js';

/** The results of reading one document: its problems, and where each field was written. */
export interface Findings {
  readonly source: SourceFile;
  readonly problems: Problem[];
  /** Place of the value by path, `spec.callchain[0].predicate`; the empty path is the document. */
  readonly places: Map<string, Place>;
}

/** A message at a position. */
export interface Remark {
  readonly severity?: Problem['severity'];
  readonly code: Code;
  readonly message: string;
  readonly hint?: string;
}

/** A position in the tree of one document, and the way to report problems there. */
export class Spot {
  /** From the document's root, for example `spec.selector.pods.shop[0]`. */
  readonly path: string;
  /** This value's name in messages: the last field's name with its indices. */
  readonly label: string;
  readonly place: Place;
  readonly findings: Findings;

  constructor(findings: Findings, path: string, label: string, place: Place) {
    this.findings = findings;
    this.path = path;
    this.label = label;
    this.place = place;
  }

  /** The spot of a field or map entry: its value when that is a scalar, otherwise its key. */
  field(name: string, key: Node, value: Node): Spot {
    return this.child(this.pathTo(name), name, this.placeOf(isScalar(value) ? value : key));
  }

  /** The spot of a list's item. */
  item(index: number, node: Node): Spot {
    return this.child(`${this.path}[${index}]`, `${this.label}[${index}]`, this.placeOf(node));
  }

  private child(path: string, label: string, place: Place): Spot {
    this.findings.places.set(path, place);
    return new Spot(this.findings, path, label, place);
  }

  /** The place of a node in the file. */
  placeOf(node: Node): Place {
    return this.findings.source.placeOfNode(node);
  }

  /** Whether a field below this spot was written, readable or not. `name` may be a path. */
  wrote(name: string): boolean {
    return this.findings.places.has(this.pathTo(name));
  }

  /** Reports at this spot, or at a field below it (`at`, which falls back to this spot when not written). */
  report(remark: Remark, at?: string): void {
    if (at === undefined) this.reportAt(this.place, remark);
    else this.#add(this.placeBelow(at), this.pathTo(at), remark);
  }

  /** The place of a field or `[index]` below this spot, or this spot's own when that was not written. */
  placeBelow(name: string): Place {
    return this.findings.places.get(this.pathTo(name)) ?? this.place;
  }

  /** Reports about this spot, at any place of the file. */
  reportAt(place: Place, remark: Remark): void {
    this.#add(place, this.path, remark);
  }

  #add(place: Place, path: string, { severity = 'error', ...rest }: Remark): void {
    const file = this.findings.source.name;
    this.findings.problems.push({ severity, file, place, ...(path === '' ? {} : { path }), ...rest });
  }

  private pathTo(name: string): string {
    return this.path === '' || name.startsWith('[') ? `${this.path}${name}` : `${this.path}.${name}`;
  }
}
