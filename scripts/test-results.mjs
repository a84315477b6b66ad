import { relative } from 'node:path';
import { root } from './root.mjs';

/** Characters of the end of what a test file printed that are shown if it fails. */
const NOISE_LIMIT = 8000;

/** Reads what test-events.mjs writes: shows failures at once, collects why tests were skipped, and counts. */
export class TestResults {
  passed = 0;
  failed = 0;
  skipped = 0;
  /** `name: reason` of every skipped test. */
  skips = [];
  /** Name of the last test that ended. */
  last = '';
  /** Files and tests that have begun and not ended, files that have not begun. */
  #running = new Map();
  #waiting = new Set();
  #failedFiles = new Set();
  #noise = new Map();
  #rest = '';
  #any = false;
  #show;

  /** @param {(text: string) => void} show gets each failure as whole lines */
  constructor(show) {
    this.#show = show;
  }

  /** @param {string | Buffer} chunk of the events */
  write(chunk) {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = parse(line);
      if (event) this.#read(event);
    }
  }

  /** @param {string | Buffer} chunk of what a file printed, or of what they all did */
  noise(chunk, file = '') {
    this.#noise.set(file, ((this.#noise.get(file) ?? '') + chunk).slice(-NOISE_LIMIT));
  }

  /**
   * The output is over.
   *
   * @param {string} problem why it ended early, if it did
   */
  end(problem) {
    const unfinished = [...this.#running.values()].map((name) => `never finished: ${name}`);
    const waiting = [...this.#waiting].map((name) => `never begun: ${name}`);
    if (problem || unfinished.length > 0 || waiting.length > 0 || !this.#any) {
      const lines = [problem || 'the tests ended early', ...unfinished, ...waiting];
      if (this.last) lines.push(`the last test that ended: ${this.last}`);
      this.#fail('', lines.join('\n    '));
    }
    if (this.failed > 0) this.#showNoise('');
    for (const file of this.#failedFiles) this.#showNoise(file);
  }

  #read({ type, id, name, file, nesting, message, ...details }) {
    this.#any = true;
    const isFile = name === file;
    const label = isFile ? short(file) : `${name}  (${short(file)})`;
    if (message !== undefined) this.noise(message, file);
    else if (type === 'test:enqueue' && isFile) this.#waiting.add(label);
    else if (type === 'test:dequeue') {
      this.#waiting.delete(label);
      this.#running.set(id, label);
    } else if (type === 'test:complete') {
      this.#running.delete(id);
      this.last = name;
      if (isFile && this.#failedFiles.has(file)) this.#showNoise(file);
    } else if (type === 'test:pass') this.#pass(name, details);
    else if (type === 'test:fail' && details.todo !== undefined) this.#skip(name, details.todo);
    else if (type === 'test:fail' && !details.repeated) {
      this.#fail(file, `${label}\n${indented(`${details.place}\n${details.why}`)}`);
      if (isFile) this.#showNoise(file);
    }
  }

  #pass(name, { skip, todo, suite }) {
    const reason = skip ?? todo;
    if (reason !== undefined) this.#skip(name, reason);
    else if (!suite) this.passed++;
  }

  #skip(name, reason) {
    this.skipped++;
    this.skips.push(typeof reason === 'string' && reason ? `${name}: ${reason}` : name);
  }

  #fail(file, text) {
    this.failed++;
    if (file) this.#failedFiles.add(file);
    this.#show(`✖ ${text}\n`);
  }

  #showNoise(file) {
    const text = this.#noise.get(file);
    this.#noise.delete(file);
    if (text) this.#show(`printed${file && ` by ${short(file)}`}:\n${indented(text.trimEnd())}\n`);
  }
}

function parse(line) {
  if (!line.startsWith('{"type":"test:')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const indented = (text) => text.replace(/^/gm, '    ');

/** Paths below the repository are shown relative to it. */
function short(file) {
  const path = relative(root, file ?? '');
  return path.startsWith('..') ? file : path;
}
