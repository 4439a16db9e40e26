//! What a run prints: the figures, and which of the targets they reach.

use std::collections::BTreeMap;

use crate::{
    Name,
    load::{Figure, Load},
    subject::Measured,
};

type Run = BTreeMap<Name, Measured>;

/// A server of ours, with the handler that does the least on the same database.
struct Ours {
    crm: Name,
    bare: Name,
}

const OURS: [Ours; 2] = [
    Ours { crm: Name::Sqlite, bare: Name::BareSqlite },
    Ours { crm: Name::Postgres, bare: Name::BarePostgres },
];

/// The share of the bare handler that is to be reached.
const SHARE: f64 = 0.55;
/// How many times as fast as the sketch on FastAPI each is to be.
const TIMES: [(Load, f64); 3] = [(Load::Get, 15.0), (Load::First, 8.0), (Load::Create, 8.0)];
/// How many times as long as the plain list these may take.
const SLOWER: [Load; 2] = [Load::Count, Load::Rare];
const SLOWER_AT_MOST: f64 = 2.0;
/// The most memory, in bytes.
const MEMORY: u64 = 150 << 20;

/// Prints both tables.
pub(crate) fn print(run: &Run) {
    figures(run);
    println!();
    targets(run);
}

fn figures(run: &Run) {
    let titles: Vec<&str> = run.keys().map(|name| name.title()).collect();
    println!("| requests a second (99 of 100 within) | {} |", titles.join(" | "));
    println!("|---|{}", "---|".repeat(titles.len()));
    for load in Load::ALL {
        let cells: Vec<String> =
            run.values().map(|own| own.figures.get(&load).map(told).unwrap_or_default()).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            println!("| {} | {} |", load.title(), cells.join(" | "));
        }
    }
    let memory: Vec<String> = run.values().map(|own| format!("{} MB", own.memory >> 20)).collect();
    println!("| the most memory | {} |", memory.join(" | "));
}

/// A figure in words.
pub(crate) fn told(figure: &Figure) -> String {
    if figure.rate == 0.0 {
        return format!("none in {} s", figure.p99.as_secs());
    }
    let rate = match figure.rate {
        rate if rate < 10.0 => format!("{rate:.1}"),
        rate => format!("{rate:.0}"),
    };
    format!("{rate} ({:.1} ms)", figure.p99.as_secs_f64() * 1e3)
}

fn targets(run: &Run) {
    println!("| target | SQLite | PostgreSQL |");
    println!("|---|---|---|");
    let row = |what: String, cell: &dyn Fn(&Ours) -> Option<String>| {
        let cells = OURS.iter().map(|ours| cell(ours).unwrap_or_else(|| "not measured".to_owned()));
        println!("| {what} | {} |", cells.collect::<Vec<_>>().join(" | "));
    };
    let rate = |name: Name, load: Load| Some(run.get(&name)?.figures.get(&load)?.rate);
    let at_least = |value: f64, least: f64| format!("{value:.2}{}", verdict(value >= least));
    for load in [Load::Get, Load::First, Load::Deep, Load::Create] {
        row(format!("{}: at least {SHARE} of bare", load.title()), &|ours| {
            Some(at_least(rate(ours.crm, load)? / rate(ours.bare, load)?, SHARE))
        });
    }
    if let (Some(ours), Some(bare)) = (rate(Name::Sqlite, Load::Create), rate(Name::BareNormal, Load::Create))
    {
        println!("| create, synced, beside bare that does not sync | {:.2} | |", ours / bare);
    }
    for (load, times) in TIMES {
        row(format!("{}: at least {times} times FastAPI", load.title()), &|ours| {
            Some(at_least(rate(ours.crm, load)? / rate(Name::FastApi, load)?, times))
        });
    }
    for load in SLOWER {
        row(format!("{}: at most {SLOWER_AT_MOST} times as slow as without", load.title()), &|ours| {
            let times = rate(ours.crm, Load::First)? / rate(ours.crm, load)?;
            Some(format!("{times:.2}{}", verdict(times <= SLOWER_AT_MOST)))
        });
    }
    row(format!("memory: under {} MB", MEMORY >> 20), &|ours| {
        let memory = run.get(&ours.crm)?.memory;
        Some(format!("{}{}", memory >> 20, verdict(memory < MEMORY)))
    });
}

fn verdict(met: bool) -> &'static str {
    if met { "" } else { ", missed" }
}
