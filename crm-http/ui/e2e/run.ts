/**
 * All tests in a browser, or those that are named: on SQLite, and then on PostgreSQL where `CRM_TEST_POSTGRES_URL` is set;
 * or on the one that `CRM_E2E_STORE` names.
 *
 *     CRM_SERVER=path npm run e2e [-- pages live ...]
 */

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const named = process.argv.slice(2);
const here = fileURLToPath(new URL(".", import.meta.url));
const files = readdirSync(here)
  .filter((file) => file.endsWith(".test.ts") && (named.length === 0 || named.includes(file.replace(".test.ts", ""))))
  .map((file) => `${here}${file}`);
const chosen = process.env["CRM_E2E_STORE"];
const stores = chosen ? [chosen] : process.env["CRM_TEST_POSTGRES_URL"] === undefined ? ["sqlite"] : ["sqlite", "postgres"];

for (const store of stores) {
  console.log(`on ${store}`);
  const began = Date.now();
  const args = ["--import", "tsx", "--test", "--test-concurrency=2", "--test-timeout=300000", ...files];
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit", env: { ...process.env, CRM_E2E_STORE: store } });
  console.log(`on ${store}: ${Math.round((Date.now() - began) / 1000)} s`);
  if (status !== 0) process.exitCode = 1;
}
