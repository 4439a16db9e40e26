/**
 * A host that mounts the dashboard under a path of its own and gives it its colours: it serves the built pages as the
 * service does, and passes `api` on to it.
 *
 *     CRM_URL=http://127.0.0.1:8005 npx tsx e2e/host.ts 8080 /t/acme/crm
 */

import { readFile } from "node:fs/promises";
import { type IncomingMessage, type Server, type ServerResponse, createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Built pages: those that are committed, or others to try. */
const DIST = process.env["CRM_UI_DIST"] === undefined ? new URL("../dist/", import.meta.url) : pathToFileURL(`${process.env["CRM_UI_DIST"]}/`);
const PAGES = ["overview", "customers", "leads", "interactions", "tasks", "projects", "activity", "settings", "sign-in"];
const TYPES: Record<string, string> = { ".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8" };
export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";

export interface HostOptions {
  /** The address of the service. */
  api: string;
  /** The path of the mount, without a slash at its end. */
  mount?: string;
  /** What the page is told. */
  config?: object;
  /** The content of `assets/theme.css`. */
  theme?: string;
  port?: number;
}

function passOn(request: IncomingMessage, response: ServerResponse, url: URL): void {
  const passed = send(url, { method: request.method ?? "GET", headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  passed.on("error", () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  response.on("close", () => passed.destroy());
  request.pipe(passed);
}

/** Serves until it is closed. */
export async function host({ api, mount = "", config = {}, theme = "", port = 0 }: HostOptions): Promise<{ url: string; server: Server }> {
  const text = JSON.stringify(config).replaceAll("<", "\\u003c");
  const index = async (): Promise<string> =>
    (await readFile(new URL("index.html", DIST), "utf8"))
      .replace('<base href="/">', `<base href="${mount}/">`)
      .replace('<script type="application/json" id="crm-config">{}</script>', `<script type="application/json" id="crm-config">${text}</script>`);

  const answer = async (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (path.startsWith("/api/")) return passOn(request, response, new URL(path, api));
    const page = path.split("?")[0] ?? "";
    const headers = { "content-security-policy": POLICY, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" };
    if (page === "/" || PAGES.includes(page.split("/")[1] ?? "")) {
      response.writeHead(200, { ...headers, "content-type": TYPES[".html"], "cache-control": "no-cache" }).end(await index());
    } else if (page === "/assets/theme.css") {
      response.writeHead(200, { ...headers, "content-type": TYPES[".css"], "cache-control": "no-cache" }).end(theme);
    } else if (/^\/assets\/[\w-]+\.(js|css)$/.test(page)) {
      const content = await readFile(new URL(`.${page}.br`, DIST));
      const kept = { "content-encoding": "br", "cache-control": "public, max-age=31536000, immutable" };
      response.writeHead(200, { ...headers, ...kept, "content-type": TYPES[extname(page)] }).end(content);
    } else response.writeHead(404, headers).end();
  };

  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    if (!path.startsWith(`${mount}/`)) return void response.writeHead(path === mount ? 308 : 404, { location: `${mount}/` }).end();
    answer(path.slice(mount.length), request, response).catch(() => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${mount}/`, server };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , port = "8080", mount = ""] = process.argv;
  const { url } = await host({ api: process.env["CRM_URL"] ?? "http://127.0.0.1:8005", mount, port: Number(port) });
  console.log(`the dashboard is at ${url}`);
}
