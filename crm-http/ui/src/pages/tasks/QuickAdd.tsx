import { useLingui } from "@lingui/react/macro";
import { type FormEvent, type Ref, useState } from "react";

import { type InputOf, ProblemError, useCreate } from "../../data";
import { reasonOf } from "../../format/faults";
import { Icon, announce } from "../../kit";

/** A line that makes a task of what is typed. */
export function QuickAdd({ defaults, ref }: { defaults: Omit<InputOf<"tasks">, "title">; ref?: Ref<HTMLInputElement> }) {
  const { t } = useLingui();
  const create = useCreate("tasks");
  const [title, setTitle] = useState("");
  const [error, setError] = useState<string | null>(null);
  const add = (event: FormEvent): void => {
    event.preventDefault();
    const written = title.trim();
    if (written === "" || create.isPending) return;
    setError(null);
    create.mutate(
      { ...defaults, title: written },
      {
        onSuccess: () => {
          setTitle("");
          announce(t`Added: ${written}`);
        },
        onError: (refused) => setError(refused instanceof ProblemError ? reasonOf(refused) : t`The server cannot be reached. What you typed is still here.`),
      },
    );
  };
  return (
    <form className="quick-add" onSubmit={add}>
      <Icon name="plus" />
      <input
        ref={ref}
        className="quick-add-input"
        aria-label={t`Add a task`}
        aria-invalid={error !== null || undefined}
        placeholder={t`Add a task and press Enter`}
        autoComplete="off"
        maxLength={300}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      {title.trim() !== "" && (
        <button type="submit" className="button small primary" aria-busy={create.isPending || undefined}>
          {t`Add`}
        </button>
      )}
      {error !== null && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </form>
  );
}
