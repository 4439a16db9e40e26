import { useLingui } from "@lingui/react/macro";
import { useForm } from "react-hook-form";

import { type Customer, useCreate, useMe } from "../../data";
import { type CreatePanelProps, Form } from "../../forms";
import { Button, SidePanel } from "../../kit";
import { CustomerFields, type CustomerValues, Duplicates, inputOf, valuesOf } from "./CustomerFields";
import "./customers.css";

const FORM = "create-customer";

export default function CreateCustomer({ defaults, onClose, onCreated }: CreatePanelProps<"customers">) {
  const { t } = useLingui();
  const { user } = useMe();
  const create = useCreate("customers");
  const form = useForm<CustomerValues>({ defaultValues: valuesOf({ owner_id: user.id, ...(defaults as Partial<Customer>) }) });
  const save = async (values: CustomerValues): Promise<void> => onCreated(await create.mutateAsync(inputOf(values)));
  return (
    <SidePanel
      title={t`New customer`}
      onClose={onClose}
      isDirty={form.formState.isDirty}
      footer={
        <>
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" form={FORM} variant="primary" isBusy={form.formState.isSubmitting}>
            {t`Create`}
          </Button>
        </>
      }
    >
      <Form id={FORM} form={form} onSave={save}>
        <CustomerFields form={form} hint={<Duplicates form={form} />} />
      </Form>
    </SidePanel>
  );
}
