/** Copies of the sources, to do things in that must leave the sources alone. */

import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const FILES = ["src", "index.html", "lingui.config.ts", "package.json", "tsconfig.json", "vite.config.ts"];

/** The dashboard and the client that it uses, somewhere else, with the same packages. */
export class Copy {
  private readonly whole = mkdtempSync(join(realpathSync(tmpdir()), "crm-ui-"));
  readonly path = join(this.whole, basename(ROOT));

  constructor() {
    mkdirSync(this.path);
    for (const file of FILES) cpSync(join(ROOT, file), join(this.path, file), { recursive: true });
    cpSync(join(ROOT, "../client"), join(this.whole, "client"), { recursive: true, filter: (path) => !path.includes("node_modules") });
    symlinkSync(join(ROOT, "node_modules"), join(this.path, "node_modules"));
  }

  remove(): void {
    rmSync(this.whole, { recursive: true, force: true });
  }
}
