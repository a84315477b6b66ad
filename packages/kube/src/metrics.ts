/** Names and values that distinguish samples of one metric. */
export interface Labels {
  readonly [name: string]: string;
}

/** One line of a metric. */
export type Sample = readonly [labels: Labels, value: number];

/** Counts events, separately for each set of labels. */
export interface Counter {
  add(labels?: Labels, count?: number): void;
}

interface Metric {
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly read: () => Iterable<Sample>;
}

/** A program's metrics, in Prometheus's text format, version 0.0.4. Values are read at each scrape. */
export class Metrics {
  readonly #metrics = new Map<string, Metric>();

  /** A value that rises and falls, or is counted elsewhere. */
  gauge(name: string, help: string, read: () => Iterable<Sample>): void {
    this.#metrics.set(name, { type: 'gauge', help, read });
  }

  /** @param name ends with `_total` */
  counter(name: string, help: string): Counter {
    const counts = new Map<string, { readonly labels: Labels; value: number }>();
    this.#metrics.set(name, {
      type: 'counter',
      help,
      read: () => [...counts.values()].map(({ labels, value }) => [labels, value]),
    });
    return {
      add(labels = {}, count = 1) {
        const key = JSON.stringify(Object.entries(labels).sort());
        const known = counts.get(key);
        if (known === undefined) counts.set(key, { labels, value: count });
        else known.value += count;
      },
    };
  }

  render(): string {
    const lines: string[] = [];
    for (const [name, { type, help, read }] of this.#metrics) {
      lines.push(
        `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
        `# TYPE ${name} ${type}`,
      );
      for (const [labels, value] of read()) lines.push(`${name}${labelText(labels)} ${value}`);
    }
    return `${lines.join('\n')}\n`;
  }
}

/** Samples that count items by labels. */
export function countedBy<T>(items: Iterable<T>, labelsOf: (item: T) => Labels): Sample[] {
  const counts = new Map<string, [Labels, number]>();
  for (const item of items) {
    const labels = labelsOf(item);
    const key = JSON.stringify(labels);
    counts.set(key, [labels, (counts.get(key)?.[1] ?? 0) + 1]);
  }
  return [...counts.values()];
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
