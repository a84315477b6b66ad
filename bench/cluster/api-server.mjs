import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** What the API server tells of itself. */
export class ApiServer {
  #argv;

  constructor(binaries, kubeconfig) {
    this.#argv = [join(binaries, 'kubectl'), '--kubeconfig', kubeconfig, 'get', '--raw', '/metrics'];
  }

  /** Requests about kinds that it has answered, watches aside. */
  requests(...resources) {
    let sum = 0;
    for (const [, labels, count] of this.#metrics().matchAll(
      /^apiserver_request_total\{([^}]*)\} (\S+)$/gm,
    )) {
      const [, resource] = /resource="([^"]*)"/.exec(labels) ?? [];
      if (resources.includes(resource) && !labels.includes('verb="WATCH"')) sum += Number(count);
    }
    return sum;
  }

  /** User and system time so far, in seconds. */
  get cpuSeconds() {
    return Number(/^process_cpu_seconds_total (\S+)$/m.exec(this.#metrics())?.[1]);
  }

  #metrics() {
    const [program, ...words] = this.#argv;
    return execFileSync(program, words, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  }
}
