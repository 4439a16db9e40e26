-- API keys, and what was tried and not let happen.

CREATE TABLE api_keys (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    created_by uuid,
    deleted_at timestamptz,
    name text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    expires_at timestamptz,
    secret_hash text COLLATE "C" NOT NULL,
    CONSTRAINT api_keys_pkey PRIMARY KEY (tenant_id, id)
);
CREATE INDEX api_keys_created_at ON api_keys (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX api_keys_updated_at ON api_keys (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX api_keys_name ON api_keys (tenant_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX api_keys_deleted ON api_keys (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON api_keys
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);

CREATE TABLE incidents (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    created_by uuid,
    deleted_at timestamptz,
    kind text COLLATE "C" NOT NULL,
    user_id uuid,
    tried text COLLATE "C",
    address text COLLATE "C",
    CONSTRAINT incidents_pkey PRIMARY KEY (tenant_id, id)
);
CREATE INDEX incidents_created_at ON incidents (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX incidents_updated_at ON incidents (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX incidents_deleted ON incidents (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;
ALTER TABLE incidents ENABLE ROW LEVEL SECURITY;
ALTER TABLE incidents FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON incidents
    USING (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('crm.tenant', true), '')::uuid);
