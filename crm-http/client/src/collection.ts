/** The records of one kind, from what the service can do with them. */

import { ProblemError } from "./problem.js";
import type { components } from "./schema.js";

export type Event = components["schemas"]["Event"];

/** What openapi-fetch answers. */
export type Fetched<T> = Promise<{ data?: T; error?: unknown; response: Response }>;

/** One page of a list. */
export interface Page<T> {
  data: T[];
  next_cursor: string | null;
  total?: number;
}

/** What pages through a list. */
export interface Paging {
  limit?: number;
  cursor?: string;
}

/** How a record is made. */
export interface Making {
  /** With the same key and input, the record is made once however often this is called. */
  idempotencyKey?: string;
}

/** How a record is changed. */
export interface Changing {
  /** Only if the record is still at this version; see {@link etagOf}. */
  ifMatch?: string;
}

const etags = new WeakMap<object, string>();

/** The `ETag` of something that the service answered with, to limit a change to the version that was seen. */
export function etagOf(answer: object): string | undefined {
  return etags.get(answer);
}

/** The content of a success; a failure is thrown as a {@link ProblemError}. */
export async function content<T>(fetched: Fetched<T>): Promise<T> {
  const { data, error, response } = await fetched;
  if (!response.ok) throw ProblemError.of(response, error);
  const etag = response.headers.get("etag");
  if (etag !== null && typeof data === "object" && data !== null) etags.set(data, etag);
  return data as T;
}

/** Every page of a list, one request each. */
export async function* pagesOf<T>(
  list: (paging: Paging) => Promise<Page<T>>,
  paging: Paging = {},
): AsyncGenerator<Page<T>, void, undefined> {
  for (let next: string | null | undefined = paging.cursor; ; ) {
    const page: Page<T> = await list(next == null ? paging : { ...paging, cursor: next });
    yield page;
    next = page.next_cursor;
    if (next === null) return;
  }
}

/** Every entry of a list, page by page. */
export async function* entriesOf<T>(pages: AsyncIterable<Page<T>>): AsyncGenerator<T, void, undefined> {
  for await (const page of pages) yield* page.data;
}

/** What the service can do with every kind of record. */
export interface Reading<R, Q extends Paging> {
  list(query: Q): Fetched<Page<R>>;
  get(id: string): Fetched<R>;
  history(id: string, query: Paging): Fetched<Page<Event>>;
}

/** Records that can be listed and read. */
export class Records<R, Q extends Paging> {
  constructor(private readonly reading: Reading<R, Q>) {}

  /** One page. */
  list(query: Q = {} as Q): Promise<Page<R>> {
    return content(this.reading.list(query));
  }

  /** Every page. */
  pages(query: Q = {} as Q): AsyncGenerator<Page<R>, void, undefined> {
    return pagesOf((paging) => this.list({ ...query, ...paging }), query);
  }

  /** Every record. */
  all(query: Q = {} as Q): AsyncGenerator<R, void, undefined> {
    return entriesOf(this.pages(query));
  }

  /** The record of this id. */
  get(id: string): Promise<R> {
    return content(this.reading.get(id));
  }

  /** The events of a record, newest first. */
  history(id: string, paging: Paging = {}): AsyncGenerator<Event, void, undefined> {
    return entriesOf(pagesOf((next) => content(this.reading.history(id, next)), paging));
  }
}

/** What the service can do with a kind of record that clients change. */
export interface Patching<R, P> {
  patch(id: string, patch: P, headers: { "If-Match"?: string }): Fetched<R>;
}

/** Records that can be changed as well. */
export class Patchable<R, P, Q extends Paging> extends Records<R, Q> {
  constructor(
    reading: Reading<R, Q>,
    private readonly patching: Patching<R, P>,
  ) {
    super(reading);
  }

  /** Changes a record; what the patch leaves out stays, null removes. */
  update(id: string, patch: P, { ifMatch }: Changing = {}): Promise<R> {
    return content(this.patching.patch(id, patch, guard(ifMatch)));
  }
}

/** What the service can do with a kind of record that can be deleted. */
export interface Deleting<R> {
  delete(id: string, headers: { "If-Match"?: string }): Fetched<unknown>;
  restore(id: string): Fetched<R>;
}

/** Records that can be deleted and brought back as well. */
export class Deletable<R, P, Q extends Paging> extends Patchable<R, P, Q> {
  constructor(
    own: Reading<R, Q> & Patching<R, P>,
    private readonly deleting: Deleting<R>,
  ) {
    super(own, own);
  }

  /** Deletes a record. Its history stays, and it can be restored. */
  async delete(id: string, { ifMatch }: Changing = {}): Promise<void> {
    await content(this.deleting.delete(id, guard(ifMatch)));
  }

  /** Brings a deleted record back. */
  restore(id: string): Promise<R> {
    return content(this.deleting.restore(id));
  }
}

function guard(etag: string | undefined): { "If-Match"?: string } {
  return etag === undefined ? {} : { "If-Match": etag };
}

/** The headers of what is done once under a key. */
export function once({ idempotencyKey }: Making): { "Idempotency-Key"?: string } {
  return idempotencyKey === undefined ? {} : { "Idempotency-Key": idempotencyKey };
}
