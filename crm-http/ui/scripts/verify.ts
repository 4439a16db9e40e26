/**
 * Fails if the committed `dist/` is not what the sources give: built afresh, twice and in different places, since a build
 * that depends on where it is done could never be compared. With `--twice`, only whether both are the same.
 */

import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { Copy, ROOT } from "./copy";

type Files = ReadonlyMap<string, Buffer>;
const faults: string[] = [];

function filesOf(directory: string): Files {
  const files = new Map<string, Buffer>();
  for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" }).sort()) {
    const path = join(directory, name);
    if (statSync(path).isFile()) files.set(relative(directory, path), readFileSync(path));
  }
  return files;
}

function build(): Files {
  const copy = new Copy();
  try {
    execFileSync("node", ["node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"], { cwd: copy.path, stdio: "inherit" });
    return filesOf(join(copy.path, "dist"));
  } finally {
    copy.remove();
  }
}

const isCompressed = (name: string): boolean => /\.(br|gz)$/.test(name);

/** Other versions of zlib compress to other bytes, so that what counts is what comes out. */
function compare(what: string, found: Files, wanted: Files): void {
  for (const name of new Set([...found.keys(), ...wanted.keys()])) {
    const here = found.get(name);
    const there = wanted.get(name);
    if (!here || !there) faults.push(`${what}: ${name} is ${here ? "too much" : "missing"}`);
    else if (!isCompressed(name) && !here.equals(there)) faults.push(`${what}: ${name} differs`);
  }
}

function checkCompressed(files: Files): void {
  for (const [name, content] of files) {
    if (!isCompressed(name)) continue;
    const plain = files.get(name.slice(0, -3));
    const unpacked = name.endsWith(".br") ? brotliDecompressSync(content) : gunzipSync(content);
    if (!plain?.equals(unpacked)) faults.push(`${name} is not the file beside it`);
  }
}

const isWhole = !process.argv.includes("--twice");
const first = build();
compare("built twice", build(), first);
if (isWhole) {
  const committed = filesOf(join(ROOT, "dist"));
  compare("dist", committed, first);
  checkCompressed(committed);
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(`${first.size} files, the same wherever they are built${isWhole ? ", and as committed" : ""}`);
