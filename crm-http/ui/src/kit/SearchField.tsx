import { useEffect, useRef, useState } from "react";

import { TextField } from "./fields";

/** What is typed is told of after so long a pause. */
const PAUSE = 150;

/** A field to search by; what it says comes from outside, and goes there when somebody pauses in typing. */
export function SearchField({ label, placeholder, value, onChange }: { label: string; placeholder: string; value: string; onChange(text: string): void }) {
  const [text, setText] = useState(value);
  const told = useRef(value);
  const tell = useRef(onChange);
  useEffect(() => {
    tell.current = onChange;
  });
  useEffect(() => {
    // Changed from elsewhere: by going back, or by clearing.
    if (value !== told.current) setText(value);
    told.current = value;
  }, [value]);
  useEffect(() => {
    if (text === told.current) return;
    const timer = window.setTimeout(() => {
      told.current = text;
      tell.current(text);
    }, PAUSE);
    return () => window.clearTimeout(timer);
  }, [text]);
  return <TextField label={label} isLabelHidden type="search" placeholder={placeholder} value={text} onChange={setText} maxLength={200} />;
}
