//! What must hold of a schema and a role before a store runs on them. Each refusal says the SQL that mends it.

use sqlx::{AssertSqlSafe, PgConnection, Row, postgres::PgRow};

use crate::{OpenError, SCHEMA, migrations, name::SchemaName};

/// As the catalog shows the one policy.
pub(crate) const POLICY: &str =
    "(tenant_id = (NULLIF(current_setting('crm.tenant'::text, true), ''::text))::uuid)";

/// A function that runs as its owner, where policies may not bind it.
struct AsOwner {
    name: &'static str,
    arguments: &'static str,
    /// Where it looks, and how.
    settings: &'static [&'static str],
}

const PATH: &str = "search_path=pg_catalog, pg_temp";

/// All there are.
const AS_OWNER: [AsOwner; 4] = [
    AsOwner {
        name: "found",
        arguments: "p_object text, p_patterns text[], p_limit bigint",
        settings: &[PATH, "enable_seqscan=off"],
    },
    AsOwner { name: "blank", arguments: "p_object text, p_record uuid", settings: &[PATH] },
    AsOwner { name: "forget", arguments: "", settings: &[PATH] },
    AsOwner { name: "tidy", arguments: "", settings: &[PATH] },
];

/// A role's name that needs no thought about quoting, in quotes.
pub(crate) fn plain_role(role: &str) -> Result<String, OpenError> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    if role.is_empty() || role.len() > 63 || !role.chars().all(plain) {
        return Err(OpenError::RoleName(role.to_owned()));
    }
    Ok(format!("\"{role}\""))
}

/// Refuses a schema or a role that would not keep tenants apart. Every look is one message without parameters, which
/// costs one round trip, and which a pooler passes on as it is.
pub(crate) async fn validate(connection: &mut PgConnection, schema: &SchemaName) -> Result<(), OpenError> {
    let role = role(connection, schema).await?;
    let (found, name) = (migrations::version(connection, schema).await?, schema.bare().to_owned());
    if found != SCHEMA {
        let mend = match found {
            0 => "run the migrations as the role that owns",
            _ if found < SCHEMA => "run the migrations as the role that owns, then start again",
            _ => "use a newer version of the program",
        };
        return Err(OpenError::Version { schema: name, found, needed: SCHEMA, mend });
    }
    tables(connection, schema, &role).await?;
    functions(connection, schema, &role).await
}

pub(crate) async fn look(connection: &mut PgConnection, sql: &str) -> Result<Vec<PgRow>, OpenError> {
    Ok(sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await?)
}

/// Refuses a database that cannot hold every text.
pub(crate) async fn encoding(connection: &mut PgConnection) -> Result<(), OpenError> {
    let sql = "SELECT current_database()::text, current_setting('server_encoding')";
    for row in look(connection, sql).await? {
        encoded(row.try_get(0)?, row.try_get(1)?)?;
    }
    Ok(())
}

fn encoded(database: String, encoding: String) -> Result<(), OpenError> {
    match encoding.as_str() {
        "UTF8" => Ok(()),
        _ => Err(OpenError::Encoding { database, encoding }),
    }
}

/// The role that runs, which no policy must fail to bind, in a database and a schema that it can use.
async fn role(connection: &mut PgConnection, schema: &SchemaName) -> Result<String, OpenError> {
    let sql = format!(
        "SELECT r.rolname::text, r.rolsuper, r.rolbypassrls, current_setting('row_security') = 'on', \
         current_database()::text, current_setting('server_encoding'), \
         coalesce(has_schema_privilege(n.oid, 'USAGE'), false) \
         FROM pg_roles AS r LEFT JOIN pg_namespace AS n ON n.nspname = '{}' WHERE r.rolname = current_user",
        schema.bare()
    );
    let rows = look(connection, &sql).await?;
    let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
    let role: String = row.try_get(0)?;
    let (superuser, bypasses, bound): (bool, bool, bool) =
        (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
    let (database, encoding, usable): (String, String, bool) =
        (row.try_get(4)?, row.try_get(5)?, row.try_get(6)?);
    encoded(database.clone(), encoding)?;
    let refused = |what: &str, option: &str| OpenError::Unsafe {
        what: format!("role `{role}` {what}, so that no policy binds it"),
        mend: format!("ALTER ROLE \"{role}\" {option}; or connect as another role"),
    };
    match (superuser, bypasses) {
        (true, _) => return Err(refused("is a superuser", "NOSUPERUSER")),
        (_, true) => return Err(refused("bypasses row-level security", "NOBYPASSRLS")),
        _ => {}
    }
    if !bound {
        // Nothing leaks then: whatever a policy would bind is an error.
        let database = database.replace('"', "\"\"");
        return Err(OpenError::Unsafe {
            what: format!("role `{role}` has row_security off, so that nothing can be read through a policy"),
            mend: format!("ALTER ROLE \"{role}\" IN DATABASE \"{database}\" SET row_security = on"),
        });
    }
    if !usable {
        let mend = format!("GRANT USAGE ON SCHEMA {schema} TO \"{role}\"");
        return Err(OpenError::Missing { schema: schema.bare().to_owned(), role, mend });
    }
    Ok(role)
}

/// Every table has the policy, and it binds the role; nothing that the role needs is withheld; and there is nothing
/// else that rows can be seen through.
async fn tables(connection: &mut PgConnection, schema: &SchemaName, role: &str) -> Result<(), OpenError> {
    let sql = format!(
        "SELECT c.relname::text, c.relrowsecurity, c.relforcerowsecurity, pg_has_role(c.relowner, 'USAGE'), \
         (SELECT string_agg(concat_ws(' / ', p.polcmd, p.polpermissive, pg_get_expr(p.polqual, p.polrelid), \
          pg_get_expr(p.polwithcheck, p.polrelid)), '; ') FROM pg_policy AS p WHERE p.polrelid = c.oid), \
         has_table_privilege(c.oid, 'SELECT') AND has_any_column_privilege(c.oid, 'INSERT'), \
         CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' END, \
         quote_ident(c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
         WHERE n.nspname = '{}' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname",
        schema.bare()
    );
    let the_one = format!("* / t / {POLICY} / {POLICY}");
    for row in look(connection, &sql).await? {
        let table: String = row.try_get(0)?;
        let (enabled, forced, owned): (bool, bool, bool) =
            (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        let policies: Option<String> = row.try_get(4)?;
        let granted: bool = row.try_get(5)?;
        let (window, quoted): (Option<String>, String) = (row.try_get(6)?, row.try_get(7)?);
        let full = format!("{schema}.{quoted}");
        let refused = |what: &str, mend: String| {
            Err(OpenError::Unsafe { what: format!("table {schema}.{table} {what}"), mend })
        };
        if let Some(window) = window {
            return Err(OpenError::Unsafe {
                what: format!("{full} is a {}, which no policy confines", window.to_lowercase()),
                mend: format!("DROP {window} {full}; or move it to another schema"),
            });
        }
        if !enabled {
            return refused(
                "has no row-level security",
                format!("ALTER TABLE {full} ENABLE ROW LEVEL SECURITY"),
            );
        }
        if owned && !forced {
            let what = format!("does not bind its owner, and role `{role}` is one");
            return refused(&what, format!("ALTER TABLE {full} FORCE ROW LEVEL SECURITY"));
        }
        if !forced && table != "search_texts" {
            return refused(
                "does not bind its owner",
                format!("ALTER TABLE {full} FORCE ROW LEVEL SECURITY"),
            );
        }
        if policies.as_deref() != Some(&the_one) {
            let mend = format!(
                "DROP POLICY every policy of it, then CREATE POLICY tenant ON {full} USING {POLICY} WITH CHECK {POLICY}"
            );
            return refused("has not exactly the one policy", mend);
        }
        if !granted {
            let what = format!("is closed to role `{role}`");
            let mend = "run the migrations with this role as the one that runs, which grants what it needs";
            return refused(&what, mend.to_owned());
        }
    }
    Ok(())
}

/// Each function that runs as its owner sees the tenant that is set and looks nowhere else, this role may call it, and
/// there is no other one.
async fn functions(connection: &mut PgConnection, schema: &SchemaName, role: &str) -> Result<(), OpenError> {
    let sql = format!(
        "SELECT p.proname::text, pg_get_function_identity_arguments(p.oid), \
         format('{schema}.%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)), p.prosecdef, \
         coalesce(p.proconfig, '{{}}'), has_function_privilege('public', p.oid, 'EXECUTE'), \
         has_function_privilege(p.oid, 'EXECUTE') \
         FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname = '{}' ORDER BY 3",
        schema.bare()
    );
    let mut missing: Vec<&str> = AS_OWNER.iter().map(|known| known.name).collect();
    for row in look(connection, &sql).await? {
        let (name, arguments, named): (String, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let (as_owner, settings): (bool, Vec<String>) = (row.try_get(3)?, row.try_get(4)?);
        let (open, granted): (bool, bool) = (row.try_get(5)?, row.try_get(6)?);
        let refused = |what: &str, mend: String| {
            Err(OpenError::Unsafe { what: format!("function {named} {what}"), mend })
        };
        let known = AS_OWNER.iter().find(|known| known.name == name && known.arguments == arguments);
        let Some(known) = known else {
            if as_owner {
                let mend = format!("ALTER ROUTINE {named} SECURITY INVOKER; or move it to another schema");
                return refused("runs as its owner, whom policies may not bind", mend);
            }
            continue;
        };
        if !as_owner {
            return refused("does not run as its owner", format!("ALTER FUNCTION {named} SECURITY DEFINER"));
        }
        if settings != known.settings {
            let set = known.settings.iter().map(|own| format!("; ALTER FUNCTION {named} SET {own}"));
            let mend = format!("ALTER FUNCTION {named} RESET ALL{}", set.collect::<String>());
            return refused("does not name where it looks", mend);
        }
        if open {
            let mend = format!("REVOKE EXECUTE ON FUNCTION {named} FROM PUBLIC");
            return refused("may be called by everybody", mend);
        }
        if !granted {
            let mend = format!("GRANT EXECUTE ON FUNCTION {named} TO \"{role}\"");
            return refused(&format!("may not be called by role `{role}`"), mend);
        }
        missing.retain(|missing| *missing != name);
    }
    if let Some(missing) = missing.first() {
        let mend = "bring it back from the migrations, which are printed by `Migrate::sql`".to_owned();
        return Err(OpenError::Unsafe { what: format!("function {schema}.{missing} is missing"), mend });
    }
    Ok(())
}
