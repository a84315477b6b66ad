/**
 * Which match of each injection fails in run `nth`, 0 = none: the injections take their turns one after the other, each
 * as often as it matched without a fault. The last one has all later turns. Pure.
 *
 * @param matches of each injection in a run without a fault
 */
export function turnsOf(nth: number, matches: readonly number[]): number[] {
  let rest = nth;
  return matches.map((count, index) => {
    const own = rest > 0 && (rest <= count || index === matches.length - 1);
    const turn = own ? rest : 0;
    rest = own ? 0 : Math.max(0, rest - count);
    return turn;
  });
}
