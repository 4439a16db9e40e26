import { defineConfig } from "@lingui/cli";

// Pages that are loaded when they are first shown bring their own catalogues.
const loaded = ["customers", "leads", "interactions", "tasks", "projects", "activity", "settings"];

export default defineConfig({
  sourceLocale: "en",
  locales: ["en", "de"],
  catalogs: [
    { path: "src/locales/{locale}", include: ["src"], exclude: loaded.map((name) => `src/pages/${name}/**`) },
    ...loaded.map((name) => ({ path: `src/pages/${name}/locales/{locale}`, include: [`src/pages/${name}/`] })),
  ],
  format: "po",
  // Which line a text is on changes more often than the text.
  formatOptions: { lineNumbers: false },
});
