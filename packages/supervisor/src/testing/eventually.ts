/** Waits for a condition; at most a minute. */
export async function eventually(what: string, question: () => boolean): Promise<void> {
  const begun = performance.now();
  while (!question()) {
    if (performance.now() - begun > 60_000) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
