import { useLingui } from "@lingui/react/macro";

import { useCan, useList } from "../../../data";
import { Answer, EmptyState, LoadMore } from "../../../kit";
import { Composer } from "../../interactions/Composer";
import { InteractionEntry } from "../../interactions/InteractionEntry";
import { byDay, nameOfDay } from "../../interactions/days";
import "../../interactions/interactions.css";

/** The interactions with a lead, newest first, and what adds another. */
export default function Timeline({ lead }: { lead: string }) {
  const { t } = useLingui();
  const can = useCan();
  const { data, error, refetch, rows, hasNextPage, isFetchingNextPage, fetchNextPage } = useList("interactions", { lead_id: lead, limit: 30 });
  return (
    <div className="lead-timeline">
      {can("create:interactions") && <Composer parent={{ lead_id: lead }} />}
      <Answer query={{ data, error, refetch }}>
        {() =>
          rows.length === 0 ? (
            <EmptyState icon="interactions" title={t`Nothing yet`}>
              {t`Write down the first e-mail, call or meeting: whoever works on this lead next will know where it stands.`}
            </EmptyState>
          ) : (
            <>
              {byDay(rows, ({ occurred_at: at }) => at).map(({ day, entries }) => (
                <section key={day} className="day" aria-label={nameOfDay(day)}>
                  <h3>{nameOfDay(day)}</h3>
                  <ul>
                    {entries.map((interaction) => (
                      <li key={interaction.id}>
                        <InteractionEntry interaction={interaction} />
                      </li>
                    ))}
                  </ul>
                </section>
              ))}
              <LoadMore hasMore={hasNextPage} isLoading={isFetchingNextPage} onLoad={() => void fetchNextPage()} />
            </>
          )
        }
      </Answer>
    </div>
  );
}
