import { act } from "react";
import { useForm } from "react-hook-form";
import { expect, test } from "vitest";

import { ProblemError } from "../data";
import { Yielded } from "../data/changing";
import { TextField } from "../kit";
import { render, until } from "../testing";
import { Field, Form } from "./Form";

interface Values {
  company: string;
  email: string;
  value: string;
}

/** A form whose saving ends as it is told; gives what is said where after it was submitted. */
async function submitted(failure: Error | null) {
  const saved: Values[] = [];
  function Example() {
    const form = useForm<Values>({ defaultValues: { company: "Ada", email: "x", value: "1" } });
    const save = async (values: Values): Promise<void> => {
      saved.push(values);
      if (failure) throw failure;
    };
    return (
      <Form id="example" form={form} onSave={save}>
        <Field form={form} name="company" rules={{ required: "needed" }}>{(field) => <TextField label="Company" {...field} />}</Field>
        <Field form={form} name="email">{(field) => <TextField label="E-mail" {...field} />}</Field>
        <Field form={form} name="value">{(field) => <TextField label="Value" {...field} />}</Field>
      </Form>
    );
  }
  const shown = await render(<Example />);
  const submit = (): Promise<void> => act(async () => shown.element.querySelector("form")?.requestSubmit());
  await submit();
  const at = (name: string): string | undefined => shown.element.querySelector(`input[name=${name}]`)?.closest(".field")?.querySelector(".field-error")?.textContent.trim();
  const top = (): string[] => [...shown.element.querySelectorAll(".form-faults li")].map((item) => item.textContent);
  return { ...shown, saved, at, top, submit };
}

const refused = (errors: { pointer?: string; code: string; detail: string }[], detail = "the input breaks a rule"): ProblemError => new ProblemError(422, "invalid", detail, errors, "r", null);

test("what the service refuses is said at the field that it is about", async () => {
  const form = await submitted(refused([{ pointer: "/email", code: "invalid_email", detail: "must be an e-mail address" }, { pointer: "/value/amount", code: "out_of_range", detail: "is too much" }]));
  await until(() => form.at("email") !== undefined);
  expect(form.at("email")).toBe("Must be an e-mail address such as ada@example.com");
  expect(form.at("value")).toBe("Is too much");
  expect(form.at("company")).toBeUndefined();
  expect(form.top()).toEqual([]);
  const input = form.element.querySelector("input[name=email]");
  expect(document.activeElement).toBe(input);
  expect(input?.getAttribute("aria-invalid")).toBe("true");
  expect(form.element.querySelector(`[id="${input?.getAttribute("aria-describedby")}"]`)?.textContent).toContain("Must be");
  await form.unmount();
});

test("what is about no field is said at the top, with what it is about", async () => {
  const form = await submitted(refused([{ pointer: "/external_id", code: "duplicate", detail: "is taken" }, { code: "rule", detail: "one of them is needed" }]));
  await until(() => form.top().length > 0);
  expect(form.top()).toEqual(["External id: is taken by another record", "one of them is needed"]);
  await form.unmount();
});

test("a refusal without faults is said at the top", async () => {
  const form = await submitted(refused([], "your role does not permit it"));
  await until(() => form.top().length > 0);
  expect(form.top()).toEqual(["your role does not permit it"]);
  await form.unmount();
});

test("a server that cannot be reached loses nothing that was entered", async () => {
  const form = await submitted(new TypeError("failed to fetch"));
  await until(() => form.top().length > 0);
  expect(form.top()[0]).toContain("cannot be reached");
  expect(form.element.querySelector<HTMLInputElement>("input[name=company]")?.value).toBe("Ada");
  await form.unmount();
});

test("giving way in a conflict is no error", async () => {
  const form = await submitted(new Yielded());
  await until(() => form.saved.length === 1);
  expect(form.top()).toEqual([]);
  await form.unmount();
});

test("faults of before are gone when it is saved again", async () => {
  const form = await submitted(refused([], "no"));
  await until(() => form.top().length === 1);
  await form.submit();
  expect(form.saved).toHaveLength(2);
  await form.unmount();
});
