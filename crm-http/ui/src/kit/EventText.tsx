import { useLingui } from "@lingui/react/macro";

import { usePeople } from "../data/reading";
import type { Event } from "../data/service";
import { titleOf } from "../format";
import { useLabels } from "../format/labels";
import { toldOf } from "./told";

const TITLES = ["company", "name", "title", "subject", "email"];

/** What the record of an event is called, as far as the event tells. */
const nameIn = (event: Event): string | null => {
  for (const field of TITLES) {
    const value = event.changes.find((change) => change.field === field)?.new;
    if (typeof value === "string") return value;
  }
  return null;
};

/** Who did it: a person by name, else what kind of program. */
export function useActor(): (event: Event) => string {
  const { t } = useLingui();
  const people = usePeople();
  return ({ actor, actor_type: type }) => {
    const user = people.get(actor);
    if (user) return titleOf(user);
    return type === "api_key" ? t`An API key` : type === "user" ? t`Somebody` : t`The system`;
  };
}

/** An event in a sentence: who did what to what. */
export function useSentence(): (event: Event) => string {
  const { t } = useLingui();
  const labels = useLabels();
  const actorOf = useActor();
  return (event) => {
    const actor = actorOf(event);
    const kind = labels.kind(event.object);
    const name = nameIn(event);
    const what = name === null ? kind : t`${kind} “${name}”`;
    const fields = toldOf(event).map(({ field }) => labels.field(field)).slice(0, 3).join(", ");
    switch (event.kind) {
      case "created": return t`${actor} created: ${what}`;
      case "updated": return t`${actor} changed: ${what} (${fields})`;
      case "deleted": return t`${actor} deleted: ${what}`;
      case "restored": return t`${actor} restored: ${what}`;
      case "erased": return t`${actor} erased: ${what}`;
    }
  };
}
