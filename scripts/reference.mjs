// npm run reference: writes docs/reference from the code. With --check it writes nothing and fails where a page is not
// what the code says.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildProgram } from '../packages/cli/dist/program.js';
import { codes } from '../packages/diagnostics/dist/index.js';
import { describeKind, KINDS } from '../packages/experiment/dist/index.js';
import { root } from './root.mjs';

const directory = join(root, 'docs/reference');
const NOTICE = '<!-- Written by `npm run reference` from the code. Do not edit. -->\n\n';
const pages = { 'cli.md': cliPage(), 'errors.md': errorsPage(), 'documents.md': documentsPage() };

const check = process.argv.includes('--check');
mkdirSync(directory, { recursive: true });
for (const [name, text] of Object.entries(pages)) {
  const path = join(directory, name);
  const page = formatted(path, NOTICE + text);
  if (!check) {
    writeFileSync(path, page);
  } else if (read(path) !== page) {
    console.error(`docs/reference/${name} is not what the code says; run npm run reference`);
    process.exitCode = 1;
  }
}

/** As the formatter wants the page to be. */
function formatted(path, text) {
  const biome = join(root, 'node_modules/.bin/biome');
  const { stdout, stderr, status } = spawnSync(biome, ['format', `--stdin-file-path=${path}`], {
    cwd: root,
    input: text,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The help of every command, as it is printed. */
function cliPage() {
  let printed = '';
  const channel = { write: (text) => (printed += text), live: false, columns: 100, paint: (_, text) => text };
  const program = buildProgram({ output: { out: channel, err: channel }, command: undefined }, () => {});
  const section = (command, names) => {
    printed = '';
    command.outputHelp();
    const heading = `${'#'.repeat(Math.min(names.length, 2))} ${names.join(' ')}`;
    const own = `${heading}\n\n\`\`\`text\n${printed.trimEnd()}\n\`\`\`\n`;
    return [own, ...command.commands.flatMap((each) => section(each, [...names, each.name()]))];
  };
  return section(program, ['ordeal']).join('\n');
}

function errorsPage() {
  const rows = Object.entries(codes)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([code, { title, wayOut }]) => `## ${code}\n\n${title}.\n\n${wayOut}\n`);
  return `# Error codes\n\nEvery failure that Ordeal prints ends with one of these codes. They keep their meaning.\n\n${rows.join('\n')}`;
}

function documentsPage() {
  const kinds = KINDS.map((kind) => {
    const { doc, apiVersions, fields } = describeKind(kind);
    const versions = apiVersions.map((version) => `\`${version}\``).join(' or ');
    return `## ${kind}\n\n${doc} \`apiVersion\` is ${versions}.\n\n${fieldTable(fields)}`;
  });
  return `# Documents\n\n${kinds.join('\n')}`;
}

function fieldTable(fields) {
  const rows = fields.flatMap((field) => fieldRows(field, ''));
  return `| field | type | default | |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

function fieldRows({ name, doc, required, default: absent, structure }, prefix) {
  const path = `${prefix}${name}`;
  const value = required ? 'required' : absent === undefined || absent.length === 0 ? '' : `\`${absent}\``;
  const own = `| \`${path}\` | ${cell(typeWords(structure))} | ${cell(value)} | ${cell(doc)} |`;
  return [own, ...childRows(structure, path)];
}

function childRows(structure, path) {
  switch (structure.type) {
    case 'object':
      return structure.fields.flatMap((field) => fieldRows(field, `${path}.`));
    case 'list':
      return childRows(structure.items, `${path}[]`);
    case 'map':
      return childRows(structure.values, `${path}.*`);
    default:
      return [];
  }
}

function typeWords(structure) {
  switch (structure.type) {
    case 'string':
      if (structure.choices) return structure.choices.map((choice) => `\`${choice}\``).join(', ');
      return structure.grammar ?? 'text';
    case 'integer': {
      const { minimum, maximum } = structure;
      if (minimum !== undefined && maximum !== undefined) return `integer, ${minimum} to ${maximum}`;
      return minimum === undefined ? 'integer' : `integer, at least ${minimum}`;
    }
    case 'integer-or-string':
      return 'integer or text';
    case 'list':
      return structure.items.type === 'object' ? 'list' : `list, each ${typeWords(structure.items)}`;
    case 'map':
      return 'map';
    case 'object':
      return 'object';
    default:
      return 'anything';
  }
}

/** A pipe ends a cell, even in code. */
function cell(text) {
  return text.replaceAll('|', '\\|');
}
