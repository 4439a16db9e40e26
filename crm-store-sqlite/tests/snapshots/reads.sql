-- one of customers
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key, rid FROM customers WHERE tenant_id = ? AND id = ?;

-- one of contacts
SELECT id, version, created_at, updated_at, created_by, deleted_at, customer_id, name, title, email, phone, is_primary, email_key, phone_key, rid FROM contacts WHERE tenant_id = ? AND id = ?;

-- one of leads
SELECT id, version, created_at, updated_at, created_by, deleted_at, number, company, name, email, phone, stage, source, notes, value_amount, value_currency, expected_close, owner_id, customer_id, external_id, tags, stage_entered_at, closed_at, journey, email_key, phone_key, rid FROM leads WHERE tenant_id = ? AND id = ?;

-- one of interactions
SELECT id, version, created_at, updated_at, created_by, deleted_at, type, subject, description, occurred_at, customer_id, lead_id, rid FROM interactions WHERE tenant_id = ? AND id = ?;

-- one of projects
SELECT id, version, created_at, updated_at, created_by, deleted_at, name, status, customer_id, starts_on, due_on, budget_amount, budget_currency, description, rid FROM projects WHERE tenant_id = ? AND id = ?;

-- one of tasks
SELECT id, version, created_at, updated_at, created_by, deleted_at, title, status, priority, due_at, assignee_id, customer_id, lead_id, project_id, completed_at, rid FROM tasks WHERE tenant_id = ? AND id = ?;

-- one of pipelines
SELECT id, version, created_at, updated_at, created_by, deleted_at, stages, rid FROM pipelines WHERE tenant_id = ? AND id = ?;

-- one of settings
SELECT id, version, created_at, updated_at, created_by, deleted_at, time_zone, rid FROM settings WHERE tenant_id = ? AND id = ?;

-- one of users
SELECT id, version, created_at, updated_at, created_by, deleted_at, email, name, role, is_active, email_key, rid FROM users WHERE tenant_id = ? AND id = ?;

-- one of api_keys
SELECT id, version, created_at, updated_at, created_by, deleted_at, name, role, expires_at, secret_hash, rid FROM api_keys WHERE tenant_id = ? AND id = ?;

-- one of incidents
SELECT id, version, created_at, updated_at, created_by, deleted_at, kind, user_id, tried, address, rid FROM incidents WHERE tenant_id = ? AND id = ?;

-- one of tenants
SELECT id, version, created_at, updated_at, created_by, deleted_at, slug, name, status, rid FROM tenants WHERE tenant_id = ? AND id = ?;

-- one of accounts
SELECT id, version, created_at, updated_at, created_by, deleted_at, email, password_hash, is_vouched, email_key, rid FROM accounts WHERE tenant_id = ? AND id = ?;

-- one of memberships
SELECT id, version, created_at, updated_at, created_by, deleted_at, email, member_tenant_id, user_id, is_confirmed, invitation_hash, invited_until, email_key, rid FROM memberships WHERE tenant_id = ? AND id = ?;

-- one of sessions
SELECT id, version, created_at, updated_at, created_by, deleted_at, token_hash, account_id, session_tenant_id, user_id, expires_at, rid FROM sessions WHERE tenant_id = ? AND id = ?;

-- several customers
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key, rid FROM customers WHERE tenant_id = ? AND id = ?;
ROLLBACK;

-- one of customers, where it was
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers NOT INDEXED WHERE rid = ? AND tenant_id = ? AND id = ?;

-- head of the log
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;

-- counters
BEGIN;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
SELECT key, value FROM counters WHERE tenant_id = ? AND name = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?;
ROLLBACK;

-- events
BEGIN;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
SELECT seq, at, actor, actor_type, request_id, object, record_id, version, kind, changes FROM events NOT INDEXED WHERE eid > ? AND eid < ? AND tenant_id = ? ORDER BY eid ASC LIMIT ?;
ROLLBACK;

-- events, newest first
BEGIN;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
SELECT seq, at, actor, actor_type, request_id, object, record_id, version, kind, changes FROM events NOT INDEXED WHERE eid > ? AND eid < ? AND tenant_id = ? ORDER BY eid DESC LIMIT ?;
ROLLBACK;

-- events of a record
BEGIN;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
SELECT seq, at, actor, actor_type, request_id, object, record_id, version, kind, changes FROM events WHERE tenant_id = ? AND object = ? AND record_id = ? AND seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?;
ROLLBACK;

-- events of a kind by an actor
BEGIN;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
SELECT seq, at, actor, actor_type, request_id, object, record_id, version, kind, changes FROM events NOT INDEXED WHERE eid > ? AND eid < ? AND tenant_id = ? AND object = ? AND actor = ? ORDER BY eid ASC LIMIT ?;
ROLLBACK;

