/** The states that are marked with a colour. */
export type State = 'armed' | 'fired' | 'failed' | 'warned' | 'lifted' | 'aside';

/** Marks a text with the colour of a state, or leaves it as it is. */
export type Paint = (state: State, text: string) => string;

/** SGR parameters of ECMA-48. */
const SGR: Readonly<Record<State, number>> = {
  armed: 33,
  fired: 31,
  failed: 31,
  warned: 33,
  lifted: 32,
  aside: 2,
};

/** For terminals. */
export const inColour: Paint = (state, text) => `\x1b[${SGR[state]}m${text}\x1b[0m`;

/** For files, pipes, and with NO_COLOR. */
export const plain: Paint = (_state, text) => text;
