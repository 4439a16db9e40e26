import { useLingui } from "@lingui/react/macro";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type APIKey, ProblemError, cache, keys, service, useCan, usePeople } from "../../data";
import { formatDateTime, titleOf } from "../../format";
import { useLabels } from "../../format/labels";
import { Answer, Badge, Button, ConfirmDialog, EmptyState, Icon, LoadMore, RelativeTime, toast } from "../../kit";
import { NewKeyPanel } from "./NewKeyPanel";
import { Part, useRefusal } from "./parts";

const useKeys = () =>
  useInfiniteQuery({
    queryKey: keys.apiKeys,
    queryFn: ({ pageParam, signal }) => service(signal).apiKeys({ sort: ["-created_at"], limit: 100, ...(pageParam !== null && { cursor: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });

function Revoke({ apiKey, onClose }: { apiKey: APIKey; onClose(): void }) {
  const { t } = useLingui();
  const refusal = useRefusal();
  const [isBusy, setBusy] = useState(false);
  const revoke = async (): Promise<void> => {
    setBusy(true);
    try {
      await service().revokeApiKey(apiKey.id);
      toast(t`“${apiKey.name}” is revoked`, { tone: "success" });
    } catch (error) {
      const isGone = error instanceof ProblemError && error.status === 404;
      if (!isGone) toast(refusal(error), { tone: "danger" });
    }
    onClose();
    await cache.invalidateQueries({ queryKey: keys.apiKeys });
  };
  return (
    <ConfirmDialog title={t`Revoke “${apiKey.name}”?`} action={t`Revoke`} isBusy={isBusy} onConfirm={() => void revoke()} onClose={onClose}>
      {t`Programs that use it are refused from this moment on. It cannot be brought back: they need a new key.`}
    </ConfirmDialog>
  );
}

function KeyRow({ apiKey, onRevoke }: { apiKey: APIKey; onRevoke(): void }) {
  const { t } = useLingui();
  const labels = useLabels();
  const people = usePeople();
  const can = useCan();
  const maker = apiKey.created_by === null ? undefined : people.get(apiKey.created_by);
  const isExpired = apiKey.expires_at !== null && apiKey.expires_at < new Date().toISOString();
  return (
    <tr className={isExpired ? "is-off" : undefined}>
      <td>
        <div className="person">
          <Icon name="key" />
          <span>
            <span>{apiKey.name}</span>
            <small>
              {maker && <>{titleOf(maker)} · </>}
              <RelativeTime time={apiKey.created_at} />
            </small>
          </span>
        </div>
      </td>
      <td>
        <Badge>{labels.value(apiKey.role)}</Badge>
      </td>
      <td>
        {apiKey.expires_at === null ? t`Never expires` : isExpired ? <Badge tone="warning">{t`Expired`}</Badge> : t`Until ${formatDateTime(apiKey.expires_at)}`}
      </td>
      <td>
        {can("delete:api_keys") && (
          <Button size="small" icon="trash" aria-label={t`Revoke “${apiKey.name}”`} onClick={onRevoke}>
            {t`Revoke`}
          </Button>
        )}
      </td>
    </tr>
  );
}

/** The keys by which programs come in. */
export function ApiKeys() {
  const { t } = useLingui();
  const can = useCan();
  const list = useKeys();
  const [isMaking, setMaking] = useState(false);
  const [revoked, setRevoked] = useState<APIKey | null>(null);
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  const create = can("create:api_keys") && (
    <Button icon="plus" variant="primary" onClick={() => setMaking(true)}>
      {t`New key`}
    </Button>
  );
  return (
    <>
      <Part title={t`API keys`} about={t`A program comes in with a key as its bearer token, and may do what the key's role permits. A key is shown once, when it is made.`} action={rows.length > 0 && create}>
        <Answer query={list}>
          {() =>
            rows.length === 0 ? (
              <EmptyState icon="key" title={t`No keys yet`} actions={create}>
                {t`Make one for each program, with the least role that it needs: one that is not needed any more can then be revoked by itself.`}
              </EmptyState>
            ) : (
              <table className="people-table">
                <thead>
                  <tr>
                    <th scope="col">{t`Key`}</th>
                    <th scope="col">{t`Role`}</th>
                    <th scope="col">{t`Expires`}</th>
                    <th scope="col">
                      <span className="visually-hidden">{t`Actions`}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((apiKey) => (
                    <KeyRow key={apiKey.id} apiKey={apiKey} onRevoke={() => setRevoked(apiKey)} />
                  ))}
                </tbody>
              </table>
            )
          }
        </Answer>
        <LoadMore hasMore={list.hasNextPage} isLoading={list.isFetchingNextPage} onLoad={() => void list.fetchNextPage()} />
      </Part>
      {isMaking && <NewKeyPanel onClose={() => setMaking(false)} />}
      {revoked && <Revoke apiKey={revoked} onClose={() => setRevoked(null)} />}
    </>
  );
}
