import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";

import { keys, service, useCan, usePeople } from "../../data";
import { titleOf } from "../../format";
import { useLabels } from "../../format/labels";
import { Button, Select } from "../../kit";
import { type Filter, NOTHING, OBJECTS } from "./filter";

const ALL = "";

/** Everyone who may have done something: people, and keys that still work. */
function useActors(): readonly { value: string; label: string }[] {
  const { t } = useLingui();
  const can = useCan();
  const people = usePeople();
  const { data } = useQuery({
    queryKey: [...keys.apiKeys, "names"],
    queryFn: async ({ signal }) => (await service(signal).apiKeys({ limit: 200 })).data,
    enabled: can("read:api_keys"),
  });
  const users = [...people.values()].map((user) => ({ value: user.id, label: titleOf(user) })).sort((a, b) => a.label.localeCompare(b.label));
  return [...users, ...(data ?? []).map(({ id, name }) => ({ value: id, label: t`Key “${name}”` }))];
}

export function Filters({ filter, onFilter }: { filter: Filter; onFilter(filter: Filter): void }) {
  const { t } = useLingui();
  const labels = useLabels();
  const actors = useActors();
  const objects = OBJECTS.map((object) => ({ value: object as string, label: labels.kind(object) }));
  const isOther = filter.actor !== null && !actors.some(({ value }) => value === filter.actor);
  return (
    <div className="toolbar" role="group" aria-label={t`Filters`}>
      <Select
        label={t`Kind of record`}
        isLabelHidden
        value={filter.object ?? ALL}
        choices={[{ value: ALL, label: t`All kinds` }, ...objects]}
        onChange={(value) => onFilter({ ...filter, object: OBJECTS.find((object) => object === value) ?? null })}
      />
      <Select
        label={t`Done by`}
        isLabelHidden
        value={filter.actor ?? ALL}
        choices={[{ value: ALL, label: t`By anyone` }, ...actors, ...(isOther && filter.actor !== null ? [{ value: filter.actor, label: filter.actor }] : [])]}
        onChange={(value) => onFilter({ ...filter, actor: value === ALL ? null : value })}
      />
      {filter.record !== null && (
        <Button icon="close" onClick={() => onFilter({ ...filter, record: null })} aria-label={t`One record only: show all`}>
          {t`One record only`}
        </Button>
      )}
      {(filter.object ?? filter.actor ?? filter.record) !== null && (
        <Button variant="ghost" onClick={() => onFilter(NOTHING)}>
          {t`Clear`}
        </Button>
      )}
    </div>
  );
}
