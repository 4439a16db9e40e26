/// <reference types="vitest/config" />

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { type Connect, type Plugin, defineConfig } from "vite";

const api = process.env["CRM_URL"] ?? "http://127.0.0.1:8005";
const THEME = /\s*<link rel="stylesheet" href="assets\/theme.css"[^>]*>/;

/** Writes each asset compressed as well: the server has no time to do it well. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    // Of what is written: until then Vite still changes it.
    writeBundle({ dir }, bundle) {
      for (const fileName of Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name))) {
        const path = join(dir ?? "dist", fileName);
        const source = readFileSync(path);
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: source.length };
        writeFileSync(`${path}.br`, brotliCompressSync(source, { params }));
        writeFileSync(`${path}.gz`, gzipSync(source, { level: 9 }));
      }
    },
  };
}

const LAYERS = "@layer tokens, base, kit, shell, pages;\n";

/** Says in every style sheet in which order the layers come: which of them is loaded first depends on how code is split. */
function layers(): Plugin {
  return {
    name: "layers",
    enforce: "pre",
    transform: (code, id) => (/\/src\/.*\.css$/.test(id) ? { code: LAYERS + code, map: null } : null),
  };
}

/** The host's colours: linked after the styles that are built; empty while developing. */
function theme(): Plugin {
  const empty: Connect.NextHandleFunction = (request, response, next) => {
    if (!request.url?.endsWith("/assets/theme.css")) return next();
    response.setHeader("content-type", "text/css").end();
  };
  return {
    name: "theme",
    configureServer: (server) => void server.middlewares.use(empty),
    configurePreviewServer: (server) => void server.middlewares.use(empty),
    transformIndexHtml: {
      order: "post",
      handler: (html) => html.replace(THEME, "").replace("</head>", '  <link rel="stylesheet" href="assets/theme.css">\n  </head>'),
    },
  };
}

// The service refuses changes from pages of other origins; to it, a page that is served here is its own.
const proxy = { "/api": { target: api, changeOrigin: true, headers: { origin: api } } };

export default defineConfig({
  base: "./",
  plugins: [react({ babel: { plugins: ["@lingui/babel-plugin-lingui-macro"] } }), lingui(), layers(), theme(), compressed()],
  resolve: {
    // The client's one dependency is installed here.
    alias: { "openapi-fetch": fileURLToPath(new URL("node_modules/openapi-fetch", import.meta.url)) },
    dedupe: ["react", "react-dom"],
  },
  build: {
    target: "es2023",
    // Colours are given by light-dark(), which hosts may use as well: it is to stay what it is.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    manifest: true,
    reportCompressedSize: false,
  },
  server: { host: "127.0.0.1", proxy },
  preview: { host: "127.0.0.1", proxy },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    // One process for all: a browser's environment for each file takes longer than its tests. A process, since a thread has
    // no time zone of its own.
    pool: "forks",
    maxWorkers: 1,
    isolate: false,
  },
});
