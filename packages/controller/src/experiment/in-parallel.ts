/** Concurrent requests of one experiment. */
const AT_ONCE = 8;

/** Processes each item, a few at a time. The first failure ends it, once running ones are done. */
export async function inParallel<T>(items: readonly T[], action: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  let failure: { readonly error: unknown } | undefined;
  const work = async () => {
    for (const item of rest) {
      if (failure !== undefined) return;
      try {
        await action(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (failure !== undefined) throw failure.error;
}
