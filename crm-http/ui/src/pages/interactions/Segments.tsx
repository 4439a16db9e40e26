import { type ReactNode, useId } from "react";

interface SegmentsProps<V extends string> {
  label: string;
  value: V;
  onChange(value: V): void;
  segments: readonly { value: V; label: ReactNode }[];
}

/** One of a few, all of which are in sight. */
export function Segments<V extends string>({ label, value, onChange, segments }: SegmentsProps<V>) {
  const name = useId();
  return (
    <div role="radiogroup" aria-label={label} className="segments">
      {segments.map((segment) => (
        <label key={segment.value} className="segment">
          <input type="radio" className="visually-hidden" name={name} checked={segment.value === value} onChange={() => onChange(segment.value)} />
          {segment.label}
        </label>
      ))}
    </div>
  );
}
