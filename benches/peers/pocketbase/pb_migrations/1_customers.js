/// <reference path="../pb_data/types.d.ts" />

// Customers that belong to a tenant, and users of one tenant each who may see and make those of theirs.
migrate((app) => {
  const tenants = new Collection({ type: "base", name: "tenants", fields: [{ type: "text", name: "slug", required: true }] });
  app.save(tenants);

  const users = app.findCollectionByNameOrId("users");
  users.fields.add(new RelationField({ name: "tenant", collectionId: tenants.id, maxSelect: 1 }));
  app.save(users);

  const texts = [
    "company", "name", "phone", "address_line1", "address_line2", "city", "state", "postal_code", "country",
    "external_id", "notes",
  ];
  const own = "@request.auth.id != '' && tenant = @request.auth.tenant";
  app.save(new Collection({
    type: "base",
    name: "customers",
    listRule: own,
    viewRule: own,
    createRule: own,
    updateRule: own,
    deleteRule: own,
    fields: [
      { type: "relation", name: "tenant", collectionId: tenants.id, maxSelect: 1, required: true },
      ...texts.map((name) => ({ type: "text", name })),
      { type: "email", name: "email" },
      { type: "url", name: "website" },
      { type: "bool", name: "is_active" },
      { type: "relation", name: "owner", collectionId: users.id, maxSelect: 1 },
      { type: "json", name: "tags" },
      { type: "autodate", name: "created", onCreate: true },
      { type: "autodate", name: "updated", onCreate: true, onUpdate: true },
    ],
    // The second one is what lists use: the rule becomes a comparison of `coalesce(tenant, '')`, which no index on the
    // tenant serves.
    indexes: [
      "CREATE INDEX customers_by_tenant ON customers (tenant, created, id)",
      "CREATE INDEX customers_by_time ON customers (created)",
    ],
  }));
});
