import { expect, test } from "vitest";

import { readConfig } from "./config";

/** A page as the server writes it. */
function page(config: unknown, base = "/"): Document {
  const made = new DOMParser().parseFromString(`<base href="https://host.example${base}"><script type="application/json" id="crm-config"></script>`, "text/html");
  const script = made.getElementById("crm-config");
  if (script) script.textContent = JSON.stringify(config);
  return made;
}

test("an empty config means the defaults", () => {
  expect(readConfig(page({}))).toEqual({
    name: "CRM", logo: null, links: [], signIn: "password", language: null, base: "", url: "https://host.example",
    pages: ["overview", "customers", "leads", "interactions", "tasks", "projects", "activity", "settings"],
  });
});

test("the mount is where the page's base says, without a slash at its end", () => {
  expect(readConfig(page({}, "/crm/"))).toMatchObject({ base: "/crm", url: "https://host.example/crm" });
  expect(readConfig(page({}, "/t/acme/crm/"))).toMatchObject({ base: "/t/acme/crm", url: "https://host.example/t/acme/crm" });
});

test("what the host decided is taken over", () => {
  const config = readConfig(page({ name: "Sales </script>", logo: "/logo.svg", language: "de", pages: ["leads", "tasks"], links: [{ label: "Back", href: "/" }], sign_in: { url: "/login" } }));
  expect(config).toMatchObject({ name: "Sales </script>", logo: "/logo.svg", language: "de", pages: ["leads", "tasks"], links: [{ label: "Back", href: "/" }], signIn: { url: "/login" } });
});

test("the host may sign people in itself, in its own way", () => {
  expect(readConfig(page({ sign_in: null })).signIn).toBeNull();
  expect(readConfig(page({ sign_in: "password" })).signIn).toBe("password");
  expect(readConfig(page({ sign_in: { address: 1 } })).signIn).toBe("password");
});

test("what is not of its kind is left out", () => {
  const config = readConfig(page({ name: 1, logo: {}, pages: ["leads", "secrets", 3, null], links: [null, "x", { label: "A" }, { label: "B", href: "/b" }], language: 7 }));
  expect(config).toMatchObject({ name: "CRM", logo: null, pages: ["leads"], links: [{ label: "B", href: "/b" }], language: null });
});

test("a page without a config is as by default", () => {
  expect(readConfig(new DOMParser().parseFromString('<base href="https://host.example/">', "text/html")).name).toBe("CRM");
});
