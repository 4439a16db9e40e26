/** What the tests of the logic share: a service that answers from a table, a place to render, and chance that can be repeated. */

import { I18nProvider } from "@lingui/react";
import { i18n } from "@lingui/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, act } from "react";
import { type Root, createRoot } from "react-dom/client";
import { Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import { vi } from "vitest";

import { cache } from "../data/cache";
import type { Customer, Me } from "../data";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
i18n.load("en", {});
i18n.activate("en");

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: unknown;
}

type Answer = { status?: number; body?: unknown; headers?: Record<string, string> } | Error;
type Handler = (asked: Asked) => Answer | Promise<Answer>;

/** A service that answers as it is told, and remembers what it was asked. */
export class FakeService {
  readonly asked: Asked[] = [];
  private readonly handlers = new Map<string, Handler>();

  constructor() {
    vi.stubGlobal("fetch", (request: Request) => this.answer(request));
  }

  /** How a route is answered from now on: `GET /api/customers`. */
  on(route: string, handler: Handler): void {
    this.handlers.set(route, handler);
  }

  of(route: string): Asked[] {
    return this.asked.filter(({ method, path }) => `${method} ${path}` === route);
  }

  private async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const text = await request.text();
    const asked = { method: request.method, path: url.pathname, query: url.searchParams, headers: request.headers, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
    this.asked.push(asked);
    const answer = (await this.handlers.get(`${asked.method} ${asked.path}`)?.(asked)) ?? { status: 404, body: problem(404, "not_found") };
    if (answer instanceof Error) throw answer;
    const { status = 200, body, headers } = answer;
    return new Response(body === undefined ? null : JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
  }
}

export const problem = (status: number, code: string, errors: readonly object[] = []) => ({ type: "about:blank", title: code, status, detail: `it is ${code}`, code, request_id: "r", errors });

/** Shows something where components live; gives the element, and how to take it away. */
export async function render(node: ReactNode, path = "/"): Promise<{ element: HTMLElement; history: string[]; rerender(node: ReactNode): Promise<void>; unmount(): Promise<void> }> {
  const element = document.createElement("div");
  document.body.append(element);
  const root: Root = createRoot(element);
  const { hook, searchHook, history } = memoryLocation({ path, record: true });
  const around = (inner: ReactNode) => (
    <I18nProvider i18n={i18n}>
      <QueryClientProvider client={cache}>
        <Router hook={hook} searchHook={searchHook}>
          {inner}
        </Router>
      </QueryClientProvider>
    </I18nProvider>
  );
  const show = (inner: ReactNode): Promise<void> => act(async () => root.render(around(inner)));
  await show(node);
  return {
    element,
    history,
    rerender: show,
    unmount: async () => {
      await act(async () => root.unmount());
      element.remove();
    },
  };
}

/** Runs a hook, and gives what it returned last. */
export async function runHook<T>(hook: () => T): Promise<{ readonly current: T; again(): Promise<void>; unmount(): Promise<void> }> {
  const box: { current: T | undefined } = { current: undefined };
  function Runner(): null {
    box.current = hook();
    return null;
  }
  const { rerender, unmount } = await render(<Runner />);
  return {
    get current() {
      return box.current as T;
    },
    again: () => rerender(<Runner />),
    unmount,
  };
}

/** Waits until something is so. */
export async function until(isSo: () => boolean, what = "it"): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (isSo()) return;
    await act(() => new Promise((resolve) => setTimeout(resolve, 5)));
  }
  throw new Error(`${what} did not come true`);
}

/** Chance that is the same each time: mulberry32. */
export function chance(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const upTo = (most: number): number => Math.floor(next() * (most + 1));
  return { next, upTo, oneOf: <T,>(list: readonly T[]): T => list[upTo(list.length - 1)] as T };
}

/** Tries something with many seeds; says with which it failed. */
export function forSeeds(count: number, attempt: (random: ReturnType<typeof chance>) => void): void {
  for (let seed = 1; seed <= count; seed++) {
    try {
      attempt(chance(seed));
    } catch (error) {
      throw new Error(`with the seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
}

export const customer = (fields: Partial<Customer> = {}): Customer => ({
  id: "01994a5e-7c00-7000-8000-000000000001", version: 1, created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z", created_by: null,
  company: "Ada Ltd", name: null, email: null, phone: null, website: null, address_line1: null, address_line2: null, city: null, state: null, postal_code: null,
  country: null, is_active: true, owner_id: null, external_id: null, tags: [], notes: null, ...fields,
} as Customer);

export const me = (role: Me["role"], permissions: readonly string[]): Me => ({
  actor_type: "user", role, permissions: [...permissions], tenant: { id: "t", name: "Acme", slug: "acme" },
  user: { id: "u", version: 1, created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z", created_by: null, email: "ada@acme.test", name: "Ada", role: role ?? "viewer", is_active: true },
});
