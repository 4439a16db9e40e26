/**
 * Fails if the catalogues are not what the sources say: a text that was not extracted or is not in the sources any more,
 * one without a translation, or one that two catalogues translate differently (which of them counts would be a matter of
 * which page was opened last).
 */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";

import { getCatalogs } from "@lingui/cli/api";
import { getConfig } from "@lingui/conf";

import { Copy, ROOT } from "./copy";

const faults: string[] = [];
const config = getConfig({ cwd: ROOT });
process.chdir(ROOT);
const catalogs = (await getCatalogs(config)).flatMap((catalog) => config.locales.map((locale) => ({ catalog, locale, path: relative(ROOT, catalog.getFilename(locale)) })));

const copy = new Copy();
try {
  execFileSync("node", ["node_modules/@lingui/cli/dist/lingui.js", "extract", "--clean"], { cwd: copy.path, stdio: "ignore" });
  for (const { path } of catalogs) {
    if (readFileSync(join(copy.path, path), "utf8") !== readFileSync(join(ROOT, path), "utf8")) faults.push(`${path}: npm run extract changes it`);
  }
} finally {
  copy.remove();
}

const known = new Map<string, { translation: string; path: string }>();
for (const { catalog, locale, path } of catalogs) {
  for (const [id, { message = id, translation }] of Object.entries((await catalog.read(locale)) ?? {})) {
    if (!translation) {
      faults.push(`${path}: no translation of “${message}”`);
      continue;
    }
    const other = known.get(`${locale} ${id}`);
    if (other && other.translation !== translation) faults.push(`${path}: “${message}” is “${translation}” here, and “${other.translation}” in ${other.path}`);
    known.set(`${locale} ${id}`, { translation, path });
  }
}

for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(`${known.size} texts in ${config.locales.length} languages`);
