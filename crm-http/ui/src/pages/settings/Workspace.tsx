import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useForm } from "react-hook-form";

import { type Schemas, isStale, cache, keys, service, useMe } from "../../data";
import { etagOf } from "../../data/service";
import { Field, Form } from "../../forms";
import { formatDateTimeIn } from "../../format";
import { Answer, Button, Select, toast } from "../../kit";
import { Part } from "./parts";

type Settings = Schemas["Settings"];

const FORM = "workspace";

/** The time zones to choose from, and the one that is chosen in any case. */
export const timeZones = (chosen: string): string[] => [...new Set(["UTC", chosen, ...Intl.supportedValuesOf("timeZone")])].sort((a, b) => a.localeCompare(b));

function TimeZone({ settings }: { settings: Settings }) {
  const { t } = useLingui();
  const form = useForm<{ time_zone: string }>({ values: { time_zone: settings.time_zone } });
  const chosen = form.watch("time_zone");
  const time = formatDateTimeIn(new Date(), chosen);
  const save = async (values: { time_zone: string }): Promise<void> => {
    try {
      cache.setQueryData<Settings>(keys.settings, await service().updateSettings(values, { ifMatch: etagOf(settings) }));
    } catch (error) {
      if (isStale(error)) await cache.invalidateQueries({ queryKey: keys.settings });
      throw error;
    }
    await cache.invalidateQueries({ queryKey: keys.analytics });
    toast(t`Time zone saved`, { tone: "success" });
  };
  return (
    <Form id={FORM} form={form} onSave={save}>
      <div className="settings-form">
        <Field form={form} name="time_zone">
          {(field) => <Select label={t`Time zone`} choices={timeZones(settings.time_zone).map((value) => ({ value, label: value.replaceAll("_", " ") }))} description={t`It is ${time} there now.`} {...field} />}
        </Field>
        <Button type="submit" variant="primary" disabled={!form.formState.isDirty} isBusy={form.formState.isSubmitting}>
          {t`Save`}
        </Button>
      </div>
    </Form>
  );
}

/** What the workspace decides for everyone in it. */
export function Workspace() {
  const { t } = useLingui();
  const { tenant } = useMe();
  const settings = useQuery({ queryKey: keys.settings, queryFn: ({ signal }) => service(signal).settings() });
  return (
    <>
      <Part title={t`Workspace`} about={t`Its name is given by whoever operates the server.`}>
        <dl className="facts">
          <dt>{t`Name`}</dt>
          <dd>{tenant.name}</dd>
          <dt>{t`Short name`}</dt>
          <dd>{tenant.slug}</dd>
        </dl>
      </Part>
      <Part title={t`Time zone`} about={t`Figures are kept by its days: when a day, a week or a month begins, and what is overdue. Times on your screen stay those of your own time zone.`}>
        <Answer query={settings} lines={2}>
          {(data) => <TimeZone settings={data} />}
        </Answer>
      </Part>
    </>
  );
}
