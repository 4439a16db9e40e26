//! The plans of the statements that a store runs, as the server tells them of every one that a role runs, those within
//! functions included, with the values that they ran with.

use serde_json::Value;

use super::{
    cluster::{Database, psql},
    proxy::Proxy,
};

/// From now on, new connections of the role that runs tell every plan.
pub fn tell_plans(database: &Database) {
    let settings = [
        ("session_preload_libraries", "'auto_explain'"),
        ("auto_explain.log_min_duration", "0"),
        ("auto_explain.log_nested_statements", "on"),
        ("auto_explain.log_analyze", "on"),
        ("auto_explain.log_timing", "off"),
        ("auto_explain.log_format", "'json'"),
        ("auto_explain.log_level", "'notice'"),
    ];
    let set = |(name, value): &(&str, &str)| {
        format!("ALTER ROLE crm_app IN DATABASE {} SET {name} = {value};", database.name())
    };
    // Settings of a library are known once it is loaded.
    let sql: String = settings.iter().map(set).collect();
    psql(&database.superuser(), &format!("LOAD 'auto_explain'; {sql}"));
}

/// A statement, with what the server did for it.
#[derive(Clone, Debug)]
pub struct Explained {
    pub text: String,
    /// In milliseconds.
    pub took: f64,
    pub steps: Vec<Step>,
}

/// A step that reads a table.
#[derive(Clone, Debug)]
pub struct Step {
    /// Such as `Index Scan`.
    pub how: String,
    pub table: String,
    pub index: Option<String>,
    /// What is looked for in the index.
    pub condition: String,
    /// How many rows it came upon, those that it left aside included.
    pub rows: i64,
}

/// The statements since the last call.
pub fn explained(proxy: &Proxy) -> Vec<Explained> {
    let plans = proxy.notices().into_iter().filter_map(|notice| {
        let (took, json) = notice.split_once("plan:")?;
        let took = took.split(' ').nth(1).and_then(|took| took.parse().ok()).expect("a duration");
        let plan: Value = serde_json::from_str(json).expect("a plan is JSON");
        let mut steps = Vec::new();
        collect(&plan["Plan"], &mut steps);
        Some(Explained { text: plan["Query Text"].as_str().expect("a text").to_owned(), took, steps })
    });
    plans.collect()
}

fn collect(node: &Value, steps: &mut Vec<Step>) {
    let text = |name: &str| node[name].as_str().map(str::to_owned);
    let number = |name: &str| node[name].as_f64().unwrap_or(0.0);
    let below = node["Plans"].as_array().map(Vec::as_slice).unwrap_or_default();
    let how = text("Node Type").unwrap_or_default();
    if let (Some(table), true) = (text("Relation Name"), how != "ModifyTable") {
        // What a bitmap asks for is in the steps below it; what is read is told with the table.
        let asked = |node: &Value| node["Index Cond"].as_str().unwrap_or_default().to_owned();
        let mut names: Vec<&Value> = below.iter().collect();
        names.extend(below.iter().flat_map(|node| node["Plans"].as_array()).flatten());
        let index = names.iter().find_map(|node| node["Index Name"].as_str().map(str::to_owned));
        let conditions: Vec<String> = std::iter::once(node).chain(names).map(asked).collect();
        let removed = number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
        let rows = ((number("Actual Rows") + removed) * number("Actual Loops")) as i64;
        let index = text("Index Name").or(index);
        steps.push(Step { how, table, index, condition: conditions.join(" "), rows });
    }
    below.iter().for_each(|node| collect(node, steps));
}

/// What is wrong with a plan: a table that is read from end to end, or through an index that is not asked for the
/// tenant.
pub fn faults(explained: &Explained) -> Vec<String> {
    let faults = explained.steps.iter().filter_map(|step| {
        let Step { how, table, index, .. } = step;
        if how.contains("Seq Scan") || how.contains("Sample Scan") {
            return Some(format!("{how} of {table}"));
        }
        // The condition on the tenant comes from the statement, the policy, or a join with what has it.
        let asked = step.condition.contains("tenant_id =") || step.condition.contains("= tenant_id");
        (!asked).then(|| format!("{how} of {table} by {index:?} without the tenant"))
    });
    faults.collect()
}
