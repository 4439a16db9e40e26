//! A tenant's calendar: which day a moment falls on where the tenant is. Figures by day are kept by it.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// The days of a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar(Tz);

impl Default for Calendar {
    fn default() -> Self {
        Self(Tz::UTC)
    }
}

impl Calendar {
    /// The calendar of a time zone of the IANA database: `Europe/Berlin`; `None` for any other name.
    pub fn named(time_zone: &str) -> Option<Self> {
        time_zone.parse().ok().map(Self)
    }

    /// The time zone's name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The day of a moment.
    pub fn day(self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.0).date_naive()
    }

    /// The first moment of a day. Where clocks skip midnight it is the moment to which they skip; where they repeat it,
    /// the former one.
    pub fn start(self, day: NaiveDate) -> DateTime<Utc> {
        self.moment(day.and_time(NaiveTime::MIN))
    }

    /// The moment at which clocks show this time: the former one where they repeat it, and the one to which they skip
    /// where they skip it.
    pub fn moment(self, local: NaiveDateTime) -> DateTime<Utc> {
        // The longest that clocks have ever skipped is a day, in quarters of an hour.
        (0..=96)
            .find_map(|quarters| {
                let local = local.checked_add_signed(TimeDelta::minutes(15 * quarters))?;
                self.0.from_local_datetime(&local).earliest()
            })
            .map_or_else(|| local.and_utc(), |start| start.with_timezone(&Utc))
    }
}

/// A day as a part of a counter's key, so that keys sort by day: `2026-03-01`.
pub(crate) fn day_key(day: NaiveDate) -> String {
    format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day())
}

/// A month as a part of a counter's key: `2026-03`.
pub(crate) fn month_key(day: NaiveDate) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_is_on_the_day_that_it_is_where_the_tenant_is() {
        let auckland = Calendar::named("Pacific/Auckland").unwrap();
        assert_eq!(auckland.day(time("2026-03-01T11:30:00Z")), day("2026-03-02"));
        assert_eq!(Calendar::default().day(time("2026-03-01T11:30:00Z")), day("2026-03-01"));
        assert_eq!(Calendar::named("Nowhere/Else"), None);
    }

    #[test]
    fn a_day_begins_where_clocks_skip_or_repeat_midnight() {
        let sao_paulo = Calendar::named("America/Sao_Paulo").unwrap();
        // On this day clocks went from 23:59 to 01:00.
        assert_eq!(sao_paulo.start(day("2018-11-04")), time("2018-11-04T03:00:00Z"));
        let havana = Calendar::named("America/Havana").unwrap();
        // On this day the hour from midnight on happened twice.
        assert_eq!(havana.start(day("2025-11-02")), time("2025-11-02T04:00:00Z"));
        let apia = Calendar::named("Pacific/Apia").unwrap();
        // This day never was.
        assert_eq!(apia.start(day("2011-12-30")), apia.start(day("2011-12-31")));
    }

    #[test]
    fn every_moment_of_a_day_is_on_that_day() {
        for zone in ["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe"] {
            let calendar = Calendar::named(zone).unwrap();
            for nth in 0..3_000 {
                let day = day("2017-01-01") + TimeDelta::days(nth);
                let (start, next) = (calendar.start(day), calendar.start(day.succ_opt().unwrap()));
                assert_eq!(calendar.day(start), day, "{zone}");
                assert_eq!(calendar.day(next - TimeDelta::microseconds(1)), day, "{zone}");
            }
        }
    }
}
