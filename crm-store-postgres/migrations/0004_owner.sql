-- The role that runs adds to the log and does no more to it: it cannot change an event or take one out. What erasing
-- needs it asks for here. Both run as their owner, whom the policies bind, and do nothing without a tenant that is set.

-- Takes the values out of the events of a record that is no longer there, and says how many events it has.
CREATE FUNCTION blank(p_object text, p_record uuid) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    tenant uuid := NULLIF(current_setting('crm.tenant', true), '')::uuid;
    blanked bigint;
    there boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM __schema__.%I WHERE tenant_id = $1 AND id = $2)', p_object)
        INTO there USING tenant, p_record;
    IF there THEN
        RAISE EXCEPTION 'the events of a record keep their values as long as it is there' USING ERRCODE = '42501';
    END IF;
    UPDATE __schema__.events AS v SET changes = (
            SELECT coalesce(jsonb_agg(jsonb_build_object('field', c.change -> 'field', 'old', NULL, 'new', NULL)
                ORDER BY c.nth), '[]')
            FROM jsonb_array_elements(v.changes) WITH ORDINALITY AS c (change, nth))
        WHERE v.tenant_id = tenant AND v.object = p_object AND v.record_id = p_record;
    GET DIAGNOSTICS blanked = ROW_COUNT;
    RETURN blanked;
END
$body$;
REVOKE ALL ON FUNCTION blank(text, uuid) FROM PUBLIC;

-- Removes the whole log of a tenant, with what is counted, numbered and remembered.
CREATE FUNCTION forget() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    tenant uuid := NULLIF(current_setting('crm.tenant', true), '')::uuid;
BEGIN
    DELETE FROM __schema__.events WHERE tenant_id = tenant;
    DELETE FROM __schema__.counters WHERE tenant_id = tenant;
    DELETE FROM __schema__.once WHERE tenant_id = tenant;
    DELETE FROM __schema__.series WHERE tenant_id = tenant;
    DELETE FROM __schema__.heads WHERE tenant_id = tenant;
END
$body$;
REVOKE ALL ON FUNCTION forget() FROM PUBLIC;

-- Files the newest search texts in their index, which gathers them in a list first and would have a commit file them that
-- finds the list full.
CREATE FUNCTION tidy() RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    SELECT gin_clean_pending_list('__schema__.search_texts_body'::regclass)
$body$;
REVOKE ALL ON FUNCTION tidy() FROM PUBLIC;
