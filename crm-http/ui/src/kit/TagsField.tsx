import { useLingui } from "@lingui/react/macro";
import { type KeyboardEvent, useId, useState } from "react";

import { announce } from "./announcer";
import { FieldFrame, type FieldProps, described } from "./fields";
import { Icon } from "./Icon";

/** Words, each ended by Enter or a comma; Backspace takes the last one out. */
export function TagsField(props: FieldProps<string[]>) {
  const { t } = useLingui();
  const { value, onChange, onBlur, isDisabled, name, ref } = props;
  const [text, setText] = useState("");
  const id = useId();

  const add = (): void => {
    const tag = text.trim();
    setText("");
    if (tag === "" || value.includes(tag)) return;
    onChange([...value, tag]);
    announce(t`${tag} added`);
  };
  const remove = (tag: string): void => {
    onChange(value.filter((other) => other !== tag));
    announce(t`${tag} removed`);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const last = value.at(-1);
    if ((event.key === "Enter" && text !== "") || event.key === ",") {
      event.preventDefault();
      add();
    } else if (event.key === "Backspace" && text === "" && last !== undefined) remove(last);
  };

  return (
    <FieldFrame {...props} id={id}>
      <div className="input tags-input">
        {value.map((tag) => (
          <span key={tag} className="badge">
            {tag}
            <button type="button" className="tag-remove" disabled={isDisabled} aria-label={t`Remove ${tag}`} onClick={() => remove(tag)}>
              <Icon name="close" size={12} />
            </button>
          </span>
        ))}
        <input
          {...described(id, props)}
          {...{ id, name, ref }}
          value={text}
          disabled={isDisabled}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          onBlur={() => {
            add();
            onBlur?.();
          }}
        />
      </div>
    </FieldFrame>
  );
}
