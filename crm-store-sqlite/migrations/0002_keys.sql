-- API keys, and what was tried and not let happen.

CREATE TABLE api_keys (
    rid INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by BLOB,
    deleted_at INTEGER,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    expires_at INTEGER,
    secret_hash TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX api_keys_id ON api_keys (tenant_id, id);
CREATE INDEX api_keys_created_at ON api_keys (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX api_keys_updated_at ON api_keys (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX api_keys_name ON api_keys (tenant_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX api_keys_deleted ON api_keys (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE incidents (
    rid INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by BLOB,
    deleted_at INTEGER,
    kind TEXT NOT NULL,
    user_id BLOB,
    tried TEXT,
    address TEXT
) STRICT;
CREATE UNIQUE INDEX incidents_id ON incidents (tenant_id, id);
CREATE INDEX incidents_created_at ON incidents (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX incidents_updated_at ON incidents (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX incidents_deleted ON incidents (tenant_id, created_at, id) WHERE deleted_at IS NOT NULL;
