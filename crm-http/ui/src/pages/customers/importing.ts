/** Which column of a file feeds which field, and what becomes of its lines. */

import type { Schemas, User } from "../../data";
import type { Line } from "./csv";

export type ImportField =
  | "company" | "name" | "email" | "phone" | "website" | "address_line1" | "address_line2" | "postal_code" | "city" | "state" | "country"
  | "owner_id" | "is_active" | "tags" | "external_id" | "notes";

/** What columns are called in other systems' files, in English and German. */
const NAMES: Record<ImportField, readonly string[]> = {
  company: ["company", "companyname", "account", "accountname", "organization", "organisation", "firma", "firmenname", "unternehmen", "kunde"],
  name: ["name", "fullname", "contact", "contactname", "contactperson", "firstname", "lastname", "vorname", "nachname", "ansprechpartner", "kontakt"],
  email: ["email", "email1", "emailaddress", "mail", "emailadresse"],
  phone: ["phone", "phone1", "phonenumber", "telephone", "mobile", "mobilephone", "telefon", "telefonnummer", "mobil"],
  website: ["website", "web", "url", "homepage", "domain", "webseite", "internet"],
  address_line1: ["addressline1", "address", "address1", "street", "streetaddress", "adresse", "strasse", "anschrift"],
  address_line2: ["addressline2", "address2", "addresssecondline", "adresszusatz", "adressezweitezeile"],
  postal_code: ["postalcode", "zip", "zipcode", "postcode", "plz", "postleitzahl"],
  city: ["city", "town", "ort", "stadt"],
  state: ["state", "region", "province", "county", "stateregion", "bundesland"],
  country: ["country", "countryregion", "land", "staat"],
  owner_id: ["ownerid", "owner", "owneremail", "accountowner", "customerowner", "zustandig", "betreuer"],
  is_active: ["isactive", "active", "aktiv"],
  tags: ["tags", "tag", "labels", "industry", "segment", "schlagworter", "branche"],
  external_id: ["externalid", "customerid", "accountid", "recordid", "kundennummer"],
  notes: ["notes", "note", "description", "comments", "notizen", "bemerkung", "beschreibung"],
};
export const IMPORT_FIELDS = Object.keys(NAMES) as readonly ImportField[];
/** Several columns can feed these; of any other field, the first column that is not empty counts. */
const JOINED: Partial<Record<ImportField, string>> = { name: " ", tags: ";", notes: "\n" };

const plain = (header: string): string => header.normalize("NFKD").replaceAll(/[^\p{L}\p{N}]/gu, "").toLowerCase().replaceAll("ß", "ss");

/** The field for each column, by its header; null for none. */
export function mapping(headers: readonly string[]): (ImportField | null)[] {
  const taken = new Set<ImportField>();
  return headers.map((header) => {
    const name = plain(header);
    const field = IMPORT_FIELDS.find((candidate) => NAMES[candidate].includes(name));
    if (field === undefined || (taken.has(field) && JOINED[field] === undefined)) return null;
    taken.add(field);
    return field;
  });
}

const YES = ["true", "yes", "y", "1", "active", "ja", "j", "aktiv", "wahr"];
const NO = ["false", "no", "n", "0", "inactive", "nein", "inaktiv", "falsch"];

export type Fault = "no_name" | "unknown_owner" | "not_yes_or_no";

export interface Draft {
  line: Line;
  input: Schemas["CustomerPatch"];
  faults: readonly Fault[];
}

/** Makes customers of lines, as far as that can be told without the service. */
export function draftsOf(lines: readonly Line[], fields: readonly (ImportField | null)[], people: Iterable<User>): Draft[] {
  const owners = new Map<string, string>();
  for (const { id, email, name } of people) for (const key of [id, email, name ?? ""]) owners.set(key.toLowerCase(), id);
  return lines.map((line) => {
    const texts: Partial<Record<ImportField, string>> = {};
    fields.forEach((field, column) => {
      const cell = line.cells[column]?.trim() ?? "";
      if (field === null || cell === "") return;
      const before = texts[field];
      const joint = JOINED[field];
      texts[field] = before === undefined ? cell : joint === undefined ? before : before + joint + cell;
    });
    const { owner_id: owner, is_active: active, tags, ...plainTexts } = texts;
    const faults: Fault[] = [];
    const input: Schemas["CustomerPatch"] = { ...plainTexts };
    if (!texts.company && !texts.name) faults.push("no_name");
    if (owner !== undefined) {
      const id = owners.get(owner.toLowerCase());
      if (id === undefined) faults.push("unknown_owner");
      else input.owner_id = id;
    }
    if (active !== undefined) {
      const isYes = YES.includes(active.toLowerCase());
      if (!isYes && !NO.includes(active.toLowerCase())) faults.push("not_yes_or_no");
      input.is_active = isYes;
    }
    if (tags !== undefined) input.tags = [...new Set(tags.split(tags.includes(";") ? ";" : ",").map((tag) => tag.trim()).filter(Boolean))];
    return { line, input, faults };
  });
}
