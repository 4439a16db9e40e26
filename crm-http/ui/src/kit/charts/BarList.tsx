import type { ReactNode } from "react";

export interface Bar {
  key: string;
  label: string;
  /** Of the longest. */
  share: number;
  /** The value, in words. */
  text: ReactNode;
  /** What else there is to say. */
  detail?: ReactNode;
}

/** Values side by side, as bars beneath their names. It is a list, so it is read as one. */
export function BarList({ bars }: { bars: readonly Bar[] }) {
  return (
    <ul className="bar-list">
      {bars.map(({ key, label, share, text, detail }) => (
        <li key={key}>
          <div className="bar-head">
            <span className="truncate">{label}</span>
            <span className="numeric">{text}</span>
          </div>
          <svg className="bar-track" width="100%" height="8" aria-hidden="true">
            <rect className="chart-track" width="100%" height="8" rx="4" />
            <rect className="chart-bar" width={`${Math.max(0, Math.min(share, 1)) * 100}%`} height="8" rx="4" />
          </svg>
          {detail !== undefined && <div className="bar-detail">{detail}</div>}
        </li>
      ))}
    </ul>
  );
}
