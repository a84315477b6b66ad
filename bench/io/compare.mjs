// Ordeal against its peers, one row after the other.
import { median } from '../table.mjs';

/**
 * @typedef {{ value: number } | { refusal: string }} Outcome more is better
 * @typedef {object} Row
 * @property {string} name
 * @property {number | undefined} goal least ratio to the best peer; undefined where there is none
 * @property {string} own value as the table shows it
 * @property {string} peer name and value of the best peer
 * @property {number} ratio the median, over the rounds, of the ratios to that peer
 * @property {string} spread least and most of those ratios
 * @property {string} calls system calls that the servers make for an operation, ours and that peer's; empty if not counted
 */

/**
 * Measures ours and the peers in turns, so that what else the machine does meets all alike, and takes the peer against
 * which the median of the rounds' ratios is the lowest.
 *
 * @param {string} name
 * @param {number | undefined} goal
 * @param {number} rounds
 * @param {() => Promise<Outcome>} own
 * @param {{ name: string, measure: () => Promise<Outcome>, calls?: number }[]} peers
 * @param {number} [ownCalls] system calls of our server for an operation
 * @returns {Promise<Row>}
 */
export async function compare(name, goal, rounds, own, peers, ownCalls) {
  const ownValues = [];
  const peerValues = peers.map(() => []);
  for (let round = 0; round < rounds; round++) {
    ownValues.push(await own());
    for (const [index, peer] of peers.entries()) peerValues[index].push(await peer.measure());
  }
  const refused = ownValues.find(({ refusal }) => refusal !== undefined);
  if (refused) throw new Error(`${name}: ${refused.refusal}`);
  const able = peers.flatMap((peer, index) => {
    const values = peerValues[index];
    const refusal = values.find((each) => each.refusal !== undefined)?.refusal;
    if (refusal !== undefined) {
      process.stderr.write(`${name}: ${peer.name} cannot: ${refusal}\n`);
      return [];
    }
    const ratios = ownValues.map(({ value }, round) => value / values[round].value);
    const ratio = median(ratios);
    const value = median(values.map((each) => each.value));
    return [{ name: peer.name, value, ratio, spread: spreadOf(ratios), calls: peer.calls }];
  });
  const best = able.sort((a, b) => a.ratio - b.ratio)[0];
  const ownValue = Math.round(median(ownValues.map(({ value }) => value)));
  return {
    name,
    goal,
    own: String(ownValue),
    peer: best ? `${Math.round(best.value)} ${best.name}` : 'none can',
    ratio: best?.ratio ?? Number.NaN,
    spread: best?.spread ?? '',
    calls: [ownCalls, best?.calls].some((each) => each === undefined)
      ? ''
      : `${ownCalls.toFixed(1)} / ${best.calls.toFixed(1)}`,
  };
}

/** Least and most. @param {number[]} ratios */
export function spreadOf(ratios) {
  return `${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`;
}

export const HEAD = ['', 'ordeal', 'peer', 'ratio', 'spread', 'goal', '', 'calls'];

/** @param {Row} row */
export function cells({ name, own, peer, ratio, spread, goal, calls }) {
  const verdict = goal === undefined || Number.isNaN(ratio) ? '' : ratio >= goal ? 'met' : 'not met';
  return [
    name,
    own,
    peer,
    Number.isNaN(ratio) ? '' : ratio.toFixed(2),
    spread,
    goal === undefined ? '' : `>= ${goal}`,
    verdict,
    calls,
  ];
}
