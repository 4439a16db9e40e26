import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";

import { TextField } from "./fields";

/** Who types on within this is waited for, so that only the last of a burst is told. */
const BURST = 20;
const PAUSE = 250;

/** A field to search by; what it says comes from outside. Tells what is typed: at once after a pause, else after each burst of keys. */
export function SearchField({ label, placeholder, value, onChange }: { label: string; placeholder?: string; value: string; onChange(text: string): void }) {
  const { t } = useLingui();
  const [text, setText] = useState(value);
  const told = useRef(value);
  const lastKey = useRef(0);
  const timer = useRef(0);
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  useEffect(() => () => window.clearTimeout(timer.current), []);

  // Somebody else changed it: a link, the way back, a button that clears.
  if (value !== told.current) {
    told.current = value;
    setText(value);
  }

  const tell = (next: string): void => {
    if (next.trim() === told.current) return;
    told.current = next.trim();
    latest.current(told.current);
  };
  const change = (next: string): void => {
    setText(next);
    window.clearTimeout(timer.current);
    const isFirst = performance.now() - lastKey.current > PAUSE;
    lastKey.current = performance.now();
    if (isFirst) tell(next);
    else timer.current = window.setTimeout(() => tell(next), BURST);
  };
  return <TextField label={label} isLabelHidden type="search" placeholder={placeholder ?? t`Search…`} maxLength={200} value={text} onChange={change} />;
}
