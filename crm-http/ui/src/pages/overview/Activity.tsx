import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";

import { config } from "../../config";
import { keys } from "../../data/keys";
import { useList, usePeople } from "../../data/reading";
import { service } from "../../data/service";
import { titleOf } from "../../format";
import { Answer, Avatar, Icon, RelativeTime } from "../../kit";
import { useActor, useSentence } from "../../kit/EventText";
import { useLabels } from "../../format/labels";
import { Card, Nothing } from "./cards";
import { useFigures } from "./figures";

const MOST = 7;

/** What happened last, for those who may see the log. */
export function Activity() {
  const { t } = useLingui();
  const sentence = useSentence();
  const actor = useActor();
  const { data: figures, error, refetch } = useFigures();
  const seq = figures?.as_of_seq;
  const log = useQuery({
    queryKey: keys.log({ latest: MOST, seq }),
    // The log is read from its end, which is the event that the figures are of.
    queryFn: async ({ signal }) => (await service(signal).log({ after: Math.max((seq ?? 0) - MOST, 0), limit: MOST })).data.reverse(),
    enabled: seq !== undefined,
    placeholderData: (before) => before,
  });
  return (
    <Card title={t`Latest activity`} action={config.pages.includes("activity") && <Link href="/activity">{t`All activity`}</Link>}>
      <Answer query={seq === undefined ? { data: undefined, error, refetch } : log}>
        {(events) => (
          <ul className="lines">
            {events.map((event) => (
              <li key={event.seq} className="line">
                <Avatar name={actor(event)} size="small" />
                <span className="line-main">{sentence(event)}</span>
                <span className="line-end muted">
                  <RelativeTime time={event.at} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </Card>
  );
}

/** The latest interactions, for those who may not see the log. */
export function LatestInteractions() {
  const { t } = useLingui();
  const labels = useLabels();
  const people = usePeople();
  const { data, error, refetch, rows } = useList("interactions", { limit: MOST });
  return (
    <Card title={t`Latest interactions`} action={config.pages.includes("interactions") && <Link href="/interactions">{t`All interactions`}</Link>}>
      <Answer query={{ data, error, refetch }}>
        {() =>
          rows.length === 0 ? (
            <Nothing>{t`Emails, calls, meetings and notes appear here.`}</Nothing>
          ) : (
            <ul className="lines">
              {rows.slice(0, MOST).map(({ id, type, subject, occurred_at: at, created_by: by }) => {
                const person = by === null ? undefined : people.get(by);
                return (
                  <li key={id} className="line">
                    <Icon name={type} />
                    <span className="line-main">
                      {subject ?? labels.value(type)}
                      {person && <span className="muted"> · {titleOf(person)}</span>}
                    </span>
                    <span className="line-end muted">
                      <RelativeTime time={at} />
                    </span>
                  </li>
                );
              })}
            </ul>
          )
        }
      </Answer>
    </Card>
  );
}
