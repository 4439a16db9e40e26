import { useLingui } from "@lingui/react/macro";
import { useId, useMemo, useRef, useState } from "react";

import { Button } from "./Button";
import { Checkbox } from "./fields";
import { place } from "./place";

interface Choosable {
  id: string;
  header: string;
}

/** Which columns are shown, remembered in this browser under a name. */
export function useColumns<C extends Choosable>(name: string, all: readonly C[], usual: readonly string[]) {
  const stored = `crm-columns-${name}`;
  const [chosen, setChosen] = useState<readonly string[]>(() => {
    const written = localStorage.getItem(stored)?.split(",").filter((id) => all.some((column) => column.id === id)) ?? [];
    return written.length > 0 ? written : usual;
  });
  const choose = (ids: readonly string[]): void => {
    setChosen(ids);
    localStorage.setItem(stored, ids.join(","));
  };
  // The same array as long as nothing changes, or every row of a table would be made again.
  const columns = useMemo(() => all.filter((column) => chosen.includes(column.id)), [all, chosen]);
  return { columns, chosen, choose };
}

export function ColumnChooser({ all, chosen, onChoose }: { all: readonly Choosable[]; chosen: readonly string[]; onChoose(ids: readonly string[]): void }) {
  const { t } = useLingui();
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const id = useId();
  return (
    <>
      <Button
        ref={button}
        icon="columns"
        variant="ghost"
        popoverTarget={id}
      >
        {t`Columns`}
      </Button>
      <div
        ref={popover}
        id={id}
        popover="auto"
        className="menu column-chooser"
        role="group"
        aria-label={t`Columns`}
        onToggle={(event) => event.newState === "open" && popover.current && button.current && place(popover.current, button.current)}
      >
        {all.map((column) => (
          <Checkbox
            key={column.id}
            label={column.header}
            value={chosen.includes(column.id)}
            isDisabled={chosen.length === 1 && chosen.includes(column.id)}
            onChange={(isShown) => onChoose(isShown ? [...chosen, column.id] : chosen.filter((other) => other !== column.id))}
          />
        ))}
      </div>
    </>
  );
}
