import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './target.js';
import { ended, type WorkingProgram, type Workload } from './workload.js';

/** Where Debian keeps the programs that only an administrator of databases runs. */
const VERSIONS = '/usr/lib/postgresql';
/** The user that Debian's package makes. The server refuses to run as root. */
const AS_POSTGRES = ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'];
/** Seconds that one run of pgbench takes; then new sessions begin. */
const RUN = 12;

const SETTINGS = `
listen_addresses = ''
shared_buffers = 16MB
max_wal_size = 64MB
min_wal_size = 32MB
checkpoint_timeout = 30s
autovacuum_naptime = 5s
log_min_messages = warning
log_line_prefix = '%p '
`;

/**
 * A PostgreSQL server whose cluster is in the volume of a workload, and pgbench's transactions on it, in a loop. The
 * socket is elsewhere: it could not be moved, and need not be.
 */
export class Postgres {
  readonly #server: WorkingProgram;
  readonly #bench: WorkingProgram;
  readonly #aside: string;
  /** How long the log was: who asks a server that still starts leaves a FATAL there. */
  readonly #logged: number;

  /** Makes a cluster with checksums in its pages, and starts. */
  static async start(workload: Workload): Promise<Postgres> {
    const aside = join(workload.directory, 'postgres-aside');
    mkdirSync(aside);
    give(aside);
    const server = workload.start('postgres', (directory) => {
      chmodSync(directory, 0o700);
      give(directory);
      run([
        'initdb',
        '--data-checksums',
        '--no-locale',
        '--encoding=UTF8',
        '--auth=trust',
        `--pgdata=${directory}`,
      ]);
      writeFileSync(join(directory, 'postgresql.conf'), `${SETTINGS}unix_socket_directories = '${aside}'\n`);
      return [...AS_POSTGRES, program('postgres'), '-D', directory].join(' ');
    });
    await eventually('the database is there', () => readdirSync(aside).includes('.s.PGSQL.5432'));
    await eventually('the database answers', () => answers(aside));
    run(['pgbench', '--initialize', '--scale=2', '--quiet', `--host=${aside}`, 'postgres']);
    const client = [...AS_POSTGRES, program('pgbench'), `--host=${aside}`, '--no-vacuum', '--client=4'];
    const command = `${client.join(' ')} --rate=100 --time=${RUN} --failures-detailed postgres`;
    const loop = `until [ -e ${aside}/stop ]; do ${command} || echo failed: $?; done`;
    const bench = workload.start('pgbench', () => `sh -c '${loop}'`);
    return new Postgres(server, bench, aside, readFileSync(server.output).length);
  }

  private constructor(server: WorkingProgram, bench: WorkingProgram, aside: string, logged: number) {
    this.#server = server;
    this.#bench = bench;
    this.#aside = aside;
    this.#logged = logged;
  }

  /** Ends the transactions and the server. @returns what is wrong, and how many transactions there were */
  async finish(): Promise<{ problems: string[]; transactions: number }> {
    writeFileSync(join(this.#aside, 'stop'), '');
    await ended(this.#bench.pid, 'pgbench');
    const said = readFileSync(this.#bench.output, 'utf8');
    const transactions = sumOf(said, /^number of transactions actually processed: (\d+)$/gm);
    const problems = said
      .split('\n')
      .filter((line) => /error|abort|fatal|^failed: /i.test(line))
      .concat(sumOf(said, /^number of failed transactions: (\d+)/gm) > 0 ? [said] : []);
    const query = `SELECT count(*), sum(delta), (SELECT sum(abalance) FROM pgbench_accounts),
      (SELECT sum(tbalance) FROM pgbench_tellers), (SELECT sum(bbalance) FROM pgbench_branches) FROM pgbench_history`;
    const [count, ...sums] = this.#ask(query).trim().split('|');
    if (Number(count) !== transactions) problems.push(`${count} rows of ${transactions} transactions`);
    if (new Set(sums).size !== 1) problems.push(`sums do not agree: ${sums.join(', ')}`);
    this.#ask('CREATE EXTENSION amcheck');
    this.#ask(`SELECT bt_index_check(indexrelid, true) FROM pg_index
      JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam WHERE amname = 'btree'`);
    // Sessions that are about to end get their time: SIGINT would leave a FATAL of each.
    process.kill(this.#server.pid, 'SIGTERM');
    await ended(this.#server.pid, 'the database server');
    const log = readFileSync(this.#server.output).subarray(this.#logged).toString();
    problems.push(...log.split('\n').filter((line) => /WARNING|ERROR|FATAL|PANIC/.test(line)));
    const checksums = run(['pg_checksums', '--check', `--pgdata=${this.#server.directory}`]);
    if (!/^Bad checksums: +0$/m.test(checksums)) problems.push(checksums);
    return { problems, transactions };
  }

  #ask(query: string): string {
    return run([
      'psql',
      '--no-psqlrc',
      '-tAq',
      '-v',
      'ON_ERROR_STOP=1',
      `--host=${this.#aside}`,
      '-c',
      query,
      'postgres',
    ]);
  }
}

function answers(socket: string): boolean {
  try {
    run(['pg_isready', '--quiet', `--host=${socket}`]);
    return true;
  } catch {
    return false;
  }
}

function sumOf(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((sum, [, number]) => sum + Number(number), 0);
}

function program(name: string): string {
  const version = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a))[0] ?? '';
  return join(VERSIONS, version, 'bin', name);
}

function run([name = '', ...args]: readonly string[]): string {
  const [setpriv = '', ...as] = AS_POSTGRES;
  return execFileSync(setpriv, [...as, program(name), ...args], {
    cwd: '/',
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function give(directory: string): void {
  const { uid, gid } = statSync('/var/lib/postgresql');
  chownSync(directory, uid, gid);
}
