import { useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { type Event, type Interaction, useCan, useHistory, useList } from "../../data";
import { Button, EmptyState, ErrorState, Loading, LoadMore } from "../../kit";
import { Composer } from "../interactions/Composer";
import { byDay, nameOfDay } from "../interactions/days";
import { InteractionEntry } from "../interactions/InteractionEntry";
import { Segments } from "../interactions/Segments";
import { ChangeEntry } from "./ChangeEntry";

type Entry = { key: string; at: string; interaction: Interaction } | { key: string; at: string; event: Event };
type Shown = "all" | "interactions" | "changes";

/** What was said and what was changed, newest first. */
function entriesOf(interactions: readonly Interaction[], events: readonly Event[], hasMore: boolean): Entry[] {
  // What is older than the interactions that are loaded comes with the others.
  const oldest = hasMore ? (interactions.at(-1)?.occurred_at ?? "") : "";
  const said = interactions.map((interaction) => ({ key: interaction.id, at: interaction.occurred_at, interaction }));
  // A change of a contact makes a new version of its customer without changing a field of it.
  const changed = events.filter((event) => event.changes.length > 0 || event.kind !== "updated").map((event) => ({ key: `${event.seq}`, at: event.at, event }));
  return [...said, ...changed.filter(({ at }) => Date.parse(at) >= Date.parse(oldest || "1970-01-01"))].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

export function Timeline({ customerId }: { customerId: string }) {
  const { t } = useLingui();
  const can = useCan();
  const [shown, setShown] = useState<Shown>("all");
  const interactions = useList("interactions", { customer_id: customerId, sort: ["-occurred_at"] });
  const history = useHistory("customers", customerId);
  const hasMore = interactions.hasNextPage && shown !== "changes";
  const entries = entriesOf(shown === "changes" ? [] : interactions.rows, shown === "interactions" ? [] : (history.data ?? []), hasMore);
  const isPending = interactions.isPending || history.isPending;
  const error = interactions.error ?? history.error;
  return (
    <section className="timeline" aria-label={t`Timeline`}>
      {can("create:interactions") && <Composer parent={{ customer_id: customerId }} />}
      <div className="card-header timeline-head">
        <h2>{t`Timeline`}</h2>
        <Segments<Shown>
          label={t`What is shown`}
          value={shown}
          onChange={setShown}
          segments={[{ value: "all", label: t`All` }, { value: "interactions", label: t`Interactions` }, { value: "changes", label: t`Changes` }]}
        />
      </div>
      {isPending && !error && <Loading lines={6} />}
      {error && <ErrorState error={error} onRetry={() => void Promise.all([interactions.refetch(), history.refetch()])} />}
      {!isPending && !error && entries.length === 0 && (
        <EmptyState icon="interactions" title={t`Nothing here yet`} actions={shown !== "all" && <Button onClick={() => setShown("all")}>{t`Show everything`}</Button>}>
          {t`Calls, e-mails, meetings and notes appear here, and so does what is changed.`}
        </EmptyState>
      )}
      {byDay(entries, (entry) => entry.at).map(({ day, entries: ofDay }) => (
        <section key={day} className="day" aria-label={nameOfDay(day)}>
          <h3 className="day-name">{nameOfDay(day)}</h3>
          <ul>
            {ofDay.map((entry) => (
              <li key={entry.key}>{"event" in entry ? <ChangeEntry event={entry.event} /> : <InteractionEntry interaction={entry.interaction} />}</li>
            ))}
          </ul>
        </section>
      ))}
      <LoadMore hasMore={hasMore} isLoading={interactions.isFetchingNextPage} onLoad={() => void interactions.fetchNextPage()} />
    </section>
  );
}
