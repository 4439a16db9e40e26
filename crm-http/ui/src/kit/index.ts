/** The parts that pages are made of. */

export { announce, toast } from "./announcer";
export { Button, type ButtonProps, IconButton } from "./Button";
export { classes } from "./classes";
export { ConfirmDialog, Dialog, SidePanel } from "./Dialog";
export { Avatar, Badge, RelativeTime, Skeleton, type Tone } from "./display";
export { Checkbox, type Choice, DateField, FieldFrame, type FieldProps, MoneyField, Select, TextArea, TextField } from "./fields";
export { Icon, type IconName } from "./Icon";
export { LoadMore } from "./LoadMore";
export { Menu, type MenuItem } from "./Menu";
export { RecordField } from "./RecordField";
export { Answer, EmptyState, ErrorState, Forbidden, Loading } from "./states";
export { Tabs } from "./Tabs";
