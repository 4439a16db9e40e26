//! The server over HTTP beside others, in one run: handlers without any checks on the same drivers, a sketch on FastAPI,
//! and PocketBase.
//!
//! `cargo run --release -p crm-benches --bin http` prints a table. It needs `wrk`, PostgreSQL and Python 3; what it seeds is
//! kept in `target/bench-data`.

mod bare;
mod client;
mod crm;
mod load;
mod others;
mod places;
mod server;
mod subject;
mod table;
mod workplace;

use std::collections::BTreeMap;

use clap::Parser;
use crm_benches::{cluster::Cluster, measure::runtime};

use crate::{
    load::Load,
    subject::{Measured, Subject},
    workplace::Workplace,
};

/// Measures crm-server over HTTP beside others and prints a table.
#[derive(Debug, Parser)]
struct Arguments {
    /// Only these servers and these loads, separated by commas; all of a kind of which none is named
    #[arg(long, value_delimiter = ',', value_parser = known())]
    only: Vec<String>,
    /// How long each load is measured, in seconds
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// How many customers there are, half of them in the tenant that is asked for
    #[arg(long, default_value_t = 1_000_000, value_parser = rows)]
    rows: usize,
}

fn known() -> clap::builder::PossibleValuesParser {
    Name::ALL.map(Name::name).into_iter().chain(Load::ALL.map(Load::name)).collect::<Vec<_>>().into()
}

fn rows(text: &str) -> Result<usize, String> {
    let rows = text.parse().map_err(|error| format!("{error}"))?;
    // Lists are taken to be longer than a few pages.
    if rows < 10_000 { Err("must be at least 10000".to_owned()) } else { Ok(rows) }
}

/// A server that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    Sqlite,
    BareSqlite,
    BareNormal,
    Postgres,
    BarePostgres,
    FastApi,
    PocketBase,
}

impl Name {
    pub(crate) const ALL: [Self; 7] = [
        Self::Sqlite,
        Self::BareSqlite,
        Self::BareNormal,
        Self::Postgres,
        Self::BarePostgres,
        Self::FastApi,
        Self::PocketBase,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::BareSqlite => "bare-sqlite",
            Self::BareNormal => "bare-sqlite-normal",
            Self::Postgres => "postgres",
            Self::BarePostgres => "bare-postgres",
            Self::FastApi => "fastapi",
            Self::PocketBase => "pocketbase",
        }
    }

    /// The head of its column.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Sqlite => "crm-server, SQLite",
            Self::BareSqlite => "bare, SQLite",
            Self::BareNormal => "bare, SQLite, not synced",
            Self::Postgres => "crm-server, PostgreSQL",
            Self::BarePostgres => "bare, PostgreSQL",
            Self::FastApi => "FastAPI",
            Self::PocketBase => "PocketBase",
        }
    }

    async fn start(self, place: &Workplace, cluster: Option<&Cluster>, rows: usize) -> Subject {
        match (self, cluster) {
            (Self::Sqlite, _) => crm::sqlite(place, rows).await,
            (Self::BareSqlite, _) => bare::sqlite(place, rows, "full").await,
            (Self::BareNormal, _) => bare::sqlite(place, rows, "normal").await,
            (Self::Postgres, Some(cluster)) => crm::postgres(place, cluster, rows).await,
            (Self::BarePostgres, Some(cluster)) => bare::postgres(place, cluster, rows).await,
            (Self::FastApi, _) => others::fastapi(place, rows).await,
            (Self::PocketBase, _) => others::pocketbase(place, rows).await,
            (Self::Postgres | Self::BarePostgres, None) => panic!("there is no PostgreSQL server"),
        }
    }

    fn needs_postgres(self) -> bool {
        matches!(self, Self::Postgres | Self::BarePostgres)
    }
}

/// Those of `all` that are named, or all if none is.
fn chosen<T: Copy, const N: usize>(all: [T; N], name: fn(T) -> &'static str, only: &[String]) -> Vec<T> {
    let named = all.into_iter().filter(|own| only.iter().any(|text| text == name(*own)));
    let named: Vec<T> = named.collect();
    if named.is_empty() { all.to_vec() } else { named }
}

fn main() {
    let arguments = Arguments::parse();
    let loads = chosen(Load::ALL, Load::name, &arguments.only);
    let names = chosen(Name::ALL, Name::name, &arguments.only);
    let place = Workplace::prepare();
    let measured: BTreeMap<Name, Measured> = runtime().block_on(async {
        let cluster = match names.iter().any(|name| name.needs_postgres()) {
            true => Some(Cluster::start().await),
            false => None,
        };
        let mut measured = BTreeMap::new();
        for name in names {
            // How commits are synced makes a difference to creates alone.
            let loads: Vec<Load> = loads
                .iter()
                .copied()
                .filter(|load| name != Name::BareNormal || *load == Load::Create)
                .collect();
            if loads.is_empty() {
                continue;
            }
            eprintln!("{}", name.title());
            let subject = name.start(&place, cluster.as_ref(), arguments.rows).await;
            measured.insert(name, subject.measure(&loads, arguments.seconds, &place.folder).await);
            place.clear(cluster.as_ref()).await;
        }
        measured
    });
    table::print(&measured);
}
