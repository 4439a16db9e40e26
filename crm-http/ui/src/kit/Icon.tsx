/** Icons, drawn on 24 by 24 by strokes of the text's colour. They are decoration: names come from the text beside them. */

const paths = {
  overview: "M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z",
  customers: "M4 20V6l7-3v17M11 9l8 2v9M3 20h18M7 9h1M7 13h1M15 14h1M15 17h1",
  leads: "M4 5h16l-6 8v6l-4 1v-7z",
  interactions: "M4 5h16v11H9l-5 4z",
  tasks: "M4 12l4 4L19 6",
  projects: "M3 7h7l2 2h9v11H3z",
  activity: "M3 12h4l3-8 4 16 3-8h4",
  settings: "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6M12 3v3M12 18v3M4.2 7.5l2.6 1.5M17.2 15l2.6 1.5M4.2 16.5L6.8 15M17.2 9l2.6-1.5",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5L20 20",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  menu: "M4 7h16M4 12h16M4 17h16",
  up: "M6 15l6-6 6 6",
  down: "M6 9l6 6 6-6",
  left: "M15 6l-6 6 6 6",
  right: "M9 6l6 6-6 6",
  edit: "M4 20l1-4L16 5l3 3L8 19z",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13",
  filter: "M4 6h16M7 12h10M10 18h4",
  columns: "M4 5h16v14H4zM10 5v14M15 5v14",
  email: "M3 6h18v12H3zM3 7l9 7 9-7",
  phone: "M6 3h4l1 5-2 2a12 12 0 0 0 5 5l2-2 5 1v4c-8 3-18-7-15-15",
  meeting: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
  note: "M5 4h14v11l-5 5H5zM14 20v-5h5M9 9h6M9 13h3",
  calendar: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
  user: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4 21c1-5 4-7 8-7s7 2 8 7",
  link: "M10 14l4-4M8 11l-3 3a3.5 3.5 0 0 0 5 5l3-3M16 13l3-3a3.5 3.5 0 0 0-5-5l-3 3",
  external: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v5M12 8h.01",
  lock: "M6 11h12v9H6zM8 11V8a4 4 0 0 1 8 0v3",
  offline: "M3 3l18 18M8.5 14.5a5 5 0 0 1 5-1.2M5 11a10 10 0 0 1 4-2.4M14 7.9a10 10 0 0 1 5 3.1M12 18h.01",
  refresh: "M20 5v5h-5M4 19v-5h5M6 10a7 7 0 0 1 13-1M18 14a7 7 0 0 1-13 1",
  signOut: "M10 4H4v16h6M14 8l4 4-4 4M18 12H9",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6L7 7M17 17l1.4 1.4M5.6 18.4L7 17M17 7l1.4-1.4",
  upload: "M12 16V4M7 9l5-5 5 5M4 20h16",
  download: "M12 4v12M7 11l5 5 5-5M4 20h16",
  drag: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
  board: "M4 5h4v14H4zM10 5h4v9h-4zM16 5h4v11h-4z",
  table: "M4 5h16v14H4zM4 10h16M4 15h16M10 10v9",
  undo: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6",
  key: "M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8M11 12l8-8M16 7l3 3",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
