import { Suspense, lazy } from "react";
import { useRoute } from "wouter";

import { Loading } from "../../kit";
import { ProjectList } from "./ProjectList";
import "./projects.css";

const ProjectPage = lazy(() => import("./ProjectPage"));

/** The projects: as a list, and each by itself. */
export default function Projects() {
  const [isOne, params] = useRoute("/projects/:id");
  if (!isOne) return <ProjectList />;
  return (
    <Suspense fallback={<Loading lines={10} />}>
      <ProjectPage key={params.id} id={params.id} />
    </Suspense>
  );
}
