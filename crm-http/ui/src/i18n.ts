/** Languages: which there are, which one is spoken, and the catalogues of the parts that are loaded. */

import { type Messages, i18n } from "@lingui/core";

import { config } from "./config";

export type Language = "en" | "de";
export const LANGUAGES: readonly { key: Language; name: string }[] = [
  { key: "en", name: "English" },
  { key: "de", name: "Deutsch" },
];

type Catalogue = () => Promise<{ messages: Messages }>;

const common: Record<Language, Catalogue> = { en: () => import("./locales/en.po"), de: () => import("./locales/de.po") };
const ofPages = import.meta.glob<{ messages: Messages }>("./pages/*/locales/*.po");
const loaded = new Set<string>();
const STORED = "crm-language";

const isLanguage = (key: string | null | undefined): key is Language => LANGUAGES.some((language) => language.key === key);

function preferred(): Language {
  const asked = [localStorage.getItem(STORED), config.language, ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return asked.find(isLanguage) ?? "en";
}

async function load(part: string, language: Language): Promise<void> {
  const catalogue = part === "" ? common[language] : ofPages[`./pages/${part}/locales/${language}.po`];
  if (catalogue) i18n.load(language, (await catalogue()).messages);
}

/** Loads the texts of a page (the name of its directory), in the language that is spoken. */
export async function loadTexts(part: string): Promise<void> {
  if (loaded.has(part)) return;
  await load(part, i18n.locale as Language);
  loaded.add(part);
}

/** Speaks a language from now on; without one, the one that the user or the host prefers. */
export async function speak(chosen?: Language): Promise<void> {
  if (chosen) localStorage.setItem(STORED, chosen);
  const language = chosen ?? preferred();
  await Promise.all(["", ...loaded].map((part) => load(part, language)));
  i18n.activate(language);
  document.documentElement.lang = language;
}
