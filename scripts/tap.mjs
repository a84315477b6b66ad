const COUNTERS = { pass: 'passed', fail: 'failed', cancelled: 'failed', skipped: 'skipped', todo: 'skipped' };

/**
 * Reads the TAP of node:test as it comes: tells failures at once, collects why tests were skipped, and adds up the
 * totals of the last lines.
 */
export class TapReader {
  passed = 0;
  failed = 0;
  skipped = 0;
  /** `name: reason` of every skipped test. */
  skips = [];
  /** Name of the last test that ended. */
  last = '';
  #rest = '';
  #failure;
  #complete = false;
  #onFailure;

  /** @param {(text: string) => void} onFailure gets each failure as whole lines */
  constructor(onFailure) {
    this.#onFailure = onFailure;
  }

  /** @param {string | Buffer} chunk */
  write(chunk) {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#read(line.replace(/\r$/, ''));
  }

  /**
   * The output is over.
   *
   * @param {string} problem why it ended early, if it did
   */
  end(problem) {
    if (this.#rest !== '') this.write('\n');
    this.#flush();
    if (this.#complete && !problem) return;
    this.failed++;
    const last = this.last === '' ? '' : `\n    the last test that ended: ${this.last}`;
    this.#onFailure(`✖ ${problem || 'the tests ended without their totals'}${last}\n`);
  }

  #read(line) {
    if (this.#failure && this.#collect(line)) return;
    const total = /^# (\w+) (\d+)$/.exec(line);
    if (total && total[1] in COUNTERS) {
      this[COUNTERS[total[1]]] += Number(total[2]);
      this.#complete = true;
      return;
    }
    const point = /^( *)(not )?ok \d+ - (.*?)(?: # (SKIP|TODO)\b ?(.*))?$/.exec(line);
    if (!point) return;
    const [, indent, broken, name, directive, reason] = point;
    this.last = name;
    if (directive) this.skips.push(reason ? `${name}: ${reason}` : name);
    else if (broken) this.#failure = { indent: indent.length, name, lines: [] };
  }

  /** The YAML block below a failure; false when the line is not part of it. */
  #collect(line) {
    const { indent, lines } = this.#failure;
    if (lines.length === 0 && line.trim() !== '---') {
      this.#flush();
      return false;
    }
    lines.push(line.slice(indent + 2));
    if (line === `${' '.repeat(indent + 2)}...`) this.#flush();
    return true;
  }

  #flush() {
    if (!this.#failure) return;
    const { name, lines } = this.#failure;
    this.#failure = undefined;
    // A test that only has failed subtests was told with them.
    if (lines.some((line) => line.includes("failureType: 'subtestsFailed'"))) return;
    const body = lines.filter((line) => !/^(---|\.\.\.|duration_ms:.*|type:.*)$/.test(line));
    this.#onFailure(`✖ ${name}\n${body.map((line) => `    ${line}\n`).join('')}`);
  }
}

/** The end of what tests write to their standard error: commands that fail on purpose complain there. */
export class LastWords {
  text = '';

  add(chunk) {
    this.text = (this.text + chunk).slice(-4000);
  }
}
