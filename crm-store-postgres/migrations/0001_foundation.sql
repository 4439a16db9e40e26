-- One table per kind of record, in the columns of its description; what keeps the store together comes first.
--
-- Every key begins with the tenant, so that no reference and no unique value reaches across tenants and the schema can
-- be distributed by tenant. Text is compared by code point. Indexes that lists walk have what is missing first, as
-- lists have, and end in the id, which makes their order total. Of several broken rules the one is told whose index or
-- key is made first: the id, then unique values, then references, each in the order of the description.

-- The tenants that exist, with the number of the last event of each. A commit takes this row first and holds it to its
-- end, which puts the commits of a tenant in one order.
CREATE TABLE heads (
    tenant_id uuid NOT NULL,
    last_seq bigint NOT NULL,
    CONSTRAINT heads_pkey PRIMARY KEY (tenant_id)
) WITH (fillfactor = 50);

-- The last numbers given to records (LED-001).
CREATE TABLE series (
    tenant_id uuid NOT NULL,
    object text COLLATE "C" NOT NULL,
    last_number bigint NOT NULL,
    CONSTRAINT series_pkey PRIMARY KEY (tenant_id, object)
) WITH (fillfactor = 50);

CREATE TABLE events (
    tenant_id uuid NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    actor text COLLATE "C" NOT NULL,
    actor_type text COLLATE "C" NOT NULL,
    request_id uuid,
    object text COLLATE "C" NOT NULL,
    record_id uuid NOT NULL,
    version bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    changes jsonb NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (tenant_id, seq)
);
CREATE INDEX events_record ON events (tenant_id, object, record_id, seq);

-- A counter that has come to nothing stays as 0 and is not read.
CREATE TABLE counters (
    tenant_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    value bigint NOT NULL,
    CONSTRAINT counters_pkey PRIMARY KEY (tenant_id, name, key)
) WITH (fillfactor = 50);

-- Batches that have their effect once: what was answered, to be answered again.
CREATE TABLE once (
    tenant_id uuid NOT NULL,
    key uuid NOT NULL,
    content uuid NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    numbers bigint[] NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT once_pkey PRIMARY KEY (tenant_id, key)
);

-- The normalized text of each record that search looks at. It is a table of its own because the operators of a text
-- index are not leakproof, and so reach no index behind a policy: a function that its owner owns asks the index.
CREATE TABLE search_texts (
    tenant_id uuid NOT NULL,
    object text COLLATE "C" NOT NULL,
    record_id uuid NOT NULL,
    body text COLLATE "C" NOT NULL,
    CONSTRAINT search_texts_pkey PRIMARY KEY (tenant_id, object, record_id)
);
CREATE INDEX search_texts_body ON search_texts USING gin (tenant_id, object, body gin_trgm_ops);

CREATE TABLE tenants (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    created_by uuid,
    deleted_at timestamptz,
    slug text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    CONSTRAINT tenants_pkey PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX tenants_unique_slug ON tenants (tenant_id, slug) WHERE deleted_at IS NULL AND slug IS NOT NULL;
CREATE INDEX tenants_created_at ON tenants (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tenants_updated_at ON tenants (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tenants_slug ON tenants (tenant_id, slug, id) WHERE deleted_at IS NULL;
CREATE INDEX tenants_name ON tenants (tenant_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX tenants_deleted ON tenants (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE accounts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    created_by uuid,
    deleted_at timestamptz,
    email text COLLATE "C" NOT NULL,
    password_hash text COLLATE "C" NOT NULL,
    email_key text COLLATE "C",
    CONSTRAINT accounts_pkey PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX accounts_unique_email_key ON accounts (tenant_id, email_key) WHERE deleted_at IS NULL AND email_key IS NOT NULL;
CREATE INDEX accounts_created_at ON accounts (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX accounts_updated_at ON accounts (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX accounts_deleted ON accounts (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE memberships (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    created_by uuid,
    deleted_at timestamptz,
    email text COLLATE "C" NOT NULL,
    member_tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    email_key text COLLATE "C",
    CONSTRAINT memberships_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT memberships_member_tenant_id_fkey FOREIGN KEY (tenant_id, member_tenant_id) REFERENCES tenants (tenant_id, id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX memberships_unique_user_id ON memberships (tenant_id, user_id) WHERE deleted_at IS NULL AND user_id IS NOT NULL;
CREATE INDEX memberships_created_at ON memberships (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX memberships_updated_at ON memberships (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX memberships_email_key ON memberships (tenant_id, email_key NULLS FIRST, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX memberships_member_tenant_id ON memberships (tenant_id, member_tenant_id, created_at, id);
CREATE INDEX memberships_deleted ON memberships (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE sessions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    created_by uuid,
    deleted_at timestamptz,
    token_hash text COLLATE "C" NOT NULL,
    account_id uuid NOT NULL,
    session_tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT sessions_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT sessions_session_tenant_id_fkey FOREIGN KEY (tenant_id, session_tenant_id) REFERENCES tenants (tenant_id, id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX sessions_unique_token_hash ON sessions (tenant_id, token_hash) WHERE deleted_at IS NULL AND token_hash IS NOT NULL;
CREATE INDEX sessions_created_at ON sessions (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX sessions_updated_at ON sessions (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX sessions_expires_at ON sessions (tenant_id, expires_at, id) WHERE deleted_at IS NULL;
CREATE INDEX sessions_account_id ON sessions (tenant_id, account_id, created_at, id);
CREATE INDEX sessions_session_tenant_id ON sessions (tenant_id, session_tenant_id, created_at, id);
CREATE INDEX sessions_deleted ON sessions (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE pipelines (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    created_by uuid,
    deleted_at timestamptz,
    stages jsonb NOT NULL,
    CONSTRAINT pipelines_pkey PRIMARY KEY (tenant_id, id)
);
CREATE INDEX pipelines_created_at ON pipelines (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX pipelines_updated_at ON pipelines (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX pipelines_deleted ON pipelines (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE settings (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    created_by uuid,
    deleted_at timestamptz,
    time_zone text COLLATE "C" NOT NULL,
    CONSTRAINT settings_pkey PRIMARY KEY (tenant_id, id)
);
CREATE INDEX settings_created_at ON settings (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX settings_updated_at ON settings (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX settings_deleted ON settings (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE users (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    created_by uuid,
    deleted_at timestamptz,
    email text COLLATE "C" NOT NULL,
    name text COLLATE "C",
    role text COLLATE "C" NOT NULL,
    is_active boolean NOT NULL,
    email_key text COLLATE "C",
    CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX users_unique_email_key ON users (tenant_id, email_key) WHERE deleted_at IS NULL AND email_key IS NOT NULL;
CREATE INDEX users_created_at ON users (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX users_updated_at ON users (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX users_name ON users (tenant_id, name NULLS FIRST, id) WHERE deleted_at IS NULL;
CREATE INDEX users_email_key ON users (tenant_id, email_key NULLS FIRST, id) WHERE deleted_at IS NULL;
CREATE INDEX users_deleted ON users (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE customers (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    created_by uuid,
    deleted_at timestamptz,
    company text COLLATE "C",
    name text COLLATE "C",
    email text COLLATE "C",
    phone text COLLATE "C",
    website text COLLATE "C",
    address_line1 text COLLATE "C",
    address_line2 text COLLATE "C",
    city text COLLATE "C",
    state text COLLATE "C",
    postal_code text COLLATE "C",
    country text COLLATE "C",
    is_active boolean NOT NULL,
    owner_id uuid,
    external_id text COLLATE "C",
    tags jsonb,
    notes text COLLATE "C",
    email_key text COLLATE "C",
    phone_key text COLLATE "C",
    CONSTRAINT customers_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT customers_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX customers_unique_external_id ON customers (tenant_id, external_id) WHERE deleted_at IS NULL AND external_id IS NOT NULL;
CREATE INDEX customers_created_at ON customers (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX customers_updated_at ON customers (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX customers_company ON customers (tenant_id, company NULLS FIRST, id) WHERE deleted_at IS NULL;
CREATE INDEX customers_name ON customers (tenant_id, name NULLS FIRST, id) WHERE deleted_at IS NULL;
CREATE INDEX customers_email_key ON customers (tenant_id, email_key NULLS FIRST, id) WHERE deleted_at IS NULL;
CREATE INDEX customers_phone_key ON customers (tenant_id, phone_key NULLS FIRST, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX customers_owner_id ON customers (tenant_id, owner_id, created_at, id) WHERE owner_id IS NOT NULL;
CREATE INDEX customers_deleted ON customers (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE contacts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    created_by uuid,
    deleted_at timestamptz,
    customer_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    title text COLLATE "C",
    email text COLLATE "C",
    phone text COLLATE "C",
    is_primary boolean NOT NULL,
    email_key text COLLATE "C",
    phone_key text COLLATE "C",
    CONSTRAINT contacts_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT contacts_customer_id_fkey FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX contacts_created_at ON contacts (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_updated_at ON contacts (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_name ON contacts (tenant_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_email_key ON contacts (tenant_id, email_key NULLS FIRST, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_customer_id ON contacts (tenant_id, customer_id, created_at, id);
CREATE INDEX contacts_deleted ON contacts (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE leads (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    created_by uuid,
    deleted_at timestamptz,
    number bigint,
    company text COLLATE "C",
    name text COLLATE "C",
    email text COLLATE "C",
    phone text COLLATE "C",
    stage text COLLATE "C" NOT NULL,
    source text COLLATE "C",
    notes text COLLATE "C",
    value_amount bigint,
    value_currency text COLLATE "C",
    expected_close date,
    owner_id uuid,
    customer_id uuid,
    external_id text COLLATE "C",
    tags jsonb,
    stage_entered_at timestamptz NOT NULL,
    closed_at timestamptz,
    journey text COLLATE "C",
    email_key text COLLATE "C",
    phone_key text COLLATE "C",
    CONSTRAINT leads_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT leads_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT leads_customer_id_fkey FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT leads_value_whole CHECK ((value_amount IS NULL) = (value_currency IS NULL))
);
CREATE UNIQUE INDEX leads_unique_external_id ON leads (tenant_id, external_id) WHERE deleted_at IS NULL AND external_id IS NOT NULL;
CREATE UNIQUE INDEX leads_number ON leads (tenant_id, number);
CREATE INDEX leads_created_at ON leads (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_updated_at ON leads (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_company ON leads (tenant_id, company NULLS FIRST, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_name ON leads (tenant_id, name NULLS FIRST, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_email_key ON leads (tenant_id, email_key NULLS FIRST, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_value_amount ON leads (tenant_id, value_amount NULLS FIRST, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_expected_close ON leads (tenant_id, expected_close NULLS FIRST, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_closed_at ON leads (tenant_id, closed_at NULLS FIRST, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_stage ON leads (tenant_id, stage, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_phone_key ON leads (tenant_id, phone_key NULLS FIRST, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_owner_id ON leads (tenant_id, owner_id, created_at, id) WHERE owner_id IS NOT NULL;
CREATE INDEX leads_customer_id ON leads (tenant_id, customer_id, created_at, id) WHERE customer_id IS NOT NULL;
CREATE INDEX leads_deleted ON leads (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE interactions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    created_by uuid,
    deleted_at timestamptz,
    type text COLLATE "C" NOT NULL,
    subject text COLLATE "C",
    description text COLLATE "C",
    occurred_at timestamptz NOT NULL,
    customer_id uuid,
    lead_id uuid,
    CONSTRAINT interactions_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT interactions_customer_id_fkey FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT interactions_lead_id_fkey FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX interactions_created_at ON interactions (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX interactions_updated_at ON interactions (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX interactions_occurred_at ON interactions (tenant_id, occurred_at, id) WHERE deleted_at IS NULL;
CREATE INDEX interactions_customer_id ON interactions (tenant_id, customer_id, occurred_at, id) WHERE customer_id IS NOT NULL;
CREATE INDEX interactions_lead_id ON interactions (tenant_id, lead_id, occurred_at, id) WHERE lead_id IS NOT NULL;
CREATE INDEX interactions_deleted ON interactions (tenant_id, occurred_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE projects (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    created_by uuid,
    deleted_at timestamptz,
    name text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    customer_id uuid,
    starts_on date,
    due_on date,
    budget_amount bigint,
    budget_currency text COLLATE "C",
    description text COLLATE "C",
    CONSTRAINT projects_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT projects_customer_id_fkey FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT projects_budget_whole CHECK ((budget_amount IS NULL) = (budget_currency IS NULL))
);
CREATE INDEX projects_created_at ON projects (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX projects_updated_at ON projects (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX projects_name ON projects (tenant_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX projects_starts_on ON projects (tenant_id, starts_on NULLS FIRST, id) WHERE deleted_at IS NULL;
CREATE INDEX projects_due_on ON projects (tenant_id, due_on NULLS FIRST, id) WHERE deleted_at IS NULL;
CREATE INDEX projects_status ON projects (tenant_id, status, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX projects_customer_id ON projects (tenant_id, customer_id, created_at, id) WHERE customer_id IS NOT NULL;
CREATE INDEX projects_deleted ON projects (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE tasks (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    created_by uuid,
    deleted_at timestamptz,
    title text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    priority text COLLATE "C" NOT NULL,
    due_at timestamptz,
    assignee_id uuid,
    customer_id uuid,
    lead_id uuid,
    project_id uuid,
    completed_at timestamptz,
    CONSTRAINT tasks_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT tasks_assignee_id_fkey FOREIGN KEY (tenant_id, assignee_id) REFERENCES users (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT tasks_customer_id_fkey FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT tasks_lead_id_fkey FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT tasks_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX tasks_created_at ON tasks (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_updated_at ON tasks (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_title ON tasks (tenant_id, title, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_due_at ON tasks (tenant_id, due_at NULLS FIRST, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_status ON tasks (tenant_id, status, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_assignee_id ON tasks (tenant_id, assignee_id, created_at, id) WHERE assignee_id IS NOT NULL;
CREATE INDEX tasks_customer_id ON tasks (tenant_id, customer_id, created_at, id) WHERE customer_id IS NOT NULL;
CREATE INDEX tasks_lead_id ON tasks (tenant_id, lead_id, created_at, id) WHERE lead_id IS NOT NULL;
CREATE INDEX tasks_project_id ON tasks (tenant_id, project_id, created_at, id) WHERE project_id IS NOT NULL;
CREATE INDEX tasks_deleted ON tasks (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

-- The records of a kind in whose text each of the patterns occurs, of the tenant that is set, at most so many. It reads
-- as its owner, whom the policy of search_texts does not bind unless the same role runs; so the tenant is taken from the
-- setting and from nowhere else, and without one nothing is found. The statement is planned for the patterns at hand;
-- never as a walk over the whole table, which is soon done where a pattern is common and goes over all other tenants.
CREATE FUNCTION found(p_object text, p_patterns text[], p_limit bigint) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1000
    SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $body$
DECLARE
    asked text := 'SELECT record_id FROM __schema__.search_texts WHERE tenant_id = $1 AND object = $2';
BEGIN
    FOR nth IN 1 .. cardinality(p_patterns) LOOP
        asked := asked || format(' AND body LIKE $3[%s]', nth);
    END LOOP;
    RETURN QUERY EXECUTE asked || ' LIMIT $4'
        USING NULLIF(current_setting('crm.tenant', true), '')::uuid, p_object, p_patterns, p_limit;
END
$body$;
REVOKE ALL ON FUNCTION found(text, text[], bigint) FROM PUBLIC;

-- The setting is cast, never the column, which would lose its index.
ALTER TABLE heads ENABLE ROW LEVEL SECURITY;
ALTER TABLE heads FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON heads
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE series ENABLE ROW LEVEL SECURITY;
ALTER TABLE series FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON series
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON events
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE counters ENABLE ROW LEVEL SECURITY;
ALTER TABLE counters FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON counters
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE once ENABLE ROW LEVEL SECURITY;
ALTER TABLE once FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON once
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE search_texts ENABLE ROW LEVEL SECURITY;
ALTER TABLE search_texts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON search_texts
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenants
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE accounts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON accounts
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
ALTER TABLE memberships FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON memberships
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sessions
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE pipelines ENABLE ROW LEVEL SECURITY;
ALTER TABLE pipelines FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON pipelines
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON users
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE customers FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON customers
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
ALTER TABLE contacts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON contacts
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE leads ENABLE ROW LEVEL SECURITY;
ALTER TABLE leads FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON leads
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE interactions ENABLE ROW LEVEL SECURITY;
ALTER TABLE interactions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON interactions
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE settings FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON settings
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE projects ENABLE ROW LEVEL SECURITY;
ALTER TABLE projects FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON projects
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE tasks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tasks
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
