/** The same done to many records. */

/** Requests that are sent at once. */
const LANES = 6;

export interface Outcome<T, R> {
  done: R[];
  failed: { item: T; error: Error }[];
}

/** Does something to each, several at once; what fails does not stop the others. */
export async function doEach<T, R>(items: Iterable<T> | AsyncIterable<T>, act: (item: T) => Promise<R>, onProgress?: (count: number) => void): Promise<Outcome<T, R>> {
  const outcome: Outcome<T, R> = { done: [], failed: [] };
  const source = (async function* () {
    yield* items;
  })();
  const lane = async (): Promise<void> => {
    for (;;) {
      const { value: item, done } = await source.next();
      if (done) return;
      try {
        outcome.done.push(await act(item));
      } catch (error) {
        outcome.failed.push({ item, error: error instanceof Error ? error : new Error(String(error)) });
      }
      onProgress?.(outcome.done.length + outcome.failed.length);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return outcome;
}
