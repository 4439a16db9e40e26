import { useLingui } from "@lingui/react/macro";
import { useMemo } from "react";
import { useForm } from "react-hook-form";

import { type Project, patchOf, useEditing, useUpdate } from "../../data";
import { Form } from "../../forms";
import { Button, SidePanel, toast } from "../../kit";
import { ProjectFields } from "./ProjectFields";
import { type ProjectValues, inputOf, valuesOf } from "./values";

const FORM = "edit-project";

export default function EditProject({ project, onClose }: { project: Project; onClose(): void }) {
  const { t } = useLingui();
  const update = useUpdate("projects");
  const { base, newer, takeNewer } = useEditing("projects", project);
  const values = useMemo(() => valuesOf(base), [base]);
  const form = useForm<ProjectValues>({ values, resetOptions: { keepDirtyValues: true } });
  const save = async (edited: ProjectValues): Promise<void> => {
    const patch = patchOf<object>(base, inputOf(edited));
    if (Object.keys(patch).length > 0) {
      await update.mutateAsync({ record: base, patch });
      toast(t`${edited.name} saved`, { tone: "success" });
    }
    onClose();
  };
  return (
    <SidePanel
      title={t`Edit project`}
      onClose={onClose}
      isDirty={form.formState.isDirty}
      footer={
        <>
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" form={FORM} variant="primary" isBusy={form.formState.isSubmitting}>
            {t`Save`}
          </Button>
        </>
      }
    >
      {newer && (
        <p className="form-notice" role="status">
          {t`Somebody else has changed this project meanwhile.`}
          <Button size="small" onClick={takeNewer}>
            {t`Show the changes`}
          </Button>
        </p>
      )}
      <Form id={FORM} form={form} onSave={save}>
        <ProjectFields form={form} />
      </Form>
    </SidePanel>
  );
}
