-- create a customer
SELECT id, version, created_at, updated_at, created_by, deleted_at, time_zone, rid FROM settings WHERE tenant_id = ? AND id = ?;
BEGIN IMMEDIATE;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
SELECT rid, version, deleted_at IS NULL FROM settings WHERE tenant_id = ? AND id = ?;
SELECT last_rid, last_number, filed_rid FROM series WHERE tenant_id = ? AND object = ?;
INSERT INTO customers (rid, tenant_id, search_text, id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO events (eid, tenant_id, seq, at, actor, actor_type, request_id, object, record_id, version, kind, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
SELECT value FROM counters WHERE tenant_id = ? AND name = ? AND key = ?;
INSERT INTO counters (tenant_id, name, key, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value;
UPDATE heads SET last_seq = ? WHERE tenant_no = ?;
INSERT INTO series (tenant_id, object, last_rid, last_number, filed_rid) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET last_rid = excluded.last_rid, last_number = excluded.last_number, filed_rid = excluded.filed_rid;
COMMIT;

-- create a customer whose external id is taken
BEGIN IMMEDIATE;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
SELECT rid, version, deleted_at IS NULL FROM settings WHERE tenant_id = ? AND id = ?;
SELECT last_rid, last_number, filed_rid FROM series WHERE tenant_id = ? AND object = ?;
INSERT INTO customers (rid, tenant_id, search_text, id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
SELECT rid, version, deleted_at IS NULL FROM customers WHERE tenant_id = ? AND id = ?;
SELECT 1 FROM customers WHERE tenant_id = ? AND external_id = ? AND deleted_at IS NULL AND id <> ?;
ROLLBACK;

-- update a customer
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key, rid FROM customers WHERE tenant_id = ? AND id = ?;
BEGIN IMMEDIATE;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
SELECT rid, version, deleted_at IS NULL FROM settings WHERE tenant_id = ? AND id = ?;
SELECT rid, version, deleted_at IS NULL FROM customers WHERE tenant_id = ? AND id = ?;
UPDATE customers SET version = ?, created_at = ?, updated_at = ?, created_by = ?, deleted_at = ?, company = ?, name = ?, email = ?, phone = ?, website = ?, address_line1 = ?, address_line2 = ?, city = ?, state = ?, postal_code = ?, country = ?, is_active = ?, owner_id = ?, external_id = ?, tags = ?, notes = ?, email_key = ?, phone_key = ?, search_text = coalesce(?, search_text) WHERE rid = ?;
SELECT last_rid, last_number, filed_rid FROM series WHERE tenant_id = ? AND object = ?;
INSERT INTO events (eid, tenant_id, seq, at, actor, actor_type, request_id, object, record_id, version, kind, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
UPDATE heads SET last_seq = ? WHERE tenant_no = ?;
COMMIT;

-- create a lead, once
SELECT id, version, created_at, updated_at, created_by, deleted_at, stages FROM pipelines NOT INDEXED WHERE rid = ? AND tenant_id = ? AND id = ?;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers NOT INDEXED WHERE rid = ? AND tenant_id = ? AND id = ?;
BEGIN IMMEDIATE;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
SELECT content, first_seq, last_seq, numbers FROM once WHERE tenant_id = ? AND key = ?;
SELECT rid, version, deleted_at IS NULL FROM settings WHERE tenant_id = ? AND id = ?;
SELECT rid, version, deleted_at IS NULL FROM pipelines WHERE tenant_id = ? AND id = ?;
SELECT last_rid, last_number, filed_rid FROM series WHERE tenant_id = ? AND object = ?;
INSERT INTO leads (rid, tenant_id, search_text, id, version, created_at, updated_at, created_by, deleted_at, number, company, name, email, phone, stage, source, notes, value_amount, value_currency, expected_close, owner_id, customer_id, external_id, tags, stage_entered_at, closed_at, journey, email_key, phone_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO events (eid, tenant_id, seq, at, actor, actor_type, request_id, object, record_id, version, kind, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
SELECT value FROM counters WHERE tenant_id = ? AND name = ? AND key = ?;
INSERT INTO counters (tenant_id, name, key, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value;
INSERT INTO once (tenant_id, key, content, first_seq, last_seq, numbers, at) VALUES (?, ?, ?, ?, ?, ?, ?);
UPDATE heads SET last_seq = ? WHERE tenant_no = ?;
INSERT INTO series (tenant_id, object, last_rid, last_number, filed_rid) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET last_rid = excluded.last_rid, last_number = excluded.last_number, filed_rid = excluded.filed_rid;
COMMIT;

-- create two leads in one batch
BEGIN IMMEDIATE;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
SELECT rid, version, deleted_at IS NULL FROM settings WHERE tenant_id = ? AND id = ?;
SELECT rid, version, deleted_at IS NULL FROM pipelines WHERE tenant_id = ? AND id = ?;
SELECT last_rid, last_number, filed_rid FROM series WHERE tenant_id = ? AND object = ?;
INSERT INTO leads (rid, tenant_id, search_text, id, version, created_at, updated_at, created_by, deleted_at, number, company, name, email, phone, stage, source, notes, value_amount, value_currency, expected_close, owner_id, customer_id, external_id, tags, stage_entered_at, closed_at, journey, email_key, phone_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO events (eid, tenant_id, seq, at, actor, actor_type, request_id, object, record_id, version, kind, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
SELECT value FROM counters WHERE tenant_id = ? AND name = ? AND key = ?;
INSERT INTO counters (tenant_id, name, key, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value;
UPDATE heads SET last_seq = ? WHERE tenant_no = ?;
INSERT INTO series (tenant_id, object, last_rid, last_number, filed_rid) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET last_rid = excluded.last_rid, last_number = excluded.last_number, filed_rid = excluded.filed_rid;
COMMIT;

-- create a contact
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers NOT INDEXED WHERE rid = ? AND tenant_id = ? AND id = ?;
BEGIN IMMEDIATE;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
SELECT last_rid, last_number, filed_rid FROM series WHERE tenant_id = ? AND object = ?;
INSERT INTO contacts (rid, tenant_id, search_text, id, version, created_at, updated_at, created_by, deleted_at, customer_id, name, title, email, phone, is_primary, email_key, phone_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO events (eid, tenant_id, seq, at, actor, actor_type, request_id, object, record_id, version, kind, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
SELECT value FROM counters WHERE tenant_id = ? AND name = ? AND key = ?;
INSERT INTO counters (tenant_id, name, key, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value;
UPDATE heads SET last_seq = ? WHERE tenant_no = ?;
INSERT INTO series (tenant_id, object, last_rid, last_number, filed_rid) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET last_rid = excluded.last_rid, last_number = excluded.last_number, filed_rid = excluded.filed_rid;
COMMIT;

-- create an interaction
SELECT id, version, created_at, updated_at, created_by, deleted_at, number, company, name, email, phone, stage, source, notes, value_amount, value_currency, expected_close, owner_id, customer_id, external_id, tags, stage_entered_at, closed_at, journey, email_key, phone_key, rid FROM leads WHERE tenant_id = ? AND id = ?;
BEGIN IMMEDIATE;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
SELECT rid, version, deleted_at IS NULL FROM settings WHERE tenant_id = ? AND id = ?;
SELECT last_rid, last_number, filed_rid FROM series WHERE tenant_id = ? AND object = ?;
INSERT INTO interactions (rid, tenant_id, search_text, id, version, created_at, updated_at, created_by, deleted_at, type, subject, description, occurred_at, customer_id, lead_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO events (eid, tenant_id, seq, at, actor, actor_type, request_id, object, record_id, version, kind, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
SELECT value FROM counters WHERE tenant_id = ? AND name = ? AND key = ?;
INSERT INTO counters (tenant_id, name, key, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value;
UPDATE heads SET last_seq = ? WHERE tenant_no = ?;
INSERT INTO series (tenant_id, object, last_rid, last_number, filed_rid) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET last_rid = excluded.last_rid, last_number = excluded.last_number, filed_rid = excluded.filed_rid;
COMMIT;

-- create a user
BEGIN IMMEDIATE;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
SELECT last_rid, last_number, filed_rid FROM series WHERE tenant_id = ? AND object = ?;
INSERT INTO users (rid, tenant_id, search_text, id, version, created_at, updated_at, created_by, deleted_at, email, name, role, is_active, email_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO events (eid, tenant_id, seq, at, actor, actor_type, request_id, object, record_id, version, kind, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
SELECT value FROM counters WHERE tenant_id = ? AND name = ? AND key = ?;
INSERT INTO counters (tenant_id, name, key, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value;
UPDATE heads SET last_seq = ? WHERE tenant_no = ?;
INSERT INTO series (tenant_id, object, last_rid, last_number, filed_rid) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET last_rid = excluded.last_rid, last_number = excluded.last_number, filed_rid = excluded.filed_rid;
COMMIT;
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, email, member_tenant_id, user_id, is_confirmed, invitation_hash, invited_until, email_key FROM memberships INDEXED BY memberships_unique_user_id WHERE tenant_id = ? AND deleted_at IS NULL AND user_id = ? ORDER BY created_at DESC, id DESC LIMIT ?;
ROLLBACK;
SELECT id, version, created_at, updated_at, created_by, deleted_at, slug, name, status, rid FROM tenants WHERE tenant_id = ? AND id = ?;
INSERT INTO memberships (rid, tenant_id, id, version, created_at, updated_at, created_by, deleted_at, email, member_tenant_id, user_id, is_confirmed, invitation_hash, invited_until, email_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- delete a lead
SELECT id, version, created_at, updated_at, created_by, deleted_at, number, company, name, email, phone, stage, source, notes, value_amount, value_currency, expected_close, owner_id, customer_id, external_id, tags, stage_entered_at, closed_at, journey, email_key, phone_key FROM leads NOT INDEXED WHERE rid = ? AND tenant_id = ? AND id = ?;
BEGIN IMMEDIATE;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
SELECT rid, version, deleted_at IS NULL FROM settings WHERE tenant_id = ? AND id = ?;
SELECT rid, version, deleted_at IS NULL FROM leads WHERE tenant_id = ? AND id = ?;
UPDATE leads SET version = ?, created_at = ?, updated_at = ?, created_by = ?, deleted_at = ?, number = ?, company = ?, name = ?, email = ?, phone = ?, stage = ?, source = ?, notes = ?, value_amount = ?, value_currency = ?, expected_close = ?, owner_id = ?, customer_id = ?, external_id = ?, tags = ?, stage_entered_at = ?, closed_at = ?, journey = ?, email_key = ?, phone_key = ?, search_text = coalesce(?, search_text) WHERE rid = ?;
INSERT INTO events (eid, tenant_id, seq, at, actor, actor_type, request_id, object, record_id, version, kind, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
SELECT value FROM counters WHERE tenant_id = ? AND name = ? AND key = ?;
INSERT INTO counters (tenant_id, name, key, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value;
DELETE FROM counters WHERE tenant_id = ? AND name = ? AND key = ?;
UPDATE heads SET last_seq = ? WHERE tenant_no = ?;
COMMIT;

-- erase a lead that is referred to
BEGIN IMMEDIATE;
PRAGMA secure_delete = ON;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
SELECT rid, version, deleted_at IS NULL FROM leads WHERE tenant_id = ? AND id = ?;
SELECT 1 FROM interactions WHERE tenant_id = ? AND lead_id = ? LIMIT 1;
PRAGMA secure_delete = FAST;
ROLLBACK;

-- erase an interaction
BEGIN IMMEDIATE;
PRAGMA secure_delete = ON;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
SELECT rid, version, deleted_at IS NULL FROM interactions WHERE tenant_id = ? AND id = ?;
DELETE FROM interactions WHERE rid = ?;
SELECT last_rid, last_number, filed_rid FROM series WHERE tenant_id = ? AND object = ?;
SELECT eid, changes FROM events WHERE tenant_id = ? AND object = ? AND record_id = ?;
UPDATE events SET changes = ? WHERE eid = ?;
INSERT INTO events (eid, tenant_id, seq, at, actor, actor_type, request_id, object, record_id, version, kind, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
PRAGMA secure_delete = FAST;
UPDATE heads SET last_seq = ? WHERE tenant_no = ?;
COMMIT;

-- erase the tenant
BEGIN IMMEDIATE;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
DELETE FROM customers_fts WHERE rowid BETWEEN ? AND ?;
DELETE FROM contacts_fts WHERE rowid BETWEEN ? AND ?;
DELETE FROM leads_fts WHERE rowid BETWEEN ? AND ?;
DELETE FROM interactions_fts WHERE rowid BETWEEN ? AND ?;
DELETE FROM projects_fts WHERE rowid BETWEEN ? AND ?;
DELETE FROM tasks_fts WHERE rowid BETWEEN ? AND ?;
DELETE FROM users_fts WHERE rowid BETWEEN ? AND ?;
PRAGMA secure_delete = ON;
DELETE FROM sessions WHERE tenant_id = ?;
DELETE FROM memberships WHERE tenant_id = ?;
DELETE FROM accounts WHERE tenant_id = ?;
DELETE FROM tenants WHERE tenant_id = ?;
DELETE FROM incidents WHERE tenant_id = ?;
DELETE FROM api_keys WHERE tenant_id = ?;
DELETE FROM tasks WHERE tenant_id = ?;
DELETE FROM projects WHERE tenant_id = ?;
DELETE FROM interactions WHERE tenant_id = ?;
DELETE FROM leads WHERE tenant_id = ?;
DELETE FROM contacts WHERE tenant_id = ?;
DELETE FROM customers WHERE tenant_id = ?;
DELETE FROM users WHERE tenant_id = ?;
DELETE FROM settings WHERE tenant_id = ?;
DELETE FROM pipelines WHERE tenant_id = ?;
DELETE FROM events WHERE tenant_id = ?;
DELETE FROM counters WHERE tenant_id = ?;
DELETE FROM once WHERE tenant_id = ?;
DELETE FROM series WHERE tenant_id = ?;
DELETE FROM heads WHERE tenant_id = ?;
PRAGMA secure_delete = FAST;
COMMIT;

-- take in a part of a tenant
BEGIN IMMEDIATE;
SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?;
INSERT INTO heads (tenant_id, last_seq) VALUES (?, 0) RETURNING tenant_no;
SELECT last_rid, last_number, filed_rid FROM series WHERE tenant_id = ? AND object = ?;
INSERT INTO customers (rid, tenant_id, search_text, id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO events (eid, tenant_id, seq, at, actor, actor_type, request_id, object, record_id, version, kind, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
SELECT value FROM counters WHERE tenant_id = ? AND name = ? AND key = ?;
INSERT INTO counters (tenant_id, name, key, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value;
UPDATE heads SET last_seq = ? WHERE tenant_no = ?;
INSERT INTO series (tenant_id, object, last_rid, last_number, filed_rid) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET last_rid = excluded.last_rid, last_number = excluded.last_number, filed_rid = excluded.filed_rid;
COMMIT;

