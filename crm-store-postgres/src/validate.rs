//! What must hold of a schema and a role before a store runs on them. Each refusal says the SQL that mends it.

use sqlx::{PgConnection, Row};

use crate::{OpenError, SCHEMA, migrations, name::SchemaName};

/// As the catalog shows the one policy.
pub(crate) const POLICY: &str =
    "(tenant_id = (NULLIF(current_setting('crm.tenant'::text, true), ''::text))::uuid)";

/// A role's name that needs no thought about quoting, in quotes.
pub(crate) fn plain_role(role: &str) -> Result<String, OpenError> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    if role.is_empty() || role.len() > 63 || !role.chars().all(plain) {
        return Err(OpenError::RoleName(role.to_owned()));
    }
    Ok(format!("\"{role}\""))
}

/// Refuses a schema or a role that would not keep tenants apart.
pub(crate) async fn validate(connection: &mut PgConnection, schema: &SchemaName) -> Result<(), OpenError> {
    let role = role(connection).await?;
    reach(connection, schema, &role).await?;
    let (found, name) = (migrations::version(connection, schema).await?, schema.bare().to_owned());
    if found != SCHEMA {
        let mend = match found {
            0 => "run the migrations as the role that owns",
            _ if found < SCHEMA => "run the migrations as the role that owns, then start again",
            _ => "use a newer version of the program",
        };
        return Err(OpenError::Version { schema: name, found, needed: SCHEMA, mend });
    }
    tables(connection, schema, &role).await
}

/// The role that runs, which no policy must fail to bind.
async fn role(connection: &mut PgConnection) -> Result<String, OpenError> {
    let row = sqlx::query(
        "SELECT rolname::text, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user",
    )
    .fetch_one(connection)
    .await?;
    let (role, superuser, bypasses): (String, bool, bool) =
        (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let refused = |what: &str, option: &str| OpenError::Unsafe {
        what: format!("role `{role}` {what}, so that no policy binds it"),
        mend: format!("ALTER ROLE \"{role}\" {option}; or connect as another role"),
    };
    match (superuser, bypasses) {
        (true, _) => Err(refused("is a superuser", "NOSUPERUSER")),
        (_, true) => Err(refused("bypasses row-level security", "NOBYPASSRLS")),
        _ => Ok(role),
    }
}

async fn reach(connection: &mut PgConnection, schema: &SchemaName, role: &str) -> Result<(), OpenError> {
    let row = sqlx::query(
        "SELECT count(*) > 0, coalesce(bool_or(has_schema_privilege(oid, 'USAGE')), false) \
         FROM pg_namespace WHERE nspname = $1",
    )
    .bind(schema.bare())
    .fetch_one(connection)
    .await?;
    let (there, usable): (bool, bool) = (row.try_get(0)?, row.try_get(1)?);
    if there && usable {
        return Ok(());
    }
    let mend = format!("GRANT USAGE ON SCHEMA {schema} TO \"{role}\"");
    Err(OpenError::Missing { schema: schema.bare().to_owned(), role: role.to_owned(), mend })
}

/// Every table has the policy, and it binds the role; nothing that the role needs is withheld.
async fn tables(connection: &mut PgConnection, schema: &SchemaName, role: &str) -> Result<(), OpenError> {
    let rows = sqlx::query(
        "SELECT c.relname::text, c.relrowsecurity, c.relforcerowsecurity, pg_has_role(c.relowner, 'USAGE'), \
         (SELECT array_agg(concat_ws(' / ', p.polcmd, p.polpermissive, pg_get_expr(p.polqual, p.polrelid), \
          pg_get_expr(p.polwithcheck, p.polrelid))) FROM pg_policy AS p WHERE p.polrelid = c.oid), \
         has_table_privilege(c.oid, 'SELECT') AND has_any_column_privilege(c.oid, 'INSERT') \
         FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
         WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') ORDER BY c.relname",
    )
    .bind(schema.bare())
    .fetch_all(connection)
    .await?;
    let the_one = format!("* / t / {POLICY} / {POLICY}");
    for row in rows {
        let table: String = row.try_get(0)?;
        let (enabled, forced, owned): (bool, bool, bool) =
            (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        let policies: Option<Vec<String>> = row.try_get(4)?;
        let granted: bool = row.try_get(5)?;
        let refused = |what: &str, mend: String| {
            Err(OpenError::Unsafe { what: format!("table {schema}.{table} {what}"), mend })
        };
        let full = format!("{schema}.{table}");
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
        if policies.as_deref() != Some(std::slice::from_ref(&the_one)) {
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
