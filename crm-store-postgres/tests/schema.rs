//! The schema in the catalog: nothing in it that reaches across tenants, and what the descriptions say, both ways.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use crm_core::{Field, Key, Kind, Object, objects};
use support::{Database, Roles, cluster::psql};

fn lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.is_empty()).collect()
}

/// Whatever could see or reach across tenants.
fn holes(url: &str, unforced: &str) -> Vec<String> {
    let found = psql(
        url,
        &format!(
            "SELECT 'table without a forced policy: ' || c.relname FROM pg_class AS c
                 WHERE c.relnamespace = 'crm'::regnamespace AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity
                 AND (c.relforcerowsecurity OR c.relname = '{unforced}')
                 AND EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid));
             SELECT 'key without tenant_id: ' || i.indexrelid::regclass FROM pg_index AS i
                 JOIN pg_class AS c ON c.oid = i.indrelid
                 WHERE c.relnamespace = 'crm'::regnamespace AND (SELECT a.attname FROM pg_attribute AS a
                 WHERE a.attrelid = c.oid AND a.attnum = i.indkey[0]) IS DISTINCT FROM 'tenant_id';
             SELECT 'foreign key without tenant_id: ' || k.conname FROM pg_constraint AS k
                 WHERE k.connamespace = 'crm'::regnamespace AND k.contype = 'f' AND ((SELECT a.attname FROM pg_attribute AS a
                 WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1]) <> 'tenant_id' OR (SELECT a.attname
                 FROM pg_attribute AS a WHERE a.attrelid = k.confrelid AND a.attnum = k.confkey[1]) <> 'tenant_id');
             SELECT 'foreign key that does something: ' || k.conname FROM pg_constraint AS k
                 WHERE k.connamespace = 'crm'::regnamespace AND k.contype = 'f'
                 AND NOT (k.confdeltype = 'r' AND k.confupdtype = 'a');
             SELECT 'view, sequence or the like: ' || c.relname FROM pg_class AS c
                 WHERE c.relnamespace = 'crm'::regnamespace AND c.relkind NOT IN ('r', 'p', 'i', 'I');
             SELECT 'trigger: ' || t.tgname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
                 WHERE c.relnamespace = 'crm'::regnamespace AND NOT t.tgisinternal;
             SELECT 'enum: ' || t.typname FROM pg_type AS t
                 WHERE t.typnamespace = 'crm'::regnamespace AND t.typtype = 'e';
             SELECT 'function that runs as its owner: ' || p.oid::regprocedure FROM pg_proc AS p
                 WHERE p.pronamespace = 'crm'::regnamespace AND p.prosecdef
                 AND p.proname NOT IN ('found', 'blank', 'forget', 'tidy');
             SELECT 'function that everybody may call or that looks anywhere: ' || p.oid::regprocedure FROM pg_proc AS p
                 WHERE p.pronamespace = 'crm'::regnamespace AND p.prosecdef
                 AND (has_function_privilege('crm_stranger', p.oid, 'EXECUTE')
                 OR NOT coalesce(p.proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false));
             SELECT 'open to everybody: ' || c.relname FROM pg_class AS c
                 WHERE c.relnamespace = 'crm'::regnamespace AND c.relkind = 'r'
                 AND has_any_column_privilege('crm_stranger', c.oid, 'SELECT, INSERT, UPDATE');
             SELECT 'text that is not compared by code point: ' || c.relname || '.' || a.attname FROM pg_attribute AS a
                 JOIN pg_class AS c ON c.oid = a.attrelid WHERE c.relnamespace = 'crm'::regnamespace AND c.relkind = 'r'
                 AND a.atttypid = 'text'::regtype AND a.attcollation <> (SELECT oid FROM pg_collation
                 WHERE collname = 'C');"
        ),
    );
    lines(&found).into_iter().map(str::to_owned).collect()
}

fn stranger(url: &str) {
    psql(
        url,
        "DO $$ BEGIN CREATE ROLE crm_stranger; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$;",
    );
}

#[test]
fn nothing_in_the_catalog_reaches_across_tenants() {
    for (roles, unforced) in [(Roles::Two, "search_texts"), (Roles::One, "")] {
        let database = Database::new(roles);
        stranger(&database.superuser());
        let found = holes(&database.superuser(), unforced);
        assert!(found.is_empty(), "{roles:?}: {found:#?}");
    }
    println!("catalog: tables without forced policy 0, keys without tenant_id 0, other holes 0");
}

#[test]
fn every_hole_that_is_made_is_found() {
    let database = Database::new(Roles::Two);
    stranger(&database.superuser());
    let made = [
        "ALTER TABLE crm.leads NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE crm.leads DISABLE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON crm.leads",
        "CREATE TABLE crm.more (tenant_id uuid)",
        "CREATE UNIQUE INDEX oracle ON crm.customers (external_id)",
        "ALTER TABLE crm.leads ADD CONSTRAINT far FOREIGN KEY (tenant_id, owner_id) REFERENCES crm.users ON DELETE CASCADE",
        "CREATE VIEW crm.seen AS SELECT * FROM crm.leads",
        "CREATE MATERIALIZED VIEW crm.seen AS SELECT * FROM crm.leads",
        "CREATE SEQUENCE crm.numbers",
        "CREATE TYPE crm.stage AS ENUM ('new')",
        "CREATE FUNCTION crm.all_leads() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM crm.leads'",
        "GRANT EXECUTE ON FUNCTION crm.found(text, text[], bigint) TO PUBLIC",
        "ALTER FUNCTION crm.found(text, text[], bigint) RESET search_path",
        "GRANT EXECUTE ON FUNCTION crm.forget() TO PUBLIC",
        "ALTER FUNCTION crm.blank(text, uuid) RESET search_path",
        "GRANT SELECT ON crm.leads TO PUBLIC",
        "ALTER TABLE crm.leads ADD COLUMN more text",
    ];
    for sql in made {
        // The catalog is looked at within the transaction that is undone: a session per look needs a copy.
        let copy = Database::new(Roles::Two);
        psql(&copy.superuser(), sql);
        assert!(!holes(&copy.superuser(), "search_texts").is_empty(), "{sql} is not found");
    }
    println!("catalog: holes made {}, found {}", made.len(), made.len());
}

type Facts = BTreeSet<String>;

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "boolean",
        Kind::Int | Kind::Money => "bigint",
        Kind::Text => "text",
        Kind::Id => "uuid",
        Kind::Time => "timestamp with time zone",
        Kind::Date => "date",
        Kind::Json => "jsonb",
    }
}

fn column(name: &str, kind: &str, required: bool) -> String {
    format!("{name} {kind}{}", if required { " NOT NULL" } else { "" })
}

fn columns(field: &Field) -> Vec<String> {
    let own = column(field.name, kind(field.kind), field.required);
    match field.kind {
        Kind::Money => vec![
            column(&format!("{}_amount", field.name), "bigint", field.required),
            column(&format!("{}_currency", field.name), "text", field.required),
        ],
        _ => vec![own],
    }
}

/// What the description asks for.
fn described(object: &Object) -> Facts {
    let table = object.name;
    let mut facts: Facts = [
        column("tenant_id", "uuid", true),
        column("id", "uuid", true),
        column("version", "bigint", true),
        column("created_at", "timestamp with time zone", true),
        column("updated_at", "timestamp with time zone", true),
        column("created_by", "uuid", false),
        column("deleted_at", "timestamp with time zone", false),
        format!("UNIQUE INDEX {table}_pkey (tenant_id, id)"),
    ]
    .into();
    facts.extend(object.fields.iter().flat_map(columns));
    let live = "(deleted_at IS NULL)";
    let index = |name: &str, columns: &str, rule: &str| {
        let rule = if rule.is_empty() { String::new() } else { format!(" WHERE {rule}") };
        format!("INDEX {table}_{name} (tenant_id, {columns}){rule}")
    };
    facts.insert(index("created_at", "created_at, id", live));
    facts.insert(index("updated_at", "updated_at, id", live));
    let default = match object.default_sort.0 {
        Key::CreatedAt => "created_at",
        Key::Field(index) => object.fields[index].name,
        other => panic!("no index is foreseen for lists of {table} by {other:?}"),
    };
    facts.insert(index("deleted", &format!("{default}, id"), "(deleted_at IS NOT NULL)"));
    if object.series.is_some() {
        facts.insert("number bigint".to_owned());
        facts.insert(format!("UNIQUE {}", index("number", "number", "")));
    }
    for (place, field) in object.fields.iter().enumerate() {
        if object.compared_by(place) != place {
            continue;
        }
        let name = columns(field)[0].split(' ').next().unwrap().to_owned();
        let first = if field.required { name.clone() } else { format!("{name} NULLS FIRST") };
        if field.kind == Kind::Money {
            facts.insert(format!("CHECK ((({name} IS NULL) = ({}_currency IS NULL)))", field.name));
        }
        if field.unique {
            let rule = format!("((deleted_at IS NULL) AND ({name} IS NOT NULL))");
            facts.insert(format!("UNIQUE {}", index(&format!("unique_{name}"), &name, &rule)));
        }
        if let Some(target) = field.reference {
            let rule = if field.required { String::new() } else { format!("({name} IS NOT NULL)") };
            facts.insert(index(&name, &format!("{name}, {default}, id"), &rule));
            facts.insert(format!(
                "FOREIGN KEY (tenant_id, {name}) REFERENCES crm.{}(tenant_id, id) ON DELETE RESTRICT",
                target().name
            ));
        } else if field.sortable {
            facts.insert(index(&name, &format!("{first}, id"), live));
        } else if field.lookup {
            facts.insert(index(&name, &format!("{first}, {default}, id"), live));
        }
    }
    facts
}

/// What the database has.
fn found(url: &str, table: &str) -> Facts {
    let text = psql(
        url,
        &format!(
            "SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ||
                 CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END FROM pg_attribute AS a
                 WHERE a.attrelid = 'crm.{table}'::regclass AND a.attnum > 0 AND NOT a.attisdropped;
             SELECT regexp_replace(replace(pg_get_indexdef(i.indexrelid), 'CREATE ', ''), ' ON crm.* USING btree', '')
                 FROM pg_index AS i WHERE i.indrelid = 'crm.{table}'::regclass;
             SELECT pg_get_constraintdef(k.oid) FROM pg_constraint AS k
                 WHERE k.conrelid = 'crm.{table}'::regclass AND k.contype IN ('f', 'c');"
        ),
    );
    lines(&text).into_iter().map(str::to_owned).collect()
}

#[test]
fn the_schema_has_what_the_descriptions_say_and_nothing_else() {
    let database = Database::new(Roles::Two);
    let mut compared = 0;
    for object in objects() {
        let (described, found) = (described(object), found(&database.superuser(), object.name));
        let missing: Vec<_> = described.difference(&found).collect();
        let unknown: Vec<_> = found.difference(&described).collect();
        assert!(
            missing.is_empty() && unknown.is_empty(),
            "{object:?} lacks {missing:#?} and has {unknown:#?}"
        );
        compared += described.len();
    }
    println!("drift: objects {}, facts compared {compared}, differences 0", objects().len());
    let tables = psql(
        &database.superuser(),
        "SELECT relname FROM pg_class WHERE relnamespace = 'crm'::regnamespace AND relkind = 'r'",
    );
    let own = ["heads", "series", "events", "counters", "once", "search_texts"];
    let known: BTreeSet<&str> = own.into_iter().chain(objects().map(|object| object.name)).collect();
    assert_eq!(lines(&tables).into_iter().collect::<BTreeSet<_>>(), known);
}

#[test]
fn a_column_too_many_or_too_few_is_noticed() {
    let customers = objects().into_iter().find(|object| object.name == "customers").unwrap();
    for damage in [
        "ALTER TABLE crm.customers ADD COLUMN extra text",
        "ALTER TABLE crm.customers RENAME COLUMN notes TO remarks",
        "DROP INDEX crm.customers_company",
        "ALTER TABLE crm.customers ALTER COLUMN company SET NOT NULL",
        "ALTER TABLE crm.customers DROP CONSTRAINT customers_owner_id_fkey",
    ] {
        let database = Database::new(Roles::Two);
        psql(&database.superuser(), damage);
        assert_ne!(found(&database.superuser(), "customers"), described(customers), "{damage}");
    }
}

/// The tables that a statement of the checked-in erasure of a tenant empties.
fn emptied() -> BTreeSet<&'static str> {
    let (_, erasing) = include_str!("snapshots/writes.sql").split_once("-- erase the tenant\n").unwrap();
    let deletes = erasing.split("DELETE FROM \"crm\".").skip(1);
    deletes.map(|rest| rest.split(' ').next().unwrap()).collect()
}

#[test]
fn erasing_a_tenant_leaves_out_no_table() {
    let database = Database::new(Roles::Two);
    let of_tenants =
        "SELECT DISTINCT c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'crm'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'tenant_id'";
    let tables = psql(&database.superuser(), of_tenants);
    assert_eq!(lines(&tables).into_iter().collect::<BTreeSet<_>>(), emptied());
    println!("erasing a tenant: tables {}, left out 0", emptied().len());
    psql(&database.superuser(), "CREATE TABLE crm.more (tenant_id uuid)");
    let tables = psql(&database.superuser(), of_tenants);
    assert_ne!(lines(&tables).into_iter().collect::<BTreeSet<_>>(), emptied(), "another table is noticed");
}
