//! Counters: the tenant's figures, kept by every commit so that reading them costs the same at any size.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::{Calendar, Error, Object, Result, Row, calendar};

/// One figure of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// What is counted: `leads.stage`.
    pub name: String,
    /// Of what: `qualified`. Parts are joined by `|`.
    pub key: String,
    /// How much, now; never 0, which is not stored.
    pub value: i64,
}

/// What a batch adds to one counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// What is counted.
    pub name: &'static str,
    /// Of what.
    pub key: String,
    /// How much to add; never 0.
    pub by: i64,
}

/// Which counters to read: all keys of these names, or the keys of a range.
#[derive(Clone, Debug)]
pub struct CounterQuery {
    /// The names.
    pub names: Vec<&'static str>,
    /// Only keys from this one on, by code point.
    pub from: Option<String>,
    /// Only keys before this one.
    pub to: Option<String>,
}

impl CounterQuery {
    /// All keys of these names.
    pub fn of(names: &[&'static str]) -> Self {
        Self { names: names.to_vec(), from: None, to: None }
    }

    /// Whether a counter is one of those asked for.
    pub fn matches(&self, name: &str, key: &str) -> bool {
        self.names.contains(&name)
            && self.from.as_deref().is_none_or(|from| key >= from)
            && self.to.as_deref().is_none_or(|to| key < to)
    }
}

/// Figures of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// The head of the log at that moment: every event up to this one is counted, none after it.
    pub as_of: i64,
    /// The figures, in the order of name and key.
    pub counters: Vec<Counter>,
}

impl Counters {
    /// The figures of one name, with their keys.
    pub fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, i64)> + 'a {
        let own = self.counters.iter().filter(move |counter| counter.name == name);
        own.map(|counter| (counter.key.as_str(), counter.value))
    }

    /// One figure; 0 if it is not stored.
    pub fn value(&self, name: &str, key: &str) -> i64 {
        let found = self.counters.iter().find(|counter| counter.name == name && counter.key == key);
        found.map_or(0, |counter| counter.value)
    }
}

/// Where an object's rows put what they count.
#[derive(Debug)]
pub struct Tally<'a> {
    sums: &'a mut Sums,
    sign: i64,
}

impl Tally<'_> {
    /// The day of a moment in the tenant's calendar, as a part of a key: `2026-03-01`.
    pub fn day(&self, at: DateTime<Utc>) -> String {
        calendar::day_key(self.sums.calendar.day(at))
    }

    /// The month of a moment in the tenant's calendar, as a part of a key: `2026-03`.
    pub fn month(&self, at: DateTime<Utc>) -> String {
        calendar::month_key(self.sums.calendar.day(at))
    }

    /// Counts one record under this key.
    pub fn one(&mut self, name: &'static str, key: impl Into<String>) {
        self.add(name, key, 1);
    }

    /// Adds an amount under this key.
    pub fn add(&mut self, name: &'static str, key: impl Into<String>, amount: i64) {
        let sum = self.sums.sums.entry((name, key.into())).or_default();
        *sum += i128::from(amount) * i128::from(self.sign);
    }
}

/// Sums of what rows count, or of what changes of them add.
#[derive(Debug, Default)]
pub struct Sums {
    calendar: Calendar,
    sums: BTreeMap<(&'static str, String), i128>,
}

impl Sums {
    /// Sums by the days of this calendar; [`Sums::default`] is by those of UTC.
    pub fn by(calendar: Calendar) -> Self {
        Self { calendar, sums: BTreeMap::new() }
    }

    /// Goes on by the days of another calendar. What was added before stays.
    pub(crate) fn turn_to(&mut self, calendar: Calendar) {
        self.calendar = calendar;
    }

    /// Adds what a row counts; a deleted row counts nothing.
    pub fn add(&mut self, object: &Object, row: &Row) {
        self.tally(object, row, 1);
    }

    /// Takes away what a row counted.
    pub fn subtract(&mut self, object: &Object, row: &Row) {
        self.tally(object, row, -1);
    }

    fn tally(&mut self, object: &Object, row: &Row, sign: i64) {
        if row.deleted_at.is_none() {
            (object.tally)(row, &mut Tally { sums: self, sign });
        }
    }

    /// The sums that are not 0, in the order of name and key.
    ///
    /// # Errors
    /// [`Error::Invalid`] if a sum does not fit 64 bits.
    pub fn deltas(self) -> Result<Vec<Delta>> {
        let sums = self.sums.into_iter().filter(|(_, by)| *by != 0);
        sums.map(|((name, key), by)| {
            let by = i64::try_from(by).map_err(|_| overflow())?;
            Ok(Delta { name, key, by })
        })
        .collect()
    }

    /// The sums that are not 0 as they are, for comparison with what is stored.
    pub(crate) fn into_map(self) -> BTreeMap<(String, String), i128> {
        let sums = self.sums.into_iter().filter(|(_, sum)| *sum != 0);
        sums.map(|((name, key), sum)| ((name.to_owned(), key), sum)).collect()
    }
}

/// What every store answers when a counter would leave the range of 64 bits.
pub fn overflow() -> Error {
    Error::invalid("", "sum_out_of_range", "a total of this tenant would leave the range of 64-bit numbers")
}
