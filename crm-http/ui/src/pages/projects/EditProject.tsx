import { useLingui } from "@lingui/react/macro";

import type { Project } from "../../data";
import { EditPanel } from "../../forms";
import { ProjectFields } from "./ProjectFields";
import { inputOf, valuesOf } from "./values";

export default function EditProject({ project, onClose }: { project: Project; onClose(): void }) {
  const { t } = useLingui();
  return (
    <EditPanel kind="projects" record={project} title={t`Edit project`} valuesOf={valuesOf} inputOf={inputOf} said={({ name }) => t`${name} saved`} onClose={onClose}>
      {(form) => <ProjectFields form={form} />}
    </EditPanel>
  );
}
