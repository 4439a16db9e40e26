/** Actions on all customers that are selected. */

import { useEffect, useRef, useState } from "react";

import { type Customer, type ListQuery, cache, keys, put, refresh, service } from "../../data";
import { doEach } from "../../data/bulk";
import { changeInLists } from "../../data/cache";
import { etagOf } from "../../data/service";
import { titleOf } from "../../format";
import { reasonOf } from "../../format/faults";
import type { Selection } from "../../kit/VirtualTable";

const CHUNK = 100;
/** The numbers on screen change this often. */
const PACE = 100;

/** Every customer that is selected. Those of a query come in the order of their ids, which no change moves. */
export async function* selected({ ids, isAll }: Selection, query: ListQuery<"customers">, signal: AbortSignal): AsyncGenerator<Customer, void, undefined> {
  const { customers } = service(signal);
  if (isAll) return yield* customers.all({ ...query, sort: ["id"], limit: 200 });
  const all = [...ids];
  for (let at = 0; at < all.length; at += CHUNK) {
    yield* (await customers.list({ "id[in]": all.slice(at, at + CHUNK), limit: CHUNK })).data;
  }
}

export interface Undo {
  title: string;
  undo(): Promise<void>;
}

/** Does something to one customer; gives what takes it back, or null if nothing was to be done. */
export type Act = (customer: Customer) => Promise<Undo | null>;

/** Changes some fields; taking it back spares what somebody else has changed since. */
export const change = (patchOf: (customer: Customer) => Partial<Customer> | null): Act => async (customer) => {
  const patch = patchOf(customer);
  if (patch === null) return null;
  const { customers } = service();
  const changed = await customers.update(customer.id, patch, { ifMatch: etagOf(customer) });
  put("customers", changed);
  const before = Object.fromEntries(Object.keys(patch).map((field) => [field, customer[field as keyof Customer]]));
  const undo = async (): Promise<void> => put("customers", await customers.update(customer.id, before, { ifMatch: etagOf(changed) }));
  return { title: titleOf(customer), undo };
};

export const remove: Act = async (customer) => {
  const { customers } = service();
  await customers.delete(customer.id, {});
  changeInLists("customers", customer.id, () => null);
  cache.removeQueries({ queryKey: keys.record("customers", customer.id) });
  return { title: titleOf(customer), undo: async () => put("customers", await customers.restore(customer.id)) };
};

export interface Failure {
  title: string;
  reason: string;
}

export interface Job {
  title: string;
  /** How many it will be, as far as that is known. */
  total: number | null;
  done: number;
  failures: readonly Failure[];
  isOver: boolean;
}

interface Work<T> {
  title: string;
  total: number | null;
  items(signal: AbortSignal): AsyncIterable<T> | Iterable<T>;
  nameOf(item: T): string;
  act(item: T): Promise<Undo | null>;
  /** It is over, wholly or because it was stopped. */
  onEnd(result: { done: number; undos: readonly Undo[]; isStopped: boolean; failures: readonly Failure[] }): void;
}

export type Jobs = ReturnType<typeof useJob>;

/** Runs one job at a time. */
export function useJob() {
  const [job, setJob] = useState<Job | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  async function start<T>({ title, total, items, nameOf, act, onEnd }: Work<T>): Promise<void> {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const failures: Failure[] = [];
    const undos: Undo[] = [];
    let done = 0;
    const show = (isOver: boolean): void => setJob({ title, total, done, failures: [...failures], isOver });
    show(false);
    const timer = window.setInterval(() => show(false), PACE);
    const one = async (item: T): Promise<void> => {
      const undo = await act(item);
      if (undo) undos.push(undo);
    };
    const tell = (item: T, error: Error | null): void => {
      if (error) failures.push({ title: nameOf(item), reason: reasonOf(error) });
      else done++;
    };
    try {
      await doEach(items(controller.signal), one, { signal: controller.signal, onEnd: tell });
    } catch (error) {
      if (!controller.signal.aborted) failures.push({ title: "", reason: reasonOf(error) });
    }
    window.clearInterval(timer);
    refresh("customers");
    if (failures.length > 0) show(true);
    else setJob(null);
    onEnd({ done, undos, isStopped: controller.signal.aborted, failures });
  }

  return { job, start, stop: () => running.current?.abort(), close: () => setJob(null) };
}
