/** Waits for a condition; at most five minutes. */
export async function eventually(what: string, question: () => boolean): Promise<void> {
  const begun = performance.now();
  while (!question()) {
    if (performance.now() - begun > 300_000) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
