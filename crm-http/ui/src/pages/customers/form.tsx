import { useLingui } from "@lingui/react/macro";
import { useForm } from "react-hook-form";

import { type Customer, useCreate, useMe } from "../../data";
import { type CreatePanelProps, FormPanel } from "../../forms";
import { CustomerFields, type CustomerValues, Duplicates, inputOf, valuesOf } from "./CustomerFields";
import "./customers.css";


export default function CreateCustomer({ defaults, onClose, onCreated }: CreatePanelProps<"customers">) {
  const { t } = useLingui();
  const { user } = useMe();
  const create = useCreate("customers");
  const form = useForm<CustomerValues>({ defaultValues: valuesOf({ owner_id: user.id, ...(defaults as Partial<Customer>) }) });
  const save = async (values: CustomerValues): Promise<void> => onCreated(await create.mutateAsync(inputOf(values)));
  return (
    <FormPanel title={t`New customer`} form={form} action={t`Create`} onSave={save} onClose={onClose}>
      <CustomerFields form={form} hint={<Duplicates form={form} />} />
    </FormPanel>
  );
}
