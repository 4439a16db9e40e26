-- One table per kind of record, in the columns of its description; what keeps the store together comes first.
--
-- A row's rid is its tenant's number in the upper half and a number of its own in the lower, so that a tenant's rows,
-- events and search entries each lie side by side. Moments are microseconds since 1970 in UTC, ids 16 bytes, days and
-- structures text. Indexes that lists walk end in the id, which makes their order total.

-- The tenants that exist, with the number of the last event of each. Numbers are never given twice.
CREATE TABLE heads (
    tenant_no INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id BLOB NOT NULL UNIQUE,
    last_seq INTEGER NOT NULL
) STRICT;

-- The last numbers given to records: the lower half of a rid, and the number that people see (LED-001).
CREATE TABLE series (
    tenant_id BLOB NOT NULL,
    object TEXT NOT NULL,
    last_rid INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, object)
) STRICT, WITHOUT ROWID;

-- The log. eid is to events what rid is to records, its lower half being seq.
CREATE TABLE events (
    eid INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    seq INTEGER NOT NULL CHECK (seq = (eid & 4294967295)),
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    actor_type TEXT NOT NULL,
    request_id BLOB,
    object TEXT NOT NULL,
    record_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    changes TEXT NOT NULL
) STRICT;
CREATE INDEX events_record ON events (tenant_id, object, record_id, seq);

CREATE TABLE counters (
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    value INTEGER NOT NULL CHECK (value <> 0),
    PRIMARY KEY (tenant_id, name, key)
) STRICT, WITHOUT ROWID;

-- Batches that have their effect once: what was answered, to be answered again.
CREATE TABLE once (
    tenant_id BLOB NOT NULL,
    key BLOB NOT NULL,
    content BLOB NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    numbers TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (
    rid INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by BLOB,
    deleted_at INTEGER,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX tenants_id ON tenants (tenant_id, id);
CREATE INDEX tenants_created_at ON tenants (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tenants_updated_at ON tenants (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tenants_slug ON tenants (tenant_id, slug, id) WHERE deleted_at IS NULL;
CREATE INDEX tenants_name ON tenants (tenant_id, name, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX tenants_unique_slug ON tenants (tenant_id, slug) WHERE deleted_at IS NULL AND slug IS NOT NULL;
CREATE INDEX tenants_deleted ON tenants (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE accounts (
    rid INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by BLOB,
    deleted_at INTEGER,
    email TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    email_key TEXT
) STRICT;
CREATE UNIQUE INDEX accounts_id ON accounts (tenant_id, id);
CREATE INDEX accounts_created_at ON accounts (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX accounts_updated_at ON accounts (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX accounts_unique_email_key ON accounts (tenant_id, email_key) WHERE deleted_at IS NULL AND email_key IS NOT NULL;
CREATE INDEX accounts_deleted ON accounts (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE memberships (
    rid INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by BLOB,
    deleted_at INTEGER,
    email TEXT NOT NULL,
    member_tenant_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    email_key TEXT,
    FOREIGN KEY (tenant_id, member_tenant_id) REFERENCES tenants (tenant_id, id) ON DELETE RESTRICT
) STRICT;
CREATE UNIQUE INDEX memberships_id ON memberships (tenant_id, id);
CREATE INDEX memberships_created_at ON memberships (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX memberships_updated_at ON memberships (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX memberships_email_key ON memberships (tenant_id, email_key, created_at, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX memberships_unique_user_id ON memberships (tenant_id, user_id) WHERE deleted_at IS NULL AND user_id IS NOT NULL;
CREATE INDEX memberships_member_tenant_id ON memberships (tenant_id, member_tenant_id, created_at, id);
CREATE INDEX memberships_deleted ON memberships (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE sessions (
    rid INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by BLOB,
    deleted_at INTEGER,
    token_hash TEXT NOT NULL,
    account_id BLOB NOT NULL,
    session_tenant_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, session_tenant_id) REFERENCES tenants (tenant_id, id) ON DELETE RESTRICT
) STRICT;
CREATE UNIQUE INDEX sessions_id ON sessions (tenant_id, id);
CREATE INDEX sessions_created_at ON sessions (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX sessions_updated_at ON sessions (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX sessions_expires_at ON sessions (tenant_id, expires_at, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX sessions_unique_token_hash ON sessions (tenant_id, token_hash) WHERE deleted_at IS NULL AND token_hash IS NOT NULL;
CREATE INDEX sessions_account_id ON sessions (tenant_id, account_id, created_at, id);
CREATE INDEX sessions_session_tenant_id ON sessions (tenant_id, session_tenant_id, created_at, id);
CREATE INDEX sessions_deleted ON sessions (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE pipelines (
    rid INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by BLOB,
    deleted_at INTEGER,
    stages TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX pipelines_id ON pipelines (tenant_id, id);
CREATE INDEX pipelines_created_at ON pipelines (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX pipelines_updated_at ON pipelines (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX pipelines_deleted ON pipelines (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE settings (
    rid INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by BLOB,
    deleted_at INTEGER,
    time_zone TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX settings_id ON settings (tenant_id, id);
CREATE INDEX settings_created_at ON settings (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX settings_updated_at ON settings (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX settings_deleted ON settings (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE users (
    rid INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by BLOB,
    deleted_at INTEGER,
    search_text TEXT NOT NULL,
    email TEXT NOT NULL,
    name TEXT,
    role TEXT NOT NULL,
    is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    email_key TEXT
) STRICT;
CREATE UNIQUE INDEX users_id ON users (tenant_id, id);
CREATE INDEX users_created_at ON users (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX users_updated_at ON users (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX users_name ON users (tenant_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX users_email_key ON users (tenant_id, email_key, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX users_unique_email_key ON users (tenant_id, email_key) WHERE deleted_at IS NULL AND email_key IS NOT NULL;
CREATE INDEX users_deleted ON users (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE VIRTUAL TABLE users_fts USING fts5(t, content='', contentless_delete=1, detail=none, tokenize='trigram case_sensitive 1');
INSERT INTO users_fts (users_fts, rank) VALUES ('automerge', 8), ('crisismerge', 64);

CREATE TABLE customers (
    rid INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by BLOB,
    deleted_at INTEGER,
    search_text TEXT NOT NULL,
    company TEXT,
    name TEXT,
    email TEXT,
    phone TEXT,
    website TEXT,
    address_line1 TEXT,
    address_line2 TEXT,
    city TEXT,
    state TEXT,
    postal_code TEXT,
    country TEXT,
    is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    owner_id BLOB,
    external_id TEXT,
    tags TEXT,
    notes TEXT,
    email_key TEXT,
    phone_key TEXT,
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id) ON DELETE RESTRICT
) STRICT;
CREATE UNIQUE INDEX customers_id ON customers (tenant_id, id);
CREATE INDEX customers_created_at ON customers (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX customers_updated_at ON customers (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX customers_company ON customers (tenant_id, company, id) WHERE deleted_at IS NULL;
CREATE INDEX customers_name ON customers (tenant_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX customers_email_key ON customers (tenant_id, email_key, id) WHERE deleted_at IS NULL;
CREATE INDEX customers_phone_key ON customers (tenant_id, phone_key, created_at, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX customers_unique_external_id ON customers (tenant_id, external_id) WHERE deleted_at IS NULL AND external_id IS NOT NULL;
CREATE INDEX customers_owner_id ON customers (tenant_id, owner_id, created_at, id) WHERE owner_id IS NOT NULL;
CREATE INDEX customers_deleted ON customers (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE VIRTUAL TABLE customers_fts USING fts5(t, content='', contentless_delete=1, detail=none, tokenize='trigram case_sensitive 1');
INSERT INTO customers_fts (customers_fts, rank) VALUES ('automerge', 8), ('crisismerge', 64);

CREATE TABLE contacts (
    rid INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by BLOB,
    deleted_at INTEGER,
    search_text TEXT NOT NULL,
    customer_id BLOB NOT NULL,
    name TEXT NOT NULL,
    title TEXT,
    email TEXT,
    phone TEXT,
    is_primary INTEGER NOT NULL CHECK (is_primary IN (0, 1)),
    email_key TEXT,
    phone_key TEXT,
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT
) STRICT;
CREATE UNIQUE INDEX contacts_id ON contacts (tenant_id, id);
CREATE INDEX contacts_created_at ON contacts (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_updated_at ON contacts (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_name ON contacts (tenant_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_email_key ON contacts (tenant_id, email_key, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_customer_id ON contacts (tenant_id, customer_id, created_at, id);
CREATE INDEX contacts_deleted ON contacts (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE VIRTUAL TABLE contacts_fts USING fts5(t, content='', contentless_delete=1, detail=none, tokenize='trigram case_sensitive 1');
INSERT INTO contacts_fts (contacts_fts, rank) VALUES ('automerge', 8), ('crisismerge', 64);

CREATE TABLE leads (
    rid INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by BLOB,
    deleted_at INTEGER,
    number INTEGER,
    search_text TEXT NOT NULL,
    company TEXT,
    name TEXT,
    email TEXT,
    phone TEXT,
    stage TEXT NOT NULL,
    source TEXT,
    notes TEXT,
    value_amount INTEGER,
    value_currency TEXT,
    expected_close TEXT,
    owner_id BLOB,
    customer_id BLOB,
    external_id TEXT,
    tags TEXT,
    stage_entered_at INTEGER NOT NULL,
    closed_at INTEGER,
    journey TEXT,
    email_key TEXT,
    phone_key TEXT,
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    CHECK ((value_amount IS NULL) = (value_currency IS NULL))
) STRICT;
CREATE UNIQUE INDEX leads_id ON leads (tenant_id, id);
CREATE UNIQUE INDEX leads_number ON leads (tenant_id, number);
CREATE INDEX leads_created_at ON leads (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_updated_at ON leads (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_company ON leads (tenant_id, company, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_name ON leads (tenant_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_email_key ON leads (tenant_id, email_key, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_value_amount ON leads (tenant_id, value_amount, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_expected_close ON leads (tenant_id, expected_close, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_closed_at ON leads (tenant_id, closed_at, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_stage ON leads (tenant_id, stage, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_phone_key ON leads (tenant_id, phone_key, created_at, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX leads_unique_external_id ON leads (tenant_id, external_id) WHERE deleted_at IS NULL AND external_id IS NOT NULL;
CREATE INDEX leads_owner_id ON leads (tenant_id, owner_id, created_at, id) WHERE owner_id IS NOT NULL;
CREATE INDEX leads_customer_id ON leads (tenant_id, customer_id, created_at, id) WHERE customer_id IS NOT NULL;
CREATE INDEX leads_deleted ON leads (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE VIRTUAL TABLE leads_fts USING fts5(t, content='', contentless_delete=1, detail=none, tokenize='trigram case_sensitive 1');
INSERT INTO leads_fts (leads_fts, rank) VALUES ('automerge', 8), ('crisismerge', 64);

CREATE TABLE interactions (
    rid INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by BLOB,
    deleted_at INTEGER,
    search_text TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT,
    description TEXT,
    occurred_at INTEGER NOT NULL,
    customer_id BLOB,
    lead_id BLOB,
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE RESTRICT
) STRICT;
CREATE UNIQUE INDEX interactions_id ON interactions (tenant_id, id);
CREATE INDEX interactions_created_at ON interactions (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX interactions_updated_at ON interactions (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX interactions_occurred_at ON interactions (tenant_id, occurred_at, id) WHERE deleted_at IS NULL;
CREATE INDEX interactions_customer_id ON interactions (tenant_id, customer_id, occurred_at, id) WHERE customer_id IS NOT NULL;
CREATE INDEX interactions_lead_id ON interactions (tenant_id, lead_id, occurred_at, id) WHERE lead_id IS NOT NULL;
CREATE INDEX interactions_deleted ON interactions (tenant_id, occurred_at, id) WHERE deleted_at IS NOT NULL;
CREATE VIRTUAL TABLE interactions_fts USING fts5(t, content='', contentless_delete=1, detail=none, tokenize='trigram case_sensitive 1');
INSERT INTO interactions_fts (interactions_fts, rank) VALUES ('automerge', 8), ('crisismerge', 64);

CREATE TABLE projects (
    rid INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by BLOB,
    deleted_at INTEGER,
    search_text TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    customer_id BLOB,
    starts_on TEXT,
    due_on TEXT,
    budget_amount INTEGER,
    budget_currency TEXT,
    description TEXT,
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    CHECK ((budget_amount IS NULL) = (budget_currency IS NULL))
) STRICT;
CREATE UNIQUE INDEX projects_id ON projects (tenant_id, id);
CREATE INDEX projects_created_at ON projects (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX projects_updated_at ON projects (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX projects_name ON projects (tenant_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX projects_starts_on ON projects (tenant_id, starts_on, id) WHERE deleted_at IS NULL;
CREATE INDEX projects_due_on ON projects (tenant_id, due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX projects_status ON projects (tenant_id, status, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX projects_customer_id ON projects (tenant_id, customer_id, created_at, id) WHERE customer_id IS NOT NULL;
CREATE INDEX projects_deleted ON projects (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE VIRTUAL TABLE projects_fts USING fts5(t, content='', contentless_delete=1, detail=none, tokenize='trigram case_sensitive 1');
INSERT INTO projects_fts (projects_fts, rank) VALUES ('automerge', 8), ('crisismerge', 64);

CREATE TABLE tasks (
    rid INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by BLOB,
    deleted_at INTEGER,
    search_text TEXT NOT NULL,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    priority TEXT NOT NULL,
    due_at INTEGER,
    assignee_id BLOB,
    customer_id BLOB,
    lead_id BLOB,
    project_id BLOB,
    completed_at INTEGER,
    FOREIGN KEY (tenant_id, assignee_id) REFERENCES users (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id) ON DELETE RESTRICT
) STRICT;
CREATE UNIQUE INDEX tasks_id ON tasks (tenant_id, id);
CREATE INDEX tasks_created_at ON tasks (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_updated_at ON tasks (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_title ON tasks (tenant_id, title, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_due_at ON tasks (tenant_id, due_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_status ON tasks (tenant_id, status, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_assignee_id ON tasks (tenant_id, assignee_id, created_at, id) WHERE assignee_id IS NOT NULL;
CREATE INDEX tasks_customer_id ON tasks (tenant_id, customer_id, created_at, id) WHERE customer_id IS NOT NULL;
CREATE INDEX tasks_lead_id ON tasks (tenant_id, lead_id, created_at, id) WHERE lead_id IS NOT NULL;
CREATE INDEX tasks_project_id ON tasks (tenant_id, project_id, created_at, id) WHERE project_id IS NOT NULL;
CREATE INDEX tasks_deleted ON tasks (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE VIRTUAL TABLE tasks_fts USING fts5(t, content='', contentless_delete=1, detail=none, tokenize='trigram case_sensitive 1');
INSERT INTO tasks_fts (tasks_fts, rank) VALUES ('automerge', 8), ('crisismerge', 64);
