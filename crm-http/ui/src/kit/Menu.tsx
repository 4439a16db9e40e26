import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";
import { flushSync } from "react-dom";

import { Icon, type IconName } from "./Icon";
import { classes } from "./classes";
import { place } from "./place";

export interface MenuItem {
  id: string;
  label: string;
  icon?: IconName;
  isDanger?: boolean;
  isDisabled?: boolean;
  /** One of several that exclude each other, and whether it is the one. */
  isChosen?: boolean;
  /** A line above it, with a heading if there is one. */
  section?: string;
  act(): void;
}

export interface MenuProps {
  /** What its button is called. */
  label: string;
  items: readonly MenuItem[];
  /** What its button shows; an icon button with three dots if nothing. */
  children?: ReactNode;
  variant?: "primary" | "secondary" | "ghost";
}

/** A button that opens a menu of things to do. */
export function Menu({ label, items, children, variant = "ghost" }: MenuProps) {
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  // A list of hundreds has as many menus, most of which are never opened.
  const [isMade, setMade] = useState(false);
  const id = useId();

  const entries = (): HTMLElement[] => [...(list.current?.querySelectorAll<HTMLElement>("[role^=menuitem]:not([aria-disabled])") ?? [])];
  const open = (at: "first" | "last"): void => {
    if (!list.current || !button.current) return;
    flushSync(() => setMade(true));
    list.current.showPopover();
    place(list.current, button.current);
    entries().at(at === "first" ? 0 : -1)?.focus();
  };
  const close = (): void => {
    list.current?.hidePopover();
    button.current?.focus();
  };
  const move = (event: KeyboardEvent): void => {
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const typed = event.key.length === 1 ? all.find((entry, index) => index > at && startsWith(entry, event.key)) ?? all.find((entry) => startsWith(entry, event.key)) : undefined;
    const target = { ArrowDown: all[(at + 1) % all.length], ArrowUp: all.at(at - 1), Home: all[0], End: all.at(-1) }[event.key] ?? typed;
    if (event.key === "Escape" || event.key === "Tab") {
      if (event.key === "Escape") event.preventDefault();
      event.stopPropagation();
      close();
    } else if (target) {
      event.preventDefault();
      target.focus();
    }
  };

  return (
    <>
      <button
        ref={button}
        type="button"
        className={children === undefined ? "icon-button" : classes("button", variant)}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={id}
        aria-label={label}
        data-tooltip={children === undefined ? label : undefined}
        onClick={() => (isOpen ? close() : open("first"))}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
          event.preventDefault();
          open(event.key === "ArrowDown" ? "first" : "last");
        }}
      >
        {children ?? <Icon name="more" />}
      </button>
      <div ref={list} id={id} popover="auto" role="menu" aria-label={label} className="menu" onKeyDown={move} onToggle={(event) => setOpen(event.newState === "open")}>
        {isMade && items.map((item) => (
          <div key={item.id} role="none">
            {item.section !== undefined && <div className="menu-section" role="presentation">{item.section}</div>}
            <button
              type="button"
              role={item.isChosen === undefined ? "menuitem" : "menuitemradio"}
              aria-checked={item.isChosen}
              aria-disabled={item.isDisabled || undefined}
              tabIndex={-1}
              className={classes("menu-item", item.isDanger && "danger")}
              onClick={() => {
                if (item.isDisabled) return;
                close();
                item.act();
              }}
            >
              {item.isChosen === undefined ? item.icon && <Icon name={item.icon} /> : <span className="menu-mark">{item.isChosen && <Icon name="check" />}</span>}
              {item.label}
            </button>
          </div>
        ))}
      </div>
    </>
  );
}

const startsWith = (entry: HTMLElement, letter: string): boolean => entry.textContent.trim().toLowerCase().startsWith(letter.toLowerCase());
