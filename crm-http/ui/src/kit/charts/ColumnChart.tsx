import { useWidth } from "./useWidth";

export interface Column {
  key: string;
  /** On the axis, where there is room. */
  label: string;
  value: number;
  /** A part of the value, in the full colour. */
  part?: number;
  /** The value in words. */
  text: string;
}

export interface ColumnChartProps {
  /** What it shows. */
  label: string;
  columns: readonly Column[];
  format(value: number): string;
  /** The heads of the table that says the same. */
  heads: readonly [string, string];
  height?: number;
}

const BOTTOM = 22;
const TOP = 8;
const LABEL = 64;

/** The next of 1, 2, 4, 6, 8, 10, 20, ...: where an axis ends well, and has a whole middle. */
export function niceCeil(value: number): number {
  if (value <= 0) return 1;
  const magnitude = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 6, 8].find((candidate) => candidate * magnitude >= value) ?? 10;
  return step * magnitude;
}

/** Values in time, as columns. Each tells its value when it is pointed at; to screen readers it is a table. */
export function ColumnChart({ label, columns, format, heads, height = 200 }: ColumnChartProps) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const most = niceCeil(Math.max(...columns.map(({ value }) => value), 0));
  const ticks = most === 1 ? [0, 1] : [0, most / 2, most];
  const left = 8 + Math.max(...ticks.map((tick) => format(tick).length)) * 7;
  const plot = Math.max(width - left - 4, 0);
  const slot = plot / Math.max(columns.length, 1);
  const y = (value: number): number => TOP + (height - TOP - BOTTOM) * (1 - value / most);
  const every = Math.max(1, Math.ceil(LABEL / Math.max(slot, 1)));
  const thick = Math.min(Math.max(slot * 0.7, 1), 44);
  return (
    <div ref={frame} className="chart">
      <table className="visually-hidden">
        <caption>{label}</caption>
        <thead>
          <tr>
            <th scope="col">{heads[0]}</th>
            <th scope="col">{heads[1]}</th>
          </tr>
        </thead>
        <tbody>
          {columns.map((column) => (
            <tr key={column.key}>
              <th scope="row">{column.label}</th>
              <td>{column.text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <svg width={width} height={height} aria-hidden="true">
        {ticks.map((tick) => (
          <g key={tick}>
            <line className="chart-line" x1={left} x2={width} y1={y(tick)} y2={y(tick)} />
            <text className="chart-text" x={left - 8} y={y(tick) + 4} textAnchor="end">
              {format(tick)}
            </text>
          </g>
        ))}
        {columns.map((column, index) => {
          const middle = left + slot * (index + 0.5);
          const bar = (value: number) => ({ x: middle - thick / 2, width: thick, y: y(value), height: Math.max(y(0) - y(value), value > 0 ? 2 : 0), rx: Math.min(3, thick / 3) });
          return (
            <g key={column.key} data-tooltip={`${column.label}: ${column.text}`} className="chart-slot">
              <rect className="chart-hit" x={left + slot * index} width={slot} y={TOP} height={height - TOP - BOTTOM} />
              <rect className={column.part === undefined ? "chart-bar" : "chart-bar is-soft"} {...bar(column.value)} />
              {column.part !== undefined && <rect className="chart-bar" {...bar(column.part)} />}
              {index % every === 0 && (
                <text className="chart-text" x={middle} y={height - 5} textAnchor="middle">
                  {column.label}
                </text>
              )}
            </g>
          );
        })}
      </svg>
    </div>
  );
}
