//! The schema against the descriptions, both ways: whatever one has, the other has.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use crm_core::{Field, Key, Kind, Object, objects};
use rusqlite::Connection;
use support::Bench;

/// What one table has, in words, so that a difference reads well.
type Facts = BTreeSet<String>;

const SYSTEM: [&str; 8] = [
    "rid INTEGER PRIMARY KEY",
    "tenant_id BLOB NOT NULL",
    "id BLOB NOT NULL",
    "version INTEGER NOT NULL",
    "created_at INTEGER NOT NULL",
    "updated_at INTEGER NOT NULL",
    "created_by BLOB",
    "deleted_at INTEGER",
];

fn column(name: &str, kind: &str, required: bool) -> String {
    format!("{name} {kind}{}", if required { " NOT NULL" } else { "" })
}

fn columns(field: &Field) -> Vec<String> {
    let (name, required) = (field.name, field.required);
    let kind = match field.kind {
        Kind::Bool | Kind::Int | Kind::Time => "INTEGER",
        Kind::Text | Kind::Date | Kind::Json => "TEXT",
        Kind::Id => "BLOB",
        Kind::Money => {
            let amount = column(&format!("{name}_amount"), "INTEGER", required);
            return vec![amount, column(&format!("{name}_currency"), "TEXT", required)];
        }
    };
    vec![column(name, kind, required)]
}

/// The column that a field is compared by.
fn compared(object: &Object, index: usize) -> String {
    let field = &object.fields[index];
    if field.kind == Kind::Money { format!("{}_amount", field.name) } else { field.name.to_owned() }
}

/// What the description asks for.
fn described(object: &Object) -> Facts {
    let mut facts: Facts = SYSTEM.into_iter().map(str::to_owned).collect();
    facts.extend(object.fields.iter().flat_map(columns));
    let table = object.name;
    let index = |name: &str, unique: bool, columns: &str, rule: &str| {
        let unique = if unique { "UNIQUE " } else { "" };
        format!("{unique}INDEX {table}_{name} (tenant_id, {columns}){rule}")
    };
    let live = " WHERE deleted_at IS NULL";
    facts.insert(index("id", true, "id", ""));
    facts.insert(index("created_at", false, "created_at, id", live));
    facts.insert(index("updated_at", false, "updated_at, id", live));
    let default = match object.default_sort.0 {
        Key::CreatedAt => "created_at",
        Key::Field(index) => object.fields[index].name,
        other => panic!("no index is foreseen for lists of {table} by {other:?}"),
    };
    facts.insert(index("deleted", false, &format!("{default}, id"), " WHERE deleted_at IS NOT NULL"));
    if object.series.is_some() {
        facts.insert("number INTEGER".to_owned());
        facts.insert(index("number", true, "number", ""));
    }
    if object.is_searchable() {
        facts.insert("search_text TEXT NOT NULL".to_owned());
        facts.insert("search index".to_owned());
    }
    for (place, field) in
        object.fields.iter().enumerate().filter(|(place, _)| object.compared_by(*place) == *place)
    {
        let column = compared(object, place);
        if field.kind == Kind::Bool {
            facts.insert(format!("CHECK ({column} IN (0, 1))"));
        }
        if field.kind == Kind::Money {
            facts.insert(format!("CHECK (({column} IS NULL) = ({}_currency IS NULL))", field.name));
        }
        if field.unique {
            let rule = format!("{live} AND {column} IS NOT NULL");
            facts.insert(index(&format!("unique_{column}"), true, &column, &rule));
        }
        let by_default = format!("{column}, {default}, id");
        if let Some(target) = field.reference {
            let rule = if field.required { String::new() } else { format!(" WHERE {column} IS NOT NULL") };
            facts.insert(index(&column, false, &by_default, &rule));
            facts.insert(format!(
                "FOREIGN KEY (tenant_id, {column}) REFERENCES {} (tenant_id, id) RESTRICT",
                target().name
            ));
        } else if field.sortable {
            assert!(!field.lookup, "`{column}` of {table} would need two indexes of one name");
            facts.insert(index(&column, false, &format!("{column}, id"), live));
        } else if field.lookup {
            facts.insert(index(&column, false, &by_default, live));
        }
    }
    facts
}

struct ForeignKey {
    id: i64,
    target: String,
    from: Vec<String>,
    to: Vec<String>,
    rule: String,
}

/// What the file has.
fn found(connection: &Connection, table: &str) -> Facts {
    let mut facts = Facts::new();
    let sql: String = connection
        .query_row("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", [table], |row| {
            row.get(0)
        })
        .unwrap();
    assert!(sql.trim_end().ends_with(") STRICT"), "{table} is not strict");
    facts.extend(checks(&sql));
    let each = |sql: &str, name: &str, read: &mut dyn FnMut(&rusqlite::Row<'_>)| {
        let mut statement = connection.prepare(sql).unwrap();
        let mut rows = statement.query([name]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            read(row);
        }
    };
    let text = |row: &rusqlite::Row<'_>, index: usize| row.get::<_, String>(index).unwrap();
    each("SELECT name, type, \"notnull\", pk FROM pragma_table_xinfo(?)", table, &mut |row| {
        let key = if row.get::<_, bool>(3).unwrap() { " PRIMARY KEY" } else { "" };
        facts.insert(column(&text(row, 0), &text(row, 1), row.get(2).unwrap()) + key);
    });
    let mut indexes = Vec::new();
    each("SELECT name, \"unique\" FROM pragma_index_list(?)", table, &mut |row| {
        indexes.push((text(row, 0), row.get::<_, bool>(1).unwrap()));
    });
    for (name, unique) in indexes {
        let mut columns = Vec::new();
        each("SELECT name FROM pragma_index_info(?)", &name, &mut |row| columns.push(text(row, 0)));
        let sql: String = connection
            .query_row("SELECT sql FROM sqlite_schema WHERE name = ?", [&name], |row| row.get(0))
            .unwrap();
        let rule = sql.split_once(" WHERE ").map_or(String::new(), |(_, rule)| format!(" WHERE {rule}"));
        let unique = if unique { "UNIQUE " } else { "" };
        facts.insert(format!("{unique}INDEX {name} ({}){rule}", columns.join(", ")));
    }
    let mut keys: Vec<ForeignKey> = Vec::new();
    each(
        "SELECT id, \"table\", \"from\", \"to\", on_delete FROM pragma_foreign_key_list(?) ORDER BY id, seq",
        table,
        &mut |row| {
            let id = row.get(0).unwrap();
            if keys.last().is_none_or(|key| key.id != id) {
                let (target, rule) = (text(row, 1), text(row, 4));
                keys.push(ForeignKey { id, target, from: Vec::new(), to: Vec::new(), rule });
            }
            let key = keys.last_mut().unwrap();
            key.from.push(text(row, 2));
            key.to.push(text(row, 3));
        },
    );
    for ForeignKey { target, from, to, rule, .. } in keys {
        facts.insert(format!(
            "FOREIGN KEY ({}) REFERENCES {target} ({}) {rule}",
            from.join(", "),
            to.join(", ")
        ));
    }
    each("SELECT sql FROM sqlite_schema WHERE name = ? || '_fts'", table, &mut |row| {
        let options = "content='', contentless_delete=1, detail=none, tokenize='trigram case_sensitive 1'";
        assert!(text(row, 0).contains(options), "{}", text(row, 0));
        facts.insert("search index".to_owned());
    });
    facts
}

/// The checks of a table, with their nested parentheses.
fn checks(sql: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = sql;
    while let Some(start) = rest.find("CHECK (") {
        rest = &rest[start..];
        let mut depth = 0;
        let end = rest.char_indices().find(|(_, letter)| {
            depth += match letter {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            *letter == ')' && depth == 0
        });
        let (check, after) = rest.split_at(end.unwrap().0 + 1);
        found.push(check.to_owned());
        rest = after;
    }
    found
}

#[tokio::test]
async fn the_schema_has_what_the_descriptions_say_and_nothing_else() {
    let bench = Bench::new().await;
    let connection = bench.connection();
    let mut compared = 0;
    for object in objects() {
        let (described, found) = (described(object), found(&connection, object.name));
        let missing: Vec<_> = described.difference(&found).collect();
        let unknown: Vec<_> = found.difference(&described).collect();
        assert!(missing.is_empty(), "{object:?} lacks {missing:#?}; it has {unknown:#?}");
        assert!(unknown.is_empty(), "{object:?} has what nobody described: {unknown:#?}");
        compared += described.len();
    }
    println!("drift: objects {}, facts compared {compared}, differences 0", objects().len());
    let mut statement = connection
        .prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%\\_fts%' ESCAPE '\\'",
        )
        .unwrap();
    let tables: BTreeSet<String> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let own = ["heads", "series", "events", "counters", "once", "migrations", "sqlite_sequence"];
    let known: BTreeSet<String> =
        own.into_iter().chain(objects().map(|object| object.name)).map(str::to_owned).collect();
    assert_eq!(tables, known);
}

#[tokio::test]
async fn a_column_too_many_or_too_few_is_noticed() {
    let bench = Bench::new().await;
    let connection = bench.connection();
    let customers = objects().into_iter().find(|object| object.name == "customers").unwrap();
    let whole = found(&connection, "customers");
    for damage in [
        "ALTER TABLE customers ADD COLUMN extra TEXT",
        "ALTER TABLE customers RENAME COLUMN notes TO remarks",
        "DROP INDEX customers_company",
        "DROP TABLE customers_fts",
    ] {
        connection.execute_batch(&format!("BEGIN; {damage};")).unwrap();
        assert_ne!(found(&connection, "customers"), described(customers), "{damage}");
        connection.execute_batch("ROLLBACK").unwrap();
    }
    assert_eq!(found(&connection, "customers"), whole);
}

/// The tables that a statement of the checked-in erasure of a tenant empties.
fn emptied() -> BTreeSet<String> {
    let (_, erasing) = include_str!("snapshots/writes.sql").split_once("-- erase the tenant\n").unwrap();
    let deletes = erasing.lines().filter_map(|line| line.strip_prefix("DELETE FROM "));
    deletes.map(|rest| rest.split(' ').next().unwrap().to_owned()).collect()
}

/// The tables that know of tenants: by a column, or, as search indexes, by the rid.
fn of_tenants(connection: &Connection) -> BTreeSet<String> {
    let sql = "SELECT t.name FROM pragma_table_list AS t WHERE t.schema = 'main' AND (t.type = 'virtual' \
         OR EXISTS (SELECT 1 FROM pragma_table_info(t.name) AS c WHERE c.name = 'tenant_id'))";
    let mut statement = connection.prepare(sql).unwrap();
    let names = statement.query_map([], |row| row.get(0)).unwrap();
    names.map(Result::unwrap).collect()
}

#[tokio::test]
async fn erasing_a_tenant_leaves_out_no_table() {
    let bench = Bench::new().await;
    let connection = bench.connection();
    assert_eq!(emptied(), of_tenants(&connection));
    println!("erasing a tenant: tables {}, left out 0", emptied().len());
    for more in ["CREATE TABLE more (tenant_id BLOB)", "CREATE VIRTUAL TABLE more USING fts5(t)"] {
        connection.execute_batch(&format!("SAVEPOINT more; {more}")).unwrap();
        assert_ne!(emptied(), of_tenants(&connection), "{more} is not noticed");
        connection.execute_batch("ROLLBACK TO more; RELEASE more").unwrap();
    }
}
