//! A tenant in memory to import into, and what an import told.

use std::io;

use crm_core::{
    Actor, Crm, Customer, Entity, EventQuery, Lead, MemoryStore, Query, Record, Role, Tenant, TenantScope,
    User,
};
use crm_server::import::{Listener, Options, Report, Text, import};

pub(crate) struct Bench {
    pub(crate) crm: Crm,
    pub(crate) scope: TenantScope,
}

#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) report: Report,
    pub(crate) lines: Vec<String>,
}

impl Done {
    pub(crate) fn has(&self, part: &str) -> bool {
        self.lines.iter().any(|line| line.contains(part))
    }
}

#[derive(Default)]
struct Lines(Vec<String>);

impl Listener for Lines {
    fn line(&mut self, line: &str) -> io::Result<()> {
        self.0.push(line.to_owned());
        Ok(())
    }
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::found(Crm::new(MemoryStore::new()), "acme").await
    }

    pub(crate) async fn other(&self) -> Self {
        Self::found(self.crm.clone(), "globex").await
    }

    async fn found(crm: Crm, slug: &str) -> Self {
        let maintenance = crm.maintenance();
        let tenant = crm.directory(&maintenance).create_tenant(Tenant::new(slug, slug)).await.unwrap();
        let scope = crm.scope(tenant.id, Actor::job("test"));
        crm.users(&scope).create(User::new(format!("owner@{slug}.test"), Role::Owner)).await.unwrap();
        Self { crm, scope }
    }

    pub(crate) async fn import(&self, csv: &str, leads: bool, options: &Options) -> Result<Done, String> {
        if leads { self.leads(csv, options).await } else { self.customers(csv, options).await }
    }

    pub(crate) async fn customers(&self, csv: &str, options: &Options) -> Result<Done, String> {
        self.bytes::<Customer>(csv.as_bytes(), options).await
    }

    pub(crate) async fn leads(&self, csv: &str, options: &Options) -> Result<Done, String> {
        self.bytes::<Lead>(csv.as_bytes(), options).await
    }

    pub(crate) async fn bytes<T: Entity>(&self, bytes: &[u8], options: &Options) -> Result<Done, String> {
        let input = Box::new(io::Cursor::new(bytes.to_vec()));
        let mut lines = Lines::default();
        let text = Text::new(input, options.encoding).map_err(|error| format!("{error:#}"))?;
        let report = import::<T>(&self.crm, &self.scope, text, options, &mut lines).await;
        let report = report.map_err(|error| format!("{error:#}"))?;
        assert!(report.adds_up(), "{report}");
        Ok(Done { report, lines: lines.0 })
    }

    pub(crate) async fn all<T: Entity>(&self) -> Vec<Record<T>> {
        let mut all = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let query = Query::new().limit(500);
            let query = match cursor {
                Some(cursor) => query.after(cursor),
                None => query,
            };
            let page = self.crm.records::<T>(&self.scope).list(query).await.unwrap();
            all.extend(page.data);
            cursor = page.next_cursor;
            if cursor.is_none() {
                return all;
            }
        }
    }

    /// The number of the tenant's last event.
    pub(crate) async fn head(&self) -> i64 {
        let query = EventQuery { newest_first: true, limit: 1, ..EventQuery::default() };
        self.crm.log(&self.scope).events(&query).await.unwrap().first().map_or(0, |event| event.seq)
    }
}

/// Options, written as words: `dry_run`, `map Column=field`, `stage Cell=key`, `currency EUR`.
pub(crate) fn options(words: &[&str]) -> Options {
    let mut options = Options::default();
    for word in words {
        let (word, rest) = word.split_once(' ').unwrap_or((word, ""));
        let pair = || rest.rsplit_once('=').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        match word {
            "dry_run" => options.dry_run = true,
            "update" => options.update = true,
            "lenient" => options.lenient = true,
            "keep_unmapped" => options.keep_unmapped = true,
            "map" => options.maps.push(pair()),
            "stage" => options.stages.push(pair()),
            "currency" => options.currency = crm_core::Currency::new(rest),
            other => panic!("no option `{other}`"),
        }
    }
    options
}
