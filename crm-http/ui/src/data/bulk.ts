/** The same done to many records, a few at a time. */

import { ProblemError } from "./service";

/** Requests that are sent at once: a browser has six connections to a server, and the live events hold one. */
const LANES = 4;
const TRIES = 4;
const FIRST_WAIT = 500;

export interface Outcome<T, R> {
  done: R[];
  failed: { item: T; error: Error }[];
}

export interface Watching<T> {
  /** Stops it: what has begun is still done. */
  signal?: AbortSignal;
  /** Is told of each that is done, or why it is not. */
  onEnd?(item: T, error: Error | null): void;
}

const sleep = (wait: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, wait));

/** Tries again what may pass, a server that is busy or a connection that is gone, for somebody who sees that and can stop it. */
async function patiently<R>(act: () => Promise<R>, signal: AbortSignal | undefined): Promise<R> {
  for (let tries = 1; ; tries++) {
    try {
      return await act();
    } catch (error) {
      const isRefused = error instanceof ProblemError && error.status !== 429 && error.status !== 503;
      if (isRefused || tries === TRIES || !signal || signal.aborted) throw error;
      const asked = error instanceof ProblemError ? error.retryAfter : null;
      await sleep(asked === null ? FIRST_WAIT * 2 ** tries : asked * 1000);
    }
  }
}

/** Does something to each; what fails does not keep the others back. Throws only what reading the items throws. */
export async function doEach<T, R>(items: Iterable<T> | AsyncIterable<T>, act: (item: T) => Promise<R>, { signal, onEnd }: Watching<T> = {}): Promise<Outcome<T, R>> {
  const outcome: Outcome<T, R> = { done: [], failed: [] };
  const source = (async function* () {
    yield* items;
  })();
  const lane = async (): Promise<void> => {
    while (!signal?.aborted) {
      const { value: item, done } = await source.next();
      if (done) return;
      try {
        outcome.done.push(await patiently(() => act(item), signal));
        onEnd?.(item, null);
      } catch (thrown) {
        if (signal?.aborted) return;
        const error = thrown instanceof Error ? thrown : new Error(String(thrown));
        outcome.failed.push({ item, error });
        onEnd?.(item, error);
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return outcome;
}
