/** Something done to many records, a few at a time, which can be watched and stopped. */

import { ProblemError } from "../../data";

const AT_ONCE = 4;
const TRIES = 4;
const FIRST_WAIT = 500;

const sleep = (wait: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, wait));

/** Tries again what may pass: a server that is busy, a connection that is gone. */
async function patiently(act: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await act();
    } catch (error) {
      const isRefused = error instanceof ProblemError && error.status !== 429 && error.status !== 503;
      if (isRefused || tries === TRIES || signal.aborted) throw error;
      const asked = error instanceof ProblemError ? error.retryAfter : null;
      await sleep(asked === null ? FIRST_WAIT * 2 ** tries : asked * 1000);
    }
  }
}

/** Does it to each item, until all are done or the signal says to stop. What one throws is told, and does not keep the others back. */
export async function doToEach<T>(items: AsyncIterable<T> | Iterable<T>, act: (item: T) => Promise<void>, signal: AbortSignal, onEnd: (item: T, error: Error | null) => void): Promise<void> {
  async function* all(): AsyncGenerator<T, void, undefined> {
    yield* items;
  }
  const queue = all();
  const work = async (): Promise<void> => {
    while (!signal.aborted) {
      const next = await queue.next();
      if (next.done) return;
      try {
        await patiently(() => act(next.value), signal);
        onEnd(next.value, null);
      } catch (error) {
        if (!signal.aborted) onEnd(next.value, error instanceof Error ? error : new Error(String(error)));
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** What is wrong, in one line. */
export const reasonOf = (error: Error): string =>
  error instanceof ProblemError && error.errors.length > 0
    ? error.errors.map(({ pointer, detail }) => (pointer ? `${pointer.slice(1).replaceAll("_", " ")}: ${detail}` : detail)).join("; ")
    : error.message;
