/** Finds what one types: pages, records, and things to make. */

import { useLingui } from "@lingui/react/macro";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from "react";
import { useLocation } from "wouter";

import { service } from "../data/service";
import { useCan } from "../data/session";
import { openCreate } from "../forms/registry";
import { titleOf } from "../format";
import { reasonOf } from "../format/faults";
import { Icon, type IconName, toast } from "../kit";
import { useCreatable } from "./NewMenu";
import { PAGES } from "./pages";
import "./palette.css";

interface Entry {
  id: string;
  section: string;
  icon: IconName;
  title: string;
  detail: string | null;
  act(): void;
}

const MOST = 12;

function useFound(text: string, go: (path: string) => void): { entries: Entry[]; isSearching: boolean; error: Error | null } {
  const { t } = useLingui();
  const q = text.trim();
  const { data, isFetching, error } = useQuery({
    queryKey: ["search", q],
    queryFn: ({ signal }) => service(signal).search(q, MOST),
    enabled: q !== "",
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 10_000,
  });
  const sections = { customers: t`Customers`, contacts: t`Contacts`, leads: t`Leads` };
  const icons = { customers: "customers", contacts: "user", leads: "leads" } as const;
  const entries = (q === "" ? [] : data ?? []).map(({ object, record }): Entry => {
    const isContact = "customer_id" in record && "is_primary" in record;
    const path = isContact ? `/customers/${record.customer_id}` : `/${object}/${record.id}`;
    return { id: `${object}-${record.id}`, section: sections[object], icon: icons[object], title: titleOf(record), detail: record.email, act: () => go(path) };
  });
  const order = Object.values(sections);
  entries.sort((a, b) => order.indexOf(a.section) - order.indexOf(b.section));
  return { entries, isSearching: isFetching, error: q === "" ? null : error };
}

function useCommands(text: string, go: (path: string) => void): Entry[] {
  const { t } = useLingui();
  const can = useCan();
  const creatable = useCreatable();
  const open = (kind: (typeof creatable)[number]["kind"]) => void openCreate(kind).catch((error: Error) => toast(error.message, { tone: "danger" }));
  const pages = PAGES.filter((page) => page.needs === null || can(page.needs)).map(({ name, title }): Entry => ({
    id: `page-${name}`, section: t`Go to`, icon: name, title: t(title), detail: null, act: () => go(`/${name}`),
  }));
  const makes = creatable.map(({ kind, label }): Entry => ({
    id: `new-${kind}`, section: t`Create`, icon: "plus", title: t`New: ${label}`, detail: null, act: () => open(kind),
  }));
  const words = text.trim().toLocaleLowerCase().split(/\s+/u);
  return [...makes, ...pages].filter(({ title }) => words.every((word) => title.toLocaleLowerCase().includes(word)));
}

export default function Palette({ onClose }: { onClose(): void }) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const { entries: found, isSearching, error } = useFound(text, navigate);
  const entries = [...found, ...useCommands(text, navigate)];
  const active = Math.min(at, entries.length - 1);

  useLayoutEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);

  const choose = (entry: Entry | undefined): void => {
    if (!entry) return;
    onClose();
    // After the focus has gone back, so that what opens next takes it from there.
    window.setTimeout(entry.act);
  };
  const move = (to: number): void => {
    const next = (to + entries.length) % entries.length;
    setAt(next);
    document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") move(active + 1);
    else if (event.key === "ArrowUp") move(active - 1);
    else if (event.key === "Enter" && !event.nativeEvent.isComposing) choose(entries[active]);
    else return;
    event.preventDefault();
  };

  return (
    <dialog
      ref={dialog}
      className="palette"
      aria-label={t`Search or jump to…`}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => event.target === event.currentTarget && onClose()}
    >
      <div className="palette-frame">
        <div className="palette-input">
          <Icon name="search" />
          <input
            role="combobox"
            aria-label={t`Search or jump to…`}
            aria-expanded="true"
            aria-controls={id}
            aria-autocomplete="list"
            aria-activedescendant={entries.length > 0 ? `${id}-${active}` : undefined}
            placeholder={t`Search customers, contacts, leads, or type a command`}
            value={text}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => {
              setText(event.target.value);
              setAt(0);
            }}
            onKeyDown={onKeyDown}
          />
          {isSearching && <span className="spinner" />}
        </div>
        <div id={id} role="listbox" aria-label={t`Results`} className="palette-list">
          {entries.map((entry, index) => (
            <div key={entry.id} role="presentation">
              {entries[index - 1]?.section !== entry.section && <div role="presentation" className="menu-section">{entry.section}</div>}
              <div
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === active}
                className="palette-entry"
                onPointerMove={() => setAt(index)}
                onClick={() => choose(entry)}
              >
                <Icon name={entry.icon} />
                <span className="palette-title">{entry.title}</span>
                {entry.detail !== null && <span className="palette-detail">{entry.detail}</span>}
              </div>
            </div>
          ))}
        </div>
        {error && <p className="palette-none" role="alert">{t`The search does not answer: ${reasonOf(error)}`}</p>}
        {!error && entries.length === 0 && <p className="palette-none" role="status">{isSearching ? t`Searching…` : t`Nothing found`}</p>}
      </div>
    </dialog>
  );
}
