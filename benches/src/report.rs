//! The table at the end of a run: medians that criterion measured, and how they compare.

use std::{fs, path::PathBuf};

use serde_json::Value;

/// One line of the table.
#[derive(Debug)]
pub struct Line {
    /// What was measured.
    pub what: &'static str,
    /// The criterion group.
    pub group: &'static str,
    /// The benchmark of ours in that group.
    pub ours: &'static str,
    /// What it is compared with.
    pub against: Against,
}

/// What a benchmark of ours is compared with.
#[derive(Clone, Copy, Debug)]
pub enum Against {
    /// This other benchmark, of whose time ours is to take at most so many times.
    AtMost(&'static str, f64),
    /// This other benchmark, for information.
    Beside(&'static str),
    /// The clock: ours is to take at most so many milliseconds.
    Within(f64),
    /// This other benchmark, of whose rate ours is to reach at least this share.
    Share(&'static str, f64),
    /// The rate of this other benchmark, for information.
    Rate(&'static str),
    /// Nothing; the rate is told.
    Alone,
}

/// A line with a ratio of times and a target for it.
pub const fn line(
    what: &'static str,
    group: &'static str,
    ours: &'static str,
    baseline: &'static str,
    at_most: f64,
) -> Line {
    Line { what, group, ours, against: Against::AtMost(baseline, at_most) }
}

/// Prints the table; lines that were not measured in this or an earlier run say so.
pub fn print(lines: &[Line]) {
    println!("\n{:<62} {:>12} {:>12} {:>8} {:>8}", "", "ours", "baseline", "ratio", "target");
    for line in lines {
        let row = row(line, |name| median(line.group, name));
        println!("{:<62} {}", line.what, row.unwrap_or_else(|| "not measured".to_owned()));
    }
}

fn row(line: &Line, median: impl Fn(&str) -> Option<f64>) -> Option<String> {
    let ours = median(line.ours)?;
    let verdict = |met: bool| if met { "" } else { "  missed" };
    let cells = |ours: String, other: String, ratio: String, target: String, met: bool| {
        format!("{ours:>12} {other:>12} {ratio:>8} {target:>8}{}", verdict(met))
    };
    let none = String::new;
    let times = |value: f64| format!("{value:.2}x");
    Some(match line.against {
        Against::AtMost(name, at_most) => {
            let ratio = ours / median(name)?;
            cells(time(ours), time(median(name)?), times(ratio), times(at_most), ratio <= at_most)
        }
        Against::Beside(name) => {
            cells(time(ours), time(median(name)?), times(ours / median(name)?), none(), true)
        }
        Against::Within(milliseconds) => {
            cells(time(ours), none(), none(), time(milliseconds * 1e6), ours <= milliseconds * 1e6)
        }
        Against::Share(name, share) => {
            let ratio = median(name)? / ours;
            cells(rate(ours), rate(median(name)?), times(ratio), format!(">{share:.3}"), ratio >= share)
        }
        Against::Rate(name) => {
            cells(rate(ours), rate(median(name)?), times(median(name)? / ours), none(), true)
        }
        Against::Alone => cells(rate(ours), none(), none(), none(), true),
    })
}

/// Where criterion keeps what it has measured.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/criterion")
}

fn median(group: &str, name: &str) -> Option<f64> {
    // criterion replaces what cannot stand in a file's name.
    let escaped = |name: &str| name.replace(['?', '"', '/', '\\', '*', '<', '>', ':', '|', '^'], "_");
    let file = folder().join(escaped(group)).join(escaped(name)).join("new/estimates.json");
    let estimates: Value = serde_json::from_str(&fs::read_to_string(file).ok()?).ok()?;
    estimates.get("median")?.get("point_estimate")?.as_f64()
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1e3 => format!("{n:.0} ns"),
        n if n < 1e6 => format!("{:.1} us", n / 1e3),
        n if n < 1e9 => format!("{:.2} ms", n / 1e6),
        n => format!("{:.2} s", n / 1e9),
    }
}

fn rate(nanoseconds: f64) -> String {
    format!("{:.0}/s", 1e9 / nanoseconds)
}
