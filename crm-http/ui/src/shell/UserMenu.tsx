import { useLingui } from "@lingui/react/macro";
import { useLocation } from "wouter";

import { signOut, useMe } from "../data/session";
import { titleOf } from "../format";
import { reasonOf } from "../format/faults";
import { type Language, LANGUAGES, speak } from "../i18n";
import { Avatar, Menu, type MenuItem, toast } from "../kit";
import { type Theme, setTheme, useTheme } from "./preferences";

export function UserMenu() {
  const { t, i18n } = useLingui();
  const { user, tenant } = useMe();
  const [, navigate] = useLocation();
  const theme = useTheme();
  const name = titleOf(user);
  const leave = async (): Promise<void> => {
    try {
      await signOut();
      // Once nobody is signed in on screen either: until then that page leads away from itself.
      window.setTimeout(() => navigate("/sign-in"));
    } catch (error) {
      toast(reasonOf(error), { tone: "danger" });
    }
  };
  const themes: readonly [Theme, string][] = [["system", t`Like the system`], ["light", t`Light`], ["dark", t`Dark`]];
  const choice = (key: string, label: string, isChosen: boolean, section: string | undefined, act: () => void): MenuItem => ({
    id: key,
    label,
    isChosen,
    act,
    ...(section !== undefined && { section }),
  });
  const items: MenuItem[] = [
    ...themes.map(([key, label], index) => choice(key, label, theme === key, index === 0 ? t`Appearance` : undefined, () => setTheme(key))),
    ...LANGUAGES.map(({ key, name: label }, index) =>
      choice(key, label, i18n.locale === key, index === 0 ? t`Language` : undefined, () => void speak(key satisfies Language))),
    { id: "sign-out", label: t`Sign out`, icon: "signOut", section: tenant.name, act: () => void leave() },
  ];
  return (
    <Menu label={t`${name}: your menu`} items={items}>
      <Avatar name={name} size="small" />
      <span className="user-name">{name}</span>
    </Menu>
  );
}
