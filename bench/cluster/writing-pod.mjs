import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pods } from '../../packages/kube/dist/index.js';
import { until } from '../../packages/kube/dist/testing/index.js';

/** Writes every few milliseconds, and reports when the result of a write changes. */
const PROGRAM = `was=
while usleep 5000; do
  if echo line 2>/dev/null >/data/log; then is=written; else is=failed; fi
  [ $is = "$was" ] || echo $is
  was=$is
done`;

/** A pod of the node that `startNode` started, whose log is read on the node: with the times at which it was written. */
export class WritingPod {
  #client;
  #ref;
  #uid;
  #log;

  /** Returns when it writes. */
  static async start(client, kubeconfig, namespace, name) {
    const { metadata } = await client.create(pods, {
      metadata: { namespace, name, labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'app',
            image: 'busybox:1',
            command: ['sh', '-c', PROGRAM],
            volumeMounts: [{ name: 'data', mountPath: '/data' }],
          },
        ],
        volumes: [{ name: 'data', emptyDir: {} }],
      },
    });
    const pod = new WritingPod();
    pod.#client = client;
    pod.#ref = { namespace, name };
    pod.#uid = metadata.uid;
    pod.#log = join(dirname(kubeconfig), 'var/log/pods', `${namespace}_${name}_${metadata.uid}`, 'app');
    await pod.says('written', 0);
    return pod;
  }

  /** When it first said this after some time, both in milliseconds since the epoch. */
  async says(what, after) {
    for (;;) {
      const line = this.#lines().find(({ time, text }) => time > after && text === what);
      if (line) return line.time;
      await delay(20);
    }
  }

  /** Kills the program; the kubelet restarts the container. */
  async crash() {
    const pod = await this.#client.get(pods, this.#ref);
    const [, id] = pod.status.containerStatuses[0].containerID.split('://');
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      if (cgroupOf(pid).includes(`/pod${this.#uid}/${id}`)) kill(pid);
    }
  }

  async delete() {
    await this.#client.delete(pods, this.#ref);
    await until(this.#client, pods, this.#ref, (object) => object === undefined);
  }

  /** Lines are `TIME STREAM TAG TEXT`, in one file for each start of the container. */
  #lines() {
    let files;
    try {
      files = readdirSync(this.#log);
    } catch {
      return [];
    }
    return files
      .sort((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10))
      .flatMap((file) => readFileSync(join(this.#log, file), 'utf8').split('\n'))
      .map((line) => line.split(' '))
      .map(([time, , , text]) => ({ time: milliseconds(time), text }));
  }
}

/** Of an RFC 3339 time, with fractions. */
function milliseconds(time) {
  return Date.parse(time.replace(/(\.\d{3})\d+/, '$1'));
}

function cgroupOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return '';
  }
}

function kill(pid) {
  try {
    process.kill(Number(pid), 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
