/** Tables as CSV (RFC 4180), as spreadsheets write and read it. */

const FORMULA = /^[\s\p{Cc}]*[=+\-@\t\r]/u;
const DEFUSED = /^'(?=[\s\p{Cc}]*[=+\-@\t\r])/u;
const DELIMITERS = [",", ";", "\t", "|"] as const;

/** A cell that a spreadsheet takes for text, whatever it begins with. */
const defuse = (cell: string): string => (FORMULA.test(cell) ? `'${cell}` : cell);

const quote = (cell: string): string => (/[",\r\n;]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** Lines of a file; cells that would run as formulas are made text. */
export const csvOf = (rows: readonly (readonly string[])[]): string => rows.map((row) => `${row.map((cell) => quote(defuse(cell))).join(",")}\r\n`).join("");

/** The delimiter that occurs most in the first line, outside of quotes. */
function delimiterOf(text: string): string {
  const head = text.slice(0, /[\r\n]/.exec(text)?.index ?? text.length).replaceAll(/"[^"]*"/g, "");
  const counts = DELIMITERS.map((delimiter) => head.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ",";
}

export interface Line {
  /** The number of the line in the file at which it begins, from 1. */
  number: number;
  cells: readonly string[];
}

/** The lines of a file that are not empty. */
export function parseCsv(text: string): Line[] {
  const delimiter = delimiterOf(text);
  const lines: Line[] = [];
  let cells: string[] = [];
  let cell = "";
  let number = 1;
  let began = 1;
  let isQuoted = false;
  const endCell = (): void => {
    cells.push(cell.replace(DEFUSED, ""));
    cell = "";
  };
  const endLine = (): void => {
    endCell();
    if (cells.some((text) => text.trim() !== "")) lines.push({ number: began, cells });
    cells = [];
    began = number;
  };
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    const isBreak = letter === "\n" || (letter === "\r" && text[at + 1] !== "\n");
    if (isBreak) number++;
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') cell += text[++at];
      else isQuoted = false;
    } else if (letter === '"' && cell === "") isQuoted = true;
    else if (letter === delimiter) endCell();
    else if (isBreak) endLine();
    else if (letter !== "\r") cell += letter;
  }
  if (cell !== "" || cells.length > 0) endLine();
  return lines;
}

/** The text of a file in UTF-8 or UTF-16, or else as Windows writes it in the west. */
export function decode(bytes: ArrayBuffer): string {
  const [first, second] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

const MARK = "\uFEFF";

/** Gives the user a file. It begins with the mark by which spreadsheets know UTF-8. */
export function download(name: string, parts: readonly string[]): void {
  const url = URL.createObjectURL(new Blob([MARK, ...parts], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken it by then.
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
