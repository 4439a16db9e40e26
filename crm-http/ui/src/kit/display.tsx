/** Small things that show something. */

import type { ReactNode } from "react";

import { formatDateTime, formatRelative } from "../format";
import { classes } from "./classes";

export type Tone = "neutral" | "accent" | "success" | "warning" | "danger";

export const Badge = ({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }) => <span className={classes("badge", tone)}>{children}</span>;

const HUES = 6;

/** The initials of somebody, in a colour of their own: decoration, and no text. The name is to be beside it. */
export function Avatar({ name, size = "medium" }: { name: string; size?: "small" | "medium" | "large" }) {
  const words = name.split(/[\s@.]+/u).filter(Boolean);
  const initials = words.slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
  const hue = [...name].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % HUES;
  return (
    <span className={classes("avatar", size, `hue-${hue}`)} aria-hidden="true" data-initials={initials} />
  );
}

/** Lines where text will be. */
export function Skeleton({ lines = 1 }: { lines?: number }) {
  return (
    <span className="skeleton-lines" aria-hidden="true">
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className="skeleton" />
      ))}
    </span>
  );
}

/** A time as how long ago it is, and in full to whoever points at it. */
export const RelativeTime = ({ time }: { time: string }) => (
  <time dateTime={time} title={formatDateTime(time)}>
    {formatRelative(time)}
  </time>
);
