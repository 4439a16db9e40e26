import { useLingui } from "@lingui/react/macro";
import { useForm } from "react-hook-form";

import { useCreate } from "../../data";
import { type CreatePanelProps, Form } from "../../forms";
import { Button, SidePanel } from "../../kit";
import { ProjectFields } from "./ProjectFields";
import { type ProjectValues, inputOf, valuesOf } from "./values";

const FORM = "create-project";

export default function CreateProject({ defaults, onClose, onCreated }: CreatePanelProps<"projects">) {
  const { t } = useLingui();
  const create = useCreate("projects");
  const form = useForm<ProjectValues>({ defaultValues: valuesOf(defaults) });
  const save = async (values: ProjectValues): Promise<void> => onCreated(await create.mutateAsync(inputOf(values)));
  return (
    <SidePanel
      title={t`New project`}
      onClose={onClose}
      isDirty={form.formState.isDirty}
      footer={
        <>
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" form={FORM} variant="primary" isBusy={form.formState.isSubmitting}>
            {t`Create project`}
          </Button>
        </>
      }
    >
      <Form id={FORM} form={form} onSave={save}>
        <ProjectFields form={form} />
      </Form>
    </SidePanel>
  );
}
