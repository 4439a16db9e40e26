import type { ButtonHTMLAttributes, Ref } from "react";

import { Icon, type IconName } from "./Icon";
import { classes } from "./classes";

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "className" | "style">;

export interface ButtonProps extends Native {
  variant?: "primary" | "secondary" | "ghost" | "danger";
  size?: "small" | "medium";
  icon?: IconName;
  /** Work that it began goes on: it says so, and cannot be pressed again. */
  isBusy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ variant = "secondary", size = "medium", icon, isBusy = false, type = "button", children, disabled, onClick, ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={classes("button", variant, size === "small" && "small")}
      disabled={disabled}
      aria-disabled={isBusy || undefined}
      aria-busy={isBusy || undefined}
      onClick={isBusy ? (event) => event.preventDefault() : onClick}
    >
      {isBusy ? <span className="spinner" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<Native, "aria-label"> {
  icon: IconName;
  /** What it does: its name and its tooltip. */
  label: string;
  ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ icon, label, type = "button", ...rest }: IconButtonProps) {
  return (
    <button {...rest} type={type} className="icon-button" aria-label={label} data-tooltip={label}>
      <Icon name={icon} />
    </button>
  );
}
