import { useLingui } from "@lingui/react/macro";
import { useForm } from "react-hook-form";

import { useCreate } from "../../data";
import { type CreatePanelProps, FormPanel } from "../../forms";
import { ProjectFields } from "./ProjectFields";
import { type ProjectValues, inputOf, valuesOf } from "./values";


export default function CreateProject({ defaults, onClose, onCreated }: CreatePanelProps<"projects">) {
  const { t } = useLingui();
  const create = useCreate("projects");
  const form = useForm<ProjectValues>({ defaultValues: valuesOf(defaults) });
  const save = async (values: ProjectValues): Promise<void> => onCreated(await create.mutateAsync(inputOf(values)));
  return (
    <FormPanel title={t`New project`} form={form} action={t`Create project`} onSave={save} onClose={onClose}>
      <ProjectFields form={form} />
    </FormPanel>
  );
}
