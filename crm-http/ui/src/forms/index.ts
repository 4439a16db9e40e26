export { type Bound, Field, Form } from "./Form";
export { type CreatableKind, type CreatePanelProps, type Defaults, openCreate } from "./registry";
