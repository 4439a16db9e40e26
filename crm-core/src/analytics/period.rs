//! Periods of days, and the buckets of a series.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{Error, Result, calendar::day_key};

/// The most days that one question is about: five years.
pub const MAX_DAYS: i64 = 5 * 366;

/// Days from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    from: NaiveDate,
    to: NaiveDate,
}

impl Period {
    /// The days from `from` to `to`.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it ends before it begins, has more than [`MAX_DAYS`] days, or leaves the years 1 to 9999.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self> {
        if !(1..=9999).contains(&from.year()) || !(1..=9999).contains(&to.year()) {
            return Err(Error::invalid("from", "out_of_range", "must be of the years 1 to 9999, like `to`"));
        }
        if to < from {
            return Err(Error::invalid("to", "before_start", "must not be before `from`"));
        }
        if (to - from).num_days() >= MAX_DAYS {
            let detail = format!("must be less than {MAX_DAYS} days, five years, after `from`");
            return Err(Error::invalid("to", "period_too_long", detail));
        }
        Ok(Self { from, to })
    }

    /// The year that ends with this day.
    pub fn year_to(day: NaiveDate) -> Self {
        let from = day.checked_sub_months(Months::new(12)).and_then(|day| day.checked_add_days(Days::new(1)));
        Self { from: from.unwrap_or(day), to: day }
    }

    /// The first day.
    pub fn from(self) -> NaiveDate {
        self.from
    }

    /// The last day.
    pub fn to(self) -> NaiveDate {
        self.to
    }

    /// The day after the last.
    pub(super) fn end(self) -> NaiveDate {
        self.to.succ_opt().unwrap_or(self.to)
    }

    /// The range of counters' keys that begin with one of the days. A day is followed by `|` or by nothing, and both sort
    /// before what is higher than any of them.
    pub(super) fn keys(self) -> (String, String) {
        (day_key(self.from), format!("{}~", day_key(self.to)))
    }
}

/// What the points of a series stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// A day.
    Day,
    /// A week from Monday on (ISO 8601).
    Week,
    /// A month.
    Month,
}

impl Bucket {
    /// The first day of the bucket that a day is in.
    pub fn start(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => day,
            Self::Week => {
                let since_monday = u64::from(day.weekday().num_days_from_monday());
                day.checked_sub_days(Days::new(since_monday)).unwrap_or(day)
            }
            Self::Month => day.with_day(1).unwrap_or(day),
        }
    }

    /// The first day of the bucket after the one that begins with this day.
    fn next(self, start: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Day => start.succ_opt(),
            Self::Week => start.checked_add_days(Days::new(7)),
            Self::Month => start.checked_add_months(Months::new(1)),
        }
    }

    /// The first day of each bucket that has a day of the period.
    pub(super) fn starts(self, period: Period) -> Vec<NaiveDate> {
        let mut starts = Vec::new();
        let mut next = Some(self.start(period.from));
        while let Some(start) = next.filter(|start| *start <= period.to) {
            starts.push(start);
            next = self.next(start);
        }
        starts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_week_begins_on_monday_and_a_month_on_its_first() {
        let period = Period::new(day("2025-12-31"), day("2026-02-02")).unwrap();
        let starts = |bucket: Bucket| {
            let starts: Vec<String> = bucket.starts(period).iter().map(ToString::to_string).collect();
            starts.join(" ")
        };
        assert_eq!(starts(Bucket::Week), "2025-12-29 2026-01-05 2026-01-12 2026-01-19 2026-01-26 2026-02-02");
        assert_eq!(starts(Bucket::Month), "2025-12-01 2026-01-01 2026-02-01");
        assert_eq!(Bucket::Day.starts(period).len(), 34);
    }

    #[test]
    fn a_period_is_in_order_and_of_five_years_at_most() {
        assert!(Period::new(day("2026-01-01"), day("2026-01-01")).is_ok());
        assert!(Period::new(day("2026-01-02"), day("2026-01-01")).is_err());
        assert!(Period::new(day("2021-01-01"), day("2025-12-31")).is_ok());
        assert!(Period::new(day("2021-01-01"), day("2026-01-31")).is_err());
        let year = Period::year_to(day("2026-03-01"));
        assert_eq!((year.from(), year.to()), (day("2025-03-02"), day("2026-03-01")));
    }

    #[test]
    fn the_keys_of_a_period_are_those_of_its_days() {
        let (from, to) = Period::new(day("2026-01-09"), day("2026-01-10")).unwrap().keys();
        let inside = |key: &str| from.as_str() <= key && key < to.as_str();
        assert!(["2026-01-09", "2026-01-09|new", "2026-01-10", "2026-01-10|z|y"].into_iter().all(inside));
        assert!(!["2026-01-08", "2026-01-08|z", "2026-01-11", "2026-01-11|a"].into_iter().any(inside));
    }
}
