import type { Recovered } from '@ordeal/io-chaos';

const OUTCOMES: Readonly<Record<Recovered['outcome'], string>> = {
  recovered: 'recovered',
  held: 'left alone',
  partly: 'not fully recovered',
  unreadable: 'not recovered',
};

/** What `ordeal recover` found and did. */
export function renderRecovered(results: readonly Recovered[]): string {
  if (results.length === 0) return 'nothing to recover\n';
  return results
    .map(({ path, pid, outcome, did }) =>
      [
        `${path}${pid === undefined ? '' : ` of process ${pid}`}: ${OUTCOMES[outcome]}`,
        ...did.map((line) => `  ${line}`),
        '',
      ].join('\n'),
    )
    .join('');
}
