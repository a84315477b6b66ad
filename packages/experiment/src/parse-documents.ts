import { nearestNames, type Place, type Problem } from '@ordeal/diagnostics';
import { isMap, isScalar, type Node, type Scalar } from 'yaml';
import { buildExperiment } from './build-experiment.js';
import type { Experiment } from './experiment.js';
import { brokenFrames } from './kinds/broken-frames.js';
import { FOREIGN_KINDS } from './kinds/foreign-kinds.js';
import type { Frame } from './kinds/frame.js';
import { listItems } from './kinds/list-items.js';
import { API_VERSIONS, KINDS, type Kind } from './kinds/registry.js';
import { type Findings, Spot } from './schema/spot.js';
import { checkTree } from './yaml/check-tree.js';
import { nodeName, shorten } from './yaml/node-name.js';
import { readTrees, type Tree } from './yaml/read-tree.js';
import { SourceFile } from './yaml/source-file.js';
import { syntaxProblems } from './yaml/syntax-problems.js';
import { templateProblem } from './yaml/template-problem.js';

/** Upper bound of problems: a text that is not YAML at all has one at every other character. */
const MAX_PROBLEMS = 100;

/** The content of a file and its problems. */
export interface ParsedDocuments {
  /** The documents without errors, in the order of the file. */
  readonly experiments: readonly Experiment[];
  /** In the order of the file. When any is an error, nothing of the file should be run. */
  readonly problems: readonly Problem[];
  /** The readable call chains of the other documents, for finding their problems, too. */
  readonly brokenFrames: readonly Frame[];
}

/**
 * Reads every experiment of a YAML text, and reports all its problems at once, with positions. Never
 * throws; takes a bounded time and space for any text.
 *
 * @param file the name that problems and experiments carry
 */
export function parseDocuments(source: string, file: string): ParsedDocuments {
  const text = new SourceFile(file, source);
  const problems: Problem[] = [];
  const trees = readTrees(text);
  if (!Array.isArray(trees)) {
    const { offset, message, hint } = trees as Exclude<typeof trees, readonly Tree[]>;
    const place = text.placeAt(offset, offset + 1);
    return {
      experiments: [],
      brokenFrames: [],
      problems: [{ severity: 'error', code: 'ORD-102', file, place, message, hint }],
    };
  }
  const experiments: Experiment[] = [];
  const frames: Frame[] = [];
  // As kubectl does: the text before the first --- or after the last one is often empty.
  const documents = (trees as readonly Tree[]).filter((tree) => !isEmpty(tree));
  if (documents.length === 0) problems.push(nothingIn(text));
  for (const tree of documents) {
    const found: Problem[] = [];
    const read = readTree(tree, text, found);
    const template = templateProblem(found, text);
    problems.push(...(template ? [template] : found));
    experiments.push(...read.experiments);
    if (template === undefined) frames.push(...read.brokenFrames);
  }
  reportTwins(experiments, problems);
  return { experiments, problems: shortList(problems, file), brokenFrames: frames };
}

function isEmpty({ contents, errors, warnings }: Tree): boolean {
  const nothing = contents === null || (isScalar(contents) && contents.value === null);
  return nothing && errors.length === 0 && warnings.length === 0;
}

function nothingIn(source: SourceFile): Problem {
  return {
    severity: 'error',
    code: 'ORD-103',
    file: source.name,
    place: source.placeAt(0, 1),
    message: 'the file is empty',
    hint: `write an experiment: apiVersion: ${API_VERSIONS[0]}, kind: ${KINDS[0]}`,
  };
}

type Reading = Pick<ParsedDocuments, 'experiments' | 'brokenFrames'>;

function readTree(tree: Tree, source: SourceFile, problems: Problem[]): Reading {
  const root = tree.contents;
  const spot = spotOf(root ?? undefined, source, problems);
  for (const { place, ...remark } of syntaxProblems(tree, source)) {
    spot.reportAt(place, { code: 'ORD-101', ...remark });
  }
  // After a syntax error the tree is unreliable, and so would be its problems.
  if (root === null || problems.length > 0) return { experiments: [], brokenFrames: [] };
  checkTree(root, spot);
  const objects = objectsIn(root, source, problems);
  const experiments = objects.flatMap((object) => readObject(object, source, problems) ?? []);
  const broken = problems.some(({ severity }) => severity === 'error');
  if (!broken) return { experiments, brokenFrames: [] };
  return { experiments: [], brokenFrames: objects.flatMap((object) => brokenFrames(object, source)) };
}

/** The document itself, or those of a `List`, which `kubectl get -o yaml` prints. */
function objectsIn(root: Node, source: SourceFile, problems: Problem[]): readonly Node[] {
  const items = listItems(root, spotOf(root, source, problems));
  return items === undefined ? [root] : items.flatMap((item) => objectsIn(item, source, problems));
}

function readObject(root: Node, source: SourceFile, problems: Problem[]): Experiment | undefined {
  const spot = spotOf(root, source, problems);
  const kind = isMap(root) ? kindOf(root, spot) : notAMap(root, spot);
  return kind && buildExperiment(kind, root, spot);
}

function spotOf(root: Node | undefined, source: SourceFile, problems: Problem[]): Spot {
  const findings: Findings = { source, problems, places: new Map() };
  return new Spot(findings, '', '', root ? firstPlace(root, source) : source.placeAt(0, 1));
}

function notAMap(root: Node, spot: Spot): undefined {
  spot.report({
    code: 'ORD-103',
    message: `an experiment is a map of fields, this document is ${nodeName(root)}`,
    hint: `it starts with apiVersion: ${API_VERSIONS[0]}`,
  });
}

/** The document's kind; undefined when the kind is unknown, which has been reported then. */
function kindOf(root: Node, spot: Spot): Kind | undefined {
  const apiVersion = textOf(root, 'apiVersion');
  const kind = textOf(root, 'kind');
  if (apiVersion !== undefined && !(API_VERSIONS as readonly string[]).includes(apiVersion.value)) {
    spot.reportAt(spot.placeOf(apiVersion), {
      code: 'ORD-111',
      message: `apiVersion: '${shorten(apiVersion.value)}' is not known; there are ${API_VERSIONS.join(' and ')}`,
    });
    return undefined;
  }
  const known = KINDS.find((candidate) => candidate === kind?.value);
  if (known !== undefined) return known;
  if (kind === undefined) {
    const written = isMap(root)
      ? root.items.find(({ key }) => isScalar(key) && key.value === 'kind')
      : undefined;
    spot.reportAt(written === undefined ? spot.place : spot.placeOf(written.key as Node), {
      code: 'ORD-112',
      message: `the document needs a kind, one of ${KINDS.join(', ')}`,
    });
    return undefined;
  }
  const place = spot.placeOf(kind);
  if (FOREIGN_KINDS.includes(kind.value)) {
    const message = `${kind.value} is a kind of Chaos Mesh that Ordeal does not support`;
    spot.reportAt(place, { code: 'ORD-113', message, hint: `it supports ${KINDS.join(', ')}` });
    return undefined;
  }
  const near = nearestNames(kind.value, KINDS);
  spot.reportAt(place, {
    code: 'ORD-112',
    message: `kind: '${shorten(kind.value)}' is not known; there are ${KINDS.join(', ')}`,
    ...(near.length > 0 ? { hint: `did you mean ${near.join(', ')}?` } : {}),
  });
  return undefined;
}

function textOf(root: Node, name: string): Scalar<string> | undefined {
  const node = isMap(root) ? root.get(name, true) : undefined;
  return isScalar(node) && typeof node.value === 'string' ? (node as Scalar<string>) : undefined;
}

/** A document's place is its first key. */
function firstPlace(root: Node, source: SourceFile): Place {
  const key = isMap<Node, Node>(root) ? root.items[0]?.key : undefined;
  return source.placeOfNode(key ?? root);
}

/** Applying two documents of the same name would silently keep only the last one. */
function reportTwins(experiments: readonly Experiment[], problems: Problem[]): void {
  const first = new Map<string, Experiment>();
  for (const experiment of experiments) {
    const { kind, namespace, name, file } = experiment;
    const id = `${kind} ${namespace}/${name}`;
    const twin = first.get(id);
    if (twin === undefined) {
      first.set(id, experiment);
      continue;
    }
    const message = `${id} is already defined in line ${twin.placeOf('metadata.name').line}`;
    problems.push({
      severity: 'error',
      code: 'ORD-125',
      file,
      place: experiment.placeOf('metadata.name'),
      message,
    });
  }
}

/** In the order of the file. Where some are left out, no error gives way to a warning, and a note says how many. */
function shortList(problems: readonly Problem[], file: string): Problem[] {
  const sorted = inOrder(problems);
  const errors = sorted.filter(({ severity }) => severity === 'error');
  const others = sorted.filter(({ severity }) => severity !== 'error');
  const omitted = [...errors, ...others].slice(MAX_PROBLEMS);
  const [first] = omitted;
  if (first === undefined) return sorted;
  const left = new Set(omitted);
  const count = omitted.length === 1 ? '1 more problem that is' : `${omitted.length} more problems that are`;
  const message = `the file has ${count} not listed`;
  const note: Problem = { severity: 'note', code: 'ORD-129', file, place: first.place, message };
  return inOrder([...sorted.filter((problem) => !left.has(problem)), note]);
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
}
