/** A reference to a record, chosen by typing; loaded when a form needs it. */

import { Suspense, lazy } from "react";

import { TextField } from "./fields";
import type { RecordFieldProps } from "./RecordComboBox";

const Loaded = lazy(() => import("./RecordComboBox"));

const nothing = (): void => undefined;

export function RecordField(props: RecordFieldProps) {
  return (
    <Suspense fallback={<TextField label={props.label} value="" onChange={nothing} isDisabled />}>
      <Loaded {...props} />
    </Suspense>
  );
}
