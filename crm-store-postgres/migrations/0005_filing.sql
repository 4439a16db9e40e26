-- New texts stay outside of the text index until they are filed in it, beside the commits: a text has dozens of trigrams,
-- and to index them took a commit longer than all the rest of it. Until then search looks at each of them. Whoever says
-- nothing has a text filed at once.
ALTER TABLE search_texts ADD COLUMN filed boolean NOT NULL DEFAULT true;
DROP INDEX search_texts_body;
CREATE INDEX search_texts_body ON search_texts USING gin (tenant_id, object, body gin_trgm_ops) WHERE filed;
CREATE INDEX search_texts_unfiled ON search_texts (tenant_id, object, record_id) WHERE NOT filed;

-- As before, among the texts that are filed and those that are not.
CREATE OR REPLACE FUNCTION found(p_object text, p_patterns text[], p_limit bigint) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1000
    SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $body$
DECLARE
    own text := 'SELECT record_id FROM __schema__.search_texts WHERE tenant_id = $1 AND object = $2 AND ';
    matching text := '';
BEGIN
    FOR nth IN 1 .. cardinality(p_patterns) LOOP
        matching := matching || format(' AND body LIKE $3[%s]', nth);
    END LOOP;
    RETURN QUERY EXECUTE own || 'filed' || matching || ' UNION ALL ' || own || 'NOT filed' || matching || ' LIMIT $4'
        USING NULLIF(current_setting('crm.tenant', true), '')::uuid, p_object, p_patterns, p_limit;
END
$body$;
