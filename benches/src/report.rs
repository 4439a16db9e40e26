//! The table at the end of a run: medians that criterion measured, and their ratios.

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
    /// The benchmark that it is compared with.
    pub baseline: &'static str,
    /// The target: ours is to take at most so many times what the baseline takes.
    pub at_most: f64,
}

/// Prints a table of medians and ratios; lines that were not measured in this or an earlier run say so.
pub fn print(lines: &[Line]) {
    println!("\n{:<58} {:>12} {:>12} {:>8} {:>8}", "", "ours", "baseline", "ratio", "target");
    for line in lines {
        let (ours, baseline) = (median(line.group, line.ours), median(line.group, line.baseline));
        let (Some(ours), Some(baseline)) = (ours, baseline) else {
            println!("{:<58} not measured", line.what);
            continue;
        };
        let ratio = ours / baseline;
        let verdict = if ratio <= line.at_most { "" } else { "  missed" };
        println!(
            "{:<58} {:>12} {:>12} {:>7.2}x {:>7.2}x{verdict}",
            line.what,
            time(ours),
            time(baseline),
            ratio,
            line.at_most
        );
    }
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
