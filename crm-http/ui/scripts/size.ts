/** What the first page loads of JavaScript, compressed; fails beyond the budget. */

import { readFileSync, statSync } from "node:fs";

const BUDGET = 120 * 1024;
const dist = new URL("../dist/", import.meta.url);

interface Chunk {
  file: string;
  imports?: string[];
}
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8")) as Record<string, Chunk>;

/** Everything that is loaded for the overview in English: the entry and the catalogue, with what they import. */
const loaded = new Set<string>();
function load(name: string): void {
  const chunk = manifest[name];
  if (!chunk) throw new Error(`${name} is not in the manifest`);
  if (loaded.has(chunk.file)) return;
  loaded.add(chunk.file);
  chunk.imports?.forEach(load);
}
load("index.html");
load("src/locales/en.po");

let total = 0;
for (const file of loaded) {
  const { size } = statSync(new URL(`${file}.br`, dist));
  total += size;
  console.log(`${size.toString().padStart(8)}  ${file}`);
}
console.log(`${total.toString().padStart(8)}  of ${BUDGET}, by Brotli`);
if (total > BUDGET) process.exit(1);
