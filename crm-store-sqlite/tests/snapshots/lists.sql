-- newest first
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_created_at WHERE tenant_id = ? AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT ?;
ROLLBACK;

-- newest first, a later page
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_created_at WHERE tenant_id = ? AND deleted_at IS NULL AND (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?;
ROLLBACK;

-- by a key that can be null, ascending
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_company WHERE tenant_id = ? AND deleted_at IS NULL ORDER BY company ASC, id ASC LIMIT ?;
ROLLBACK;

-- by a key that can be null, ascending, after a value
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_company WHERE tenant_id = ? AND deleted_at IS NULL AND (company, id) > (?, ?) ORDER BY company ASC, id ASC LIMIT ?;
ROLLBACK;

-- by a key that can be null, ascending, after nothing
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_company WHERE tenant_id = ? AND deleted_at IS NULL AND company IS NULL AND id > ? ORDER BY company ASC, id ASC LIMIT ?;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_company WHERE tenant_id = ? AND deleted_at IS NULL AND company IS NOT NULL ORDER BY company ASC, id ASC LIMIT ?;
ROLLBACK;

-- by a key that can be null, descending
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_company WHERE tenant_id = ? AND deleted_at IS NULL ORDER BY company DESC, id DESC LIMIT ?;
ROLLBACK;

-- by a key that can be null, descending, after a value
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_company WHERE tenant_id = ? AND deleted_at IS NULL AND (company, id) < (?, ?) ORDER BY company DESC, id DESC LIMIT ?;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_company WHERE tenant_id = ? AND deleted_at IS NULL AND company IS NULL ORDER BY company DESC, id DESC LIMIT ?;
ROLLBACK;

-- by a key that can be null, descending, after nothing
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_company WHERE tenant_id = ? AND deleted_at IS NULL AND company IS NULL AND id < ? ORDER BY company DESC, id DESC LIMIT ?;
ROLLBACK;

-- by two keys in two directions, a later page
BEGIN;
SELECT count(*) FROM (SELECT 1 FROM leads INDEXED BY leads_value_amount WHERE tenant_id = ? AND deleted_at IS NULL AND value_amount = ? LIMIT ?);
SELECT id, version, created_at, updated_at, created_by, deleted_at, number, company, name, email, phone, stage, source, notes, value_amount, value_currency, expected_close, owner_id, customer_id, external_id, tags, stage_entered_at, closed_at, journey, email_key, phone_key FROM leads INDEXED BY leads_value_amount WHERE tenant_id = ? AND deleted_at IS NULL AND value_amount = ? AND (updated_at, id) > (?, ?) ORDER BY value_amount DESC, updated_at ASC, id ASC LIMIT ?;
SELECT id, version, created_at, updated_at, created_by, deleted_at, number, company, name, email, phone, stage, source, notes, value_amount, value_currency, expected_close, owner_id, customer_id, external_id, tags, stage_entered_at, closed_at, journey, email_key, phone_key FROM leads INDEXED BY leads_value_amount WHERE tenant_id = ? AND deleted_at IS NULL AND value_amount < ? ORDER BY value_amount DESC, updated_at ASC, id ASC LIMIT ?;
SELECT count(*) FROM (SELECT 1 FROM leads INDEXED BY leads_value_amount WHERE tenant_id = ? AND deleted_at IS NULL AND value_amount IS NULL LIMIT ?);
SELECT id, version, created_at, updated_at, created_by, deleted_at, number, company, name, email, phone, stage, source, notes, value_amount, value_currency, expected_close, owner_id, customer_id, external_id, tags, stage_entered_at, closed_at, journey, email_key, phone_key FROM leads INDEXED BY leads_value_amount WHERE tenant_id = ? AND deleted_at IS NULL AND value_amount IS NULL ORDER BY value_amount DESC, updated_at ASC, id ASC LIMIT ?;
ROLLBACK;

-- by number, a later page
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, number, company, name, email, phone, stage, source, notes, value_amount, value_currency, expected_close, owner_id, customer_id, external_id, tags, stage_entered_at, closed_at, journey, email_key, phone_key FROM leads INDEXED BY leads_number WHERE tenant_id = ? AND deleted_at IS NULL AND (number, id) > (?, ?) ORDER BY number ASC, id ASC LIMIT ?;
ROLLBACK;

-- everything by id, a later page
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_id WHERE tenant_id = ? AND id > ? ORDER BY id ASC LIMIT ?;
ROLLBACK;

-- deleted ones
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_deleted WHERE tenant_id = ? AND deleted_at IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT ?;
ROLLBACK;

-- live and deleted ones
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, type, subject, description, occurred_at, customer_id, lead_id FROM interactions INDEXED BY interactions_occurred_at WHERE tenant_id = ? AND deleted_at IS NULL ORDER BY occurred_at DESC, id DESC LIMIT ?;
SELECT id, version, created_at, updated_at, created_by, deleted_at, type, subject, description, occurred_at, customer_id, lead_id FROM interactions INDEXED BY interactions_deleted WHERE tenant_id = ? AND deleted_at IS NOT NULL ORDER BY occurred_at DESC, id DESC LIMIT ?;
ROLLBACK;

-- of a stage
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, number, company, name, email, phone, stage, source, notes, value_amount, value_currency, expected_close, owner_id, customer_id, external_id, tags, stage_entered_at, closed_at, journey, email_key, phone_key FROM leads INDEXED BY leads_stage WHERE tenant_id = ? AND deleted_at IS NULL AND stage = ? ORDER BY created_at DESC, id DESC LIMIT ?;
ROLLBACK;

-- of a stage, a later page
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, number, company, name, email, phone, stage, source, notes, value_amount, value_currency, expected_close, owner_id, customer_id, external_id, tags, stage_entered_at, closed_at, journey, email_key, phone_key FROM leads INDEXED BY leads_stage WHERE tenant_id = ? AND deleted_at IS NULL AND stage = ? AND (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?;
ROLLBACK;

-- of a customer
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, type, subject, description, occurred_at, customer_id, lead_id FROM interactions INDEXED BY interactions_customer_id WHERE tenant_id = ? AND deleted_at IS NULL AND customer_id = ? ORDER BY occurred_at DESC, id DESC LIMIT ?;
ROLLBACK;

-- by a unique value
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_unique_external_id WHERE tenant_id = ? AND deleted_at IS NULL AND external_id = ? ORDER BY created_at DESC, id DESC LIMIT ?;
ROLLBACK;

-- by several unique values
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_unique_external_id WHERE tenant_id = ? AND deleted_at IS NULL AND external_id IN (SELECT value FROM json_each(?)) ORDER BY created_at DESC, id DESC LIMIT ?;
ROLLBACK;

-- by an address
BEGIN;
SELECT count(*) FROM (SELECT 1 FROM customers INDEXED BY customers_email_key WHERE tenant_id = ? AND deleted_at IS NULL AND email_key = ? LIMIT ?);
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_email_key WHERE tenant_id = ? AND deleted_at IS NULL AND email_key = ? ORDER BY created_at DESC, id DESC LIMIT ?;
ROLLBACK;

-- by a phone number
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_phone_key WHERE tenant_id = ? AND deleted_at IS NULL AND phone_key = ? ORDER BY created_at DESC, id DESC LIMIT ?;
ROLLBACK;

-- by several ids
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_id WHERE tenant_id = ? AND deleted_at IS NULL AND id IN (SELECT unhex(value) FROM json_each(?)) ORDER BY created_at DESC, id DESC LIMIT ?;
ROLLBACK;

-- since a moment
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_created_at WHERE tenant_id = ? AND deleted_at IS NULL AND created_at >= ? ORDER BY created_at DESC, id DESC LIMIT ?;
ROLLBACK;

-- by a beginning
BEGIN;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_company WHERE tenant_id = ? AND deleted_at IS NULL AND (company >= ? AND company < ?) ORDER BY company ASC, id ASC LIMIT ?;
ROLLBACK;

-- by a nested filter
BEGIN;
SELECT tenant_no, last_rid, filed_rid FROM heads JOIN series USING (tenant_id) WHERE tenant_id = ? AND object = ?;
SELECT id, version, created_at, updated_at, created_by, deleted_at, number, company, name, email, phone, stage, source, notes, value_amount, value_currency, expected_close, owner_id, customer_id, external_id, tags, stage_entered_at, closed_at, journey, email_key, phone_key FROM leads INDEXED BY leads_created_at WHERE tenant_id = ? AND deleted_at IS NULL AND (stage = ? OR owner_id IS NULL) AND (value_amount < ?) IS NOT TRUE AND (instr(search_text, ?) > 0 AND instr(search_text, ?) > 0 AND ?) ORDER BY created_at DESC, id DESC LIMIT ?;
ROLLBACK;

-- search in a small tenant
BEGIN;
SELECT tenant_no, last_rid, filed_rid FROM heads JOIN series USING (tenant_id) WHERE tenant_id = ? AND object = ?;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_created_at WHERE tenant_id = ? AND deleted_at IS NULL AND (instr(search_text, ?) > 0 AND instr(search_text, ?) > 0 AND ?) ORDER BY created_at DESC, id DESC LIMIT ?;
ROLLBACK;

-- count
BEGIN;
SELECT count(*) FROM customers INDEXED BY customers_created_at WHERE tenant_id = ? AND deleted_at IS NULL;
ROLLBACK;

-- count of a stage
BEGIN;
SELECT count(*) FROM leads INDEXED BY leads_stage WHERE tenant_id = ? AND deleted_at IS NULL AND stage = ?;
ROLLBACK;

-- search in a large tenant
BEGIN;
SELECT tenant_no, last_rid, filed_rid FROM heads JOIN series USING (tenant_id) WHERE tenant_id = ? AND object = ?;
SELECT rowid FROM customers_fts WHERE customers_fts MATCH ? AND rowid BETWEEN ? AND ? LIMIT ?;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers NOT INDEXED WHERE rid IN (SELECT value FROM json_each(?)) AND tenant_id = ? AND deleted_at IS NULL AND (instr(search_text, ?) > 0 AND instr(search_text, ?) > 0 AND ?) ORDER BY created_at DESC, id DESC LIMIT ?;
ROLLBACK;

-- search in a large tenant, a later page
BEGIN;
SELECT tenant_no, last_rid, filed_rid FROM heads JOIN series USING (tenant_id) WHERE tenant_id = ? AND object = ?;
SELECT rowid FROM customers_fts WHERE customers_fts MATCH ? AND rowid BETWEEN ? AND ? LIMIT ?;
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers NOT INDEXED WHERE rid IN (SELECT value FROM json_each(?)) AND tenant_id = ? AND deleted_at IS NULL AND (instr(search_text, ?) > 0 AND instr(search_text, ?) > 0 AND ?) AND ((tenant_id = ? AND (company, id) < (?, ?)) OR (tenant_id = ? AND company IS NULL)) ORDER BY company DESC, id DESC LIMIT ?;
ROLLBACK;

-- count of a search in a large tenant
BEGIN;
SELECT tenant_no, last_rid, filed_rid FROM heads JOIN series USING (tenant_id) WHERE tenant_id = ? AND object = ?;
SELECT count(*) FROM customers NOT INDEXED WHERE rid IN (SELECT * FROM (SELECT rowid FROM customers_fts WHERE customers_fts MATCH ? AND rowid BETWEEN ? AND ? LIMIT ?) UNION ALL SELECT rid FROM customers NOT INDEXED WHERE rid BETWEEN ? AND ?) AND tenant_id = ? AND deleted_at IS NULL AND (instr(search_text, ?) > 0 AND instr(search_text, ?) > 0 AND ?);
ROLLBACK;

-- search in a large tenant for what many have
BEGIN;
SELECT tenant_no, last_rid, filed_rid FROM heads JOIN series USING (tenant_id) WHERE tenant_id = ? AND object = ?;
SELECT rowid FROM customers_fts WHERE customers_fts MATCH ? AND rowid BETWEEN ? AND ? LIMIT ?;
SELECT count(*) FROM customers NOT INDEXED WHERE rid IN (SELECT value FROM json_each(?)) AND tenant_id = ? AND (instr(search_text, ?) > 0 AND ?);
SELECT id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes, email_key, phone_key FROM customers INDEXED BY customers_created_at WHERE tenant_id = ? AND deleted_at IS NULL AND within_budget(rid) AND (instr(search_text, ?) > 0 AND ?) ORDER BY created_at DESC, id DESC LIMIT ?;
ROLLBACK;

