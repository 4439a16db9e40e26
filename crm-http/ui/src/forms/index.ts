export { EditPanel } from "./EditPanel";
export { type Bound, Field, Form } from "./Form";
export { FormPanel } from "./FormPanel";
export { type CreatableKind, type CreatePanelProps, type Defaults, openCreate } from "./registry";
