import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";

import { type Lead, keys, service, usePipeline } from "../../../data";
import { formatDate } from "../../../format";
import { Answer } from "../../../kit";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** A duration in its greatest unit. */
function useDuration(): (seconds: number) => string {
  const { t } = useLingui();
  return (seconds) => {
    if (seconds >= DAY) return plural(Math.floor(seconds / DAY), { one: "# day", other: "# days" });
    if (seconds >= HOUR) return plural(Math.floor(seconds / HOUR), { one: "# hour", other: "# hours" });
    if (seconds >= MINUTE) return plural(Math.floor(seconds / MINUTE), { one: "# minute", other: "# minutes" });
    return t`moments`;
  };
}

/** Each stage that the lead has been in, and how long. */
export function StageHistory({ lead }: { lead: Lead }) {
  const { t } = useLingui();
  const { stages } = usePipeline();
  const duration = useDuration();
  const visits = useQuery({
    // Another stage has begun when the lead has entered it.
    queryKey: [...keys.record("leads", lead.id), "stages", lead.stage_entered_at, lead.stage],
    queryFn: ({ signal }) => service(signal).leads.stages(lead.id),
    placeholderData: (before) => before,
  });
  return (
    <section className="card" aria-label={t`Stage history`}>
      <div className="card-header">
        <h2>{t`Stage history`}</h2>
      </div>
      <Answer query={visits} lines={3}>
        {(known) => {
          const longest = Math.max(...known.map(({ seconds }) => seconds), 1);
          return (
            <ol className="visits">
              {known.toReversed().map(({ stage, entered_at: at, left_at: left, seconds }) => (
                <li key={at + stage} className="visit">
                  <span className="visit-name">{stages.find(({ key }) => key === stage)?.name ?? stage}</span>
                  <span className="numeric">{left === null ? t`${duration(seconds)} so far` : duration(seconds)}</span>
                  <span className="visit-bar" aria-hidden="true">
                    <span style={{ width: `${Math.max((seconds / longest) * 100, 2)}%` }} />
                  </span>
                  <span className="muted">{left === null ? t`since ${formatDate(at)}` : `${formatDate(at)} – ${formatDate(left)}`}</span>
                </li>
              ))}
            </ol>
          );
        }}
      </Answer>
    </section>
  );
}
