import { useLingui } from "@lingui/react/macro";

import type { Customer } from "../../data";
import { EditPanel } from "../../forms";
import { titleOf } from "../../format";
import { CustomerFields, inputOf, valuesOf } from "./CustomerFields";

export default function EditCustomer({ customer, onClose }: { customer: Customer; onClose(): void }) {
  const { t } = useLingui();
  return (
    <EditPanel kind="customers" record={customer} title={t`Edit ${titleOf(customer)}`} valuesOf={valuesOf} inputOf={inputOf} said={() => t`Saved`} onClose={onClose}>
      {(form) => <CustomerFields form={form} />}
    </EditPanel>
  );
}
