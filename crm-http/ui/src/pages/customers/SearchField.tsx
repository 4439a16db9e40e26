import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";

import { TextField } from "../../kit";

/** Who types on within this is waited for, so that only the last of a burst is asked for. */
const BURST = 20;
const PAUSE = 250;

/** Searches as one types: at once after a pause, and after each burst of keys. */
export function SearchField({ label, value, onSearch }: { label: string; value: string; onSearch(text: string): void }) {
  const { t } = useLingui();
  const [text, setText] = useState(value);
  const told = useRef(value);
  const lastKey = useRef(0);
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  // Somebody else changed it: a link, the way back, a button that clears.
  if (value !== told.current) {
    told.current = value;
    setText(value);
  }

  const tell = (next: string): void => {
    if (next.trim() === told.current) return;
    told.current = next.trim();
    onSearch(told.current);
  };
  const change = (next: string): void => {
    setText(next);
    window.clearTimeout(timer.current);
    const isFirst = performance.now() - lastKey.current > PAUSE;
    lastKey.current = performance.now();
    if (isFirst) tell(next);
    else timer.current = window.setTimeout(() => tell(next), BURST);
  };
  return <TextField label={label} isLabelHidden type="search" placeholder={t`Search…`} maxLength={200} value={text} onChange={change} />;
}
