//! Days as exports write them. A day that could be read in two ways is refused.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use clap::ValueEnum;
use crm_core::{
    Calendar,
    value::{parse_date, parse_time},
};

/// What comes first in a day such as `03/04/2026`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DateOrder {
    /// The day: 3 April.
    #[value(name = "dmy")]
    DayFirst,
    /// The month: March 4.
    #[value(name = "mdy")]
    MonthFirst,
}

/// Reads a day, of which a time that follows is left out.
///
/// # Errors
/// A message that reads on from the name of the column.
pub(super) fn read(entered: &str, order: Option<DateOrder>) -> Result<NaiveDate, String> {
    let odd = || "must be a date such as `2026-01-31`".to_owned();
    let head =
        entered.get(..10).filter(|_| entered.get(10..11).is_none_or(|next| next == "T" || next == " "));
    if let Some(date) = head.and_then(parse_date) {
        return Ok(date);
    }
    let words: Vec<&str> =
        entered.split([' ', ',', '/', '.', '-']).filter(|word| !word.is_empty()).take(4).collect();
    let [first, second, third] = words.as_slice() else { return Err(odd()) };
    let named = |day: &str, month: &str, year: &str| date(year, month_named(month)?, day);
    if month_named(second).is_some() {
        return named(first, second, third).ok_or_else(odd);
    }
    if month_named(first).is_some() {
        return named(second, first, third).ok_or_else(odd);
    }
    if first.len() == 4 {
        return date(first, number(second).ok_or_else(odd)?, third).ok_or_else(odd);
    }
    let (Some(one), Some(two)) = (number(first), number(second)) else { return Err(odd()) };
    let day_first = || date(third, two, first).ok_or_else(odd);
    let month_first = || date(third, one, second).ok_or_else(odd);
    match order {
        Some(DateOrder::DayFirst) => day_first(),
        Some(DateOrder::MonthFirst) => month_first(),
        None if entered.contains('.') || one > 12 || one == two => day_first(),
        None if two > 12 => month_first(),
        None => {
            Err("could be read in two ways; say with --dates dmy or --dates mdy which one is meant"
                .to_owned())
        }
    }
}

/// Reads a moment: a time with its offset, or a time or a day where the tenant is. A day is its first moment.
///
/// # Errors
/// A message that reads on from the name of the column.
pub(super) fn read_moment(
    entered: &str,
    order: Option<DateOrder>,
    calendar: Calendar,
) -> Result<DateTime<Utc>, String> {
    if let Some(time) = parse_time(entered) {
        return Ok(time);
    }
    for format in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"] {
        if let Ok(local) = NaiveDateTime::parse_from_str(entered, format) {
            return Ok(calendar.moment(local));
        }
    }
    // With a time of another form the day alone would be a moment that nobody has entered.
    let day = read(entered, order)?;
    if entered.contains(':') {
        return Err(
            "must be a time such as `2026-01-31 12:00` or `2026-01-31T12:00:00Z`, or a day".to_owned()
        );
    }
    Ok(calendar.start(day))
}

fn number(digits: &str) -> Option<u32> {
    let plain = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

fn date(year: &str, month: u32, day: &str) -> Option<NaiveDate> {
    let plain = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    NaiveDate::from_ymd_opt(year.parse().ok().filter(|_| plain)?, month, number(day)?)
        .filter(|_| year != "0000")
}

fn month_named(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.to_lowercase();
    let same = |month: &&str| word.len() >= 3 && month.starts_with(&word);
    MONTHS.iter().position(same).and_then(|at| u32::try_from(at + 1).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_exports_write_them() {
        for entered in [
            "2026-01-31",
            "2026-01-31T23:59:00Z",
            "2026-01-31 08:00",
            "2026/1/31",
            "31.01.2026",
            "31/1/2026",
            "1/31/2026",
            "31 Jan 2026",
            "Jan 31, 2026",
            "January 31 2026",
            "31-jan-2026",
        ] {
            let read = read(entered, None);
            assert_eq!(read.map(|date| date.to_string()).as_deref(), Ok("2026-01-31"), "{entered}");
        }
    }

    #[test]
    fn moments_are_read_where_the_tenant_is() {
        let berlin = Calendar::named("Europe/Berlin").unwrap();
        for (entered, utc) in [
            ("2026-07-01T12:00:00Z", "2026-07-01T12:00:00Z"),
            ("2026-07-01T12:00:00-05:00", "2026-07-01T17:00:00Z"),
            ("2026-07-01 12:00:30", "2026-07-01T10:00:30Z"),
            ("2026-07-01T12:00", "2026-07-01T10:00:00Z"),
            ("2026-07-01", "2026-06-30T22:00:00Z"),
            ("1 July 2026", "2026-06-30T22:00:00Z"),
            ("2026-01-01 12:00", "2026-01-01T11:00:00Z"),
        ] {
            let read = read_moment(entered, None, berlin);
            assert_eq!(read, Ok(utc.parse().unwrap()), "{entered}");
        }
        for entered in ["", "soon", "03/04/2026", "2026-07-01 25:00", "1 July 2026, 12:00 pm"] {
            assert!(read_moment(entered, None, berlin).is_err(), "{entered}");
        }
    }

    #[test]
    fn a_day_that_can_be_read_in_no_way_or_in_two_is_refused() {
        for entered in
            ["", "03/04/2026", "31/31/2026", "2026-02-30", "31.1.26", "soon", "0000-01-01", "1/2/3/2026"]
        {
            assert!(read(entered, None).is_err(), "{entered}");
        }
        let read = |order| read("03/04/2026", Some(order)).unwrap().to_string();
        assert_eq!(read(DateOrder::DayFirst), "2026-04-03");
        assert_eq!(read(DateOrder::MonthFirst), "2026-03-04");
    }
}
