/** The environment of programs that halt at a step, `ROLE: STEP`, or `ROLE: STEP #2` for the second time. */
export function halting(haltAt: string | undefined): NodeJS.ProcessEnv {
  if (haltAt === undefined) return { ORDEAL_HALT_AT: undefined };
  const preload = new URL('./halt-at.js', import.meta.url).href;
  return { ORDEAL_HALT_AT: haltAt, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${preload}` };
}
