import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OrdealError } from '@ordeal/diagnostics';
import type { KubeObject } from '@ordeal/kube';
import { parse, parseAllDocuments } from 'yaml';
import { evaluate } from './template/evaluate.js';
import { parseTemplate } from './template/parse.js';
import { checkValues, mergedValues, type Values, valuesFromYaml } from './values.js';

/** The chart in the repository, and in the image. */
const CHART = fileURLToPath(new URL('../../../charts/ordeal', import.meta.url));

/** Name, namespace and values of an installation. */
export interface Release {
  readonly name: string;
  readonly namespace: string;
  /** Over the chart's defaults. */
  readonly values?: Values;
}

/** An object as it is written. */
export interface Manifest extends Pick<KubeObject, 'apiVersion' | 'kind'> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** The objects of the chart: its CustomResourceDefinitions, and those of its templates. */
export interface RenderedChart {
  readonly definitions: readonly Manifest[];
  readonly manifests: readonly Manifest[];
}

/**
 * The chart's objects as `helm template --include-crds` renders them, except for the label with the managing tool.
 *
 * @throws OrdealError ORD-807 if the values do not fit the chart
 */
export function renderChart({ name, namespace, values = {} }: Release, directory = CHART): RenderedChart {
  const chart = chartOf(directory);
  const defaults = valuesFromYaml(readFileSync(join(directory, 'values.yaml'), 'utf8'));
  checkValues(defaults, values);
  const root = {
    Values: mergedValues(defaults, values),
    Release: { Name: name, Namespace: namespace, Service: 'ordeal', IsInstall: true, IsUpgrade: false },
    Chart: { Name: chart.name, Version: chart.version, AppVersion: chart.appVersion },
  };
  const templates = filesOf(join(directory, 'templates')).map(({ file, text }) => parseTemplate(text, file));
  return {
    definitions: filesOf(join(directory, 'crds')).flatMap(({ file, text }) => objectsOf(text, file)),
    manifests: templates
      .filter(({ file }) => !file.startsWith('_'))
      .flatMap((template) => objectsOf(evaluate(template, templates, root), template.file)),
  };
}

/** The version of Ordeal that the chart installs. */
export function chartVersion(): string {
  return chartOf(CHART).appVersion;
}

function chartOf(directory: string): {
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
} {
  return parse(readFileSync(join(directory, 'Chart.yaml'), 'utf8'));
}

function filesOf(directory: string): { file: string; text: string }[] {
  const names = readdirSync(directory).filter((name) => /\.(ya?ml|tpl)$/.test(name));
  return names.sort().map((file) => ({ file, text: readFileSync(join(directory, file), 'utf8') }));
}

function objectsOf(text: string, file: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined)
      throw new OrdealError('ORD-807', `${file} is not YAML when rendered: ${error.message}`);
    const object: Manifest | null = document.toJS();
    return object === null ? [] : [object];
  });
}
