-- one of customers
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.id, t.version, t.created_at, t.updated_at, t.created_by, t.deleted_at, t.company, t.name, t.email, t.phone, t.website, t.address_line1, t.address_line2, t.city, t.state, t.postal_code, t.country, t.is_active, t.owner_id, t.external_id, t.tags, t.notes, t.email_key, t.phone_key FROM "crm".customers AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.id = $2 OFFSET 0) AS r;

-- one of contacts
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.id, t.version, t.created_at, t.updated_at, t.created_by, t.deleted_at, t.customer_id, t.name, t.title, t.email, t.phone, t.is_primary, t.email_key, t.phone_key FROM "crm".contacts AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.id = $2 OFFSET 0) AS r;

-- one of leads
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.id, t.version, t.created_at, t.updated_at, t.created_by, t.deleted_at, t.number, t.company, t.name, t.email, t.phone, t.stage, t.source, t.notes, t.value_amount, t.value_currency, t.expected_close, t.owner_id, t.customer_id, t.external_id, t.tags, t.stage_entered_at, t.closed_at, t.journey, t.email_key, t.phone_key FROM "crm".leads AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.id = $2 OFFSET 0) AS r;

-- one of interactions
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.id, t.version, t.created_at, t.updated_at, t.created_by, t.deleted_at, t.type, t.subject, t.description, t.occurred_at, t.customer_id, t.lead_id FROM "crm".interactions AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.id = $2 OFFSET 0) AS r;

-- one of projects
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.id, t.version, t.created_at, t.updated_at, t.created_by, t.deleted_at, t.name, t.status, t.customer_id, t.starts_on, t.due_on, t.budget_amount, t.budget_currency, t.description FROM "crm".projects AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.id = $2 OFFSET 0) AS r;

-- one of tasks
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.id, t.version, t.created_at, t.updated_at, t.created_by, t.deleted_at, t.title, t.status, t.priority, t.due_at, t.assignee_id, t.customer_id, t.lead_id, t.project_id, t.completed_at FROM "crm".tasks AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.id = $2 OFFSET 0) AS r;

-- one of pipelines
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.id, t.version, t.created_at, t.updated_at, t.created_by, t.deleted_at, t.stages FROM "crm".pipelines AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.id = $2 OFFSET 0) AS r;

-- one of settings
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.id, t.version, t.created_at, t.updated_at, t.created_by, t.deleted_at, t.time_zone FROM "crm".settings AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.id = $2 OFFSET 0) AS r;

-- one of users
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.id, t.version, t.created_at, t.updated_at, t.created_by, t.deleted_at, t.email, t.name, t.role, t.is_active, t.email_key FROM "crm".users AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.id = $2 OFFSET 0) AS r;

-- one of api_keys
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.id, t.version, t.created_at, t.updated_at, t.created_by, t.deleted_at, t.name, t.role, t.expires_at, t.secret_hash FROM "crm".api_keys AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.id = $2 OFFSET 0) AS r;

-- one of incidents
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.id, t.version, t.created_at, t.updated_at, t.created_by, t.deleted_at, t.kind, t.user_id, t.tried, t.address FROM "crm".incidents AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.id = $2 OFFSET 0) AS r;

-- one of tenants
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.id, t.version, t.created_at, t.updated_at, t.created_by, t.deleted_at, t.slug, t.name, t.status FROM "crm".tenants AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.id = $2 OFFSET 0) AS r;

-- one of accounts
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.id, t.version, t.created_at, t.updated_at, t.created_by, t.deleted_at, t.email, t.password_hash, t.is_vouched, t.email_key FROM "crm".accounts AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.id = $2 OFFSET 0) AS r;

-- one of memberships
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.id, t.version, t.created_at, t.updated_at, t.created_by, t.deleted_at, t.email, t.member_tenant_id, t.user_id, t.is_confirmed, t.invitation_hash, t.invited_until, t.email_key FROM "crm".memberships AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.id = $2 OFFSET 0) AS r;

-- one of sessions
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.id, t.version, t.created_at, t.updated_at, t.created_by, t.deleted_at, t.token_hash, t.account_id, t.session_tenant_id, t.user_id, t.expires_at FROM "crm".sessions AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.id = $2 OFFSET 0) AS r;

-- several customers
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.id, t.version, t.created_at, t.updated_at, t.created_by, t.deleted_at, t.company, t.name, t.email, t.phone, t.website, t.address_line1, t.address_line2, t.city, t.state, t.postal_code, t.country, t.is_active, t.owner_id, t.external_id, t.tags, t.notes, t.email_key, t.phone_key FROM "crm".customers AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.id = ANY ($2) OFFSET 0) AS r;

-- count
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT count(*) FROM "crm".leads AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.deleted_at IS NULL OFFSET 0) AS r;

-- count of a stage
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT count(*) FROM "crm".leads AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.deleted_at IS NULL AND t.stage = $2 OFFSET 0) AS r;

-- count of a search
-- within: SELECT record_id FROM "crm".search_texts WHERE tenant_id = $1 AND object = $2 AND filed AND body LIKE $3[1] UNION ALL SELECT record_id FROM "crm".search_texts WHERE tenant_id = $1 AND object = $2 AND NOT filed AND body LIKE $3[1] LIMIT $4;
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT f.id FROM "crm".found($2, $3, $4) AS f (id) WHERE e.tenant_id = $1 OFFSET 0) AS r;

-- head of the log
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT h.last_seq, t.name, t.key, t.value FROM "crm".heads AS h LEFT JOIN "crm".counters AS t ON t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.name = ANY ($2) AND t.value <> 0 WHERE h.tenant_id = $1 AND h.tenant_id = e.tenant_id ORDER BY t.name, t.key OFFSET 0) AS r;

-- counters
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT h.last_seq, t.name, t.key, t.value FROM "crm".heads AS h LEFT JOIN "crm".counters AS t ON t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.name = ANY ($2) AND t.value <> 0 WHERE h.tenant_id = $1 AND h.tenant_id = e.tenant_id ORDER BY t.name, t.key OFFSET 0) AS r;

-- counters of a period
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT h.last_seq, t.name, t.key, t.value FROM "crm".heads AS h LEFT JOIN "crm".counters AS t ON t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.name = ANY ($2) AND t.value <> 0 AND t.key >= $3 AND t.key < $4 WHERE h.tenant_id = $1 AND h.tenant_id = e.tenant_id ORDER BY t.name, t.key OFFSET 0) AS r;

-- events
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.seq, t.at, t.actor, t.actor_type, t.request_id, t.object, t.record_id, t.version, t.kind, t.changes FROM "crm".events AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.seq > $2 AND t.seq < $3 ORDER BY t.seq LIMIT $4 OFFSET 0) AS r;

-- events, newest first
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.seq, t.at, t.actor, t.actor_type, t.request_id, t.object, t.record_id, t.version, t.kind, t.changes FROM "crm".events AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.seq > $2 AND t.seq < $3 ORDER BY t.seq DESC LIMIT $4 OFFSET 0) AS r;

-- events of a record
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.seq, t.at, t.actor, t.actor_type, t.request_id, t.object, t.record_id, t.version, t.kind, t.changes FROM "crm".events AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.seq > $2 AND t.seq < $3 AND t.object = $4 AND t.record_id = $5 ORDER BY t.seq DESC LIMIT $6 OFFSET 0) AS r;

-- events of a kind by an actor
SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS tenant_id OFFSET 0) AS e CROSS JOIN LATERAL (SELECT t.seq, t.at, t.actor, t.actor_type, t.request_id, t.object, t.record_id, t.version, t.kind, t.changes FROM "crm".events AS t WHERE t.tenant_id = $1 AND t.tenant_id = e.tenant_id AND t.seq > $2 AND t.seq < $3 AND t.object = $4 AND t.actor = $5 ORDER BY t.seq LIMIT $6 OFFSET 0) AS r;

