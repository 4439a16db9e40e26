/** What the service refuses, as an error. */

import type { components } from "./schema.js";

export type Problem = components["schemas"]["Problem"];
export type Fault = NonNullable<Problem["errors"]>[number];

/** An answer that is no success. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";

  constructor(
    /** The HTTP status. */
    readonly status: number,
    /** What is wrong, for programs; `unknown` if the answer is not this service's. */
    readonly code: string,
    detail: string,
    /** Every fault of the input or the query. */
    readonly errors: readonly Fault[],
    /** The id of the request, to ask the operator about. */
    readonly requestId: string | null,
    /** In how many seconds to try again, where the service says so. */
    readonly retryAfter: number | null,
  ) {
    super(detail);
  }

  static of(response: Response, body: unknown): ProblemError {
    const wait = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
    const retryAfter = Number.isNaN(wait) ? null : wait;
    const requestId = response.headers.get("x-request-id");
    if (isProblem(body)) {
      return new ProblemError(response.status, body.code, body.detail, body.errors ?? [], requestId, retryAfter);
    }
    const detail = `the answer has the status ${response.status} and is no problem document`;
    return new ProblemError(response.status, "unknown", detail, [], requestId, retryAfter);
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "detail" in body;
}
