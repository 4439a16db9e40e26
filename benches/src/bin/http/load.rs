//! What is asked, by `wrk`, and how fast it is answered.

use std::{fs, path::Path, process::Command, time::Duration};

use crm_benches::measure::ok;
use serde::Deserialize;

use crate::client::Client;

/// How many connections ask at the same time.
const CONNECTIONS: u32 = 16;
/// The threads of `wrk`.
const THREADS: u32 = 2;
/// The longest that one load is measured.
const LONGEST: Duration = Duration::from_secs(90);

/// One way of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Load {
    Get,
    First,
    Deep,
    Count,
    Rare,
    Single,
    Common,
    Create,
}

impl Load {
    pub(crate) const ALL: [Self; 8] = [
        Self::Get,
        Self::First,
        Self::Deep,
        Self::Count,
        Self::Rare,
        Self::Single,
        Self::Common,
        Self::Create,
    ];

    /// The name by which `--only` chooses it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::First => "first",
            Self::Deep => "deep",
            Self::Count => "count",
            Self::Rare => "rare",
            Self::Single => "single",
            Self::Common => "common",
            Self::Create => "create",
        }
    }

    /// What the table says.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Get => "get by id, any of them",
            Self::First => "list of 50, first page",
            Self::Deep => "list of 50, any page",
            Self::Count => "list of 50, `count=true`",
            Self::Rare => "search, one match in a thousand",
            Self::Single => "search, one match",
            Self::Common => "search, common term",
            Self::Create => "create",
        }
    }
}

/// How a load went.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    /// Answers per second; 0 if there was none.
    pub(crate) rate: f64,
    /// The time within which 99 of 100 were answered; if none was, the time that was waited.
    pub(crate) p99: Duration,
}

/// What `load.lua` says of a run.
#[derive(Debug, Deserialize)]
struct Outcome {
    requests: u64,
    microseconds: u64,
    bytes: u64,
    refused: u64,
    broken: u64,
    late: u64,
    p99: u64,
}

/// Sends requests, lines as `load.lua` takes them, for so long. One of them alone has taken `once` and brought `bytes`.
pub(crate) fn run(
    client: &Client,
    lines: &[String],
    scratch: &Path,
    seconds: u64,
    (once, bytes): (Duration, usize),
) -> Figure {
    // What is slow alone is slower beside others, and is to be answered more than once by each connection.
    let enough = (once * 2 * CONNECTIONS).min(LONGEST);
    let mut time = enough.max(Duration::from_secs(seconds));
    let file = scratch.join("requests");
    // Each run has numbers of its own, so that none makes what another one has made.
    let mut turn = 0;
    let mut ask = |time| {
        ok(fs::write(&file, lines.join("\n").replace("@N", &format!("{turn}-@N"))));
        turn += 1;
        let outcome = wrk(client, &file, time);
        let failed = outcome.refused + outcome.broken + outcome.late;
        assert!(failed == 0, "not everything was answered well: {outcome:?}");
        outcome
    };
    ask(Duration::from_secs(seconds.div_ceil(4)));
    let mut outcome = ask(time);
    while outcome.requests == 0 && time < LONGEST {
        time = (time * 3).min(LONGEST);
        outcome = ask(time);
    }
    if outcome.requests == 0 {
        return Figure { rate: 0.0, p99: time };
    }
    // Answers that are much shorter than the one that was looked at are not of the same kind.
    let mean = usize::try_from(outcome.bytes / outcome.requests).unwrap_or(usize::MAX);
    assert!(mean * 5 > bytes * 2, "answers of {mean} bytes where {bytes} were expected");
    let rate = outcome.requests as f64 / (outcome.microseconds as f64 / 1e6);
    Figure { rate, p99: Duration::from_micros(outcome.p99) }
}

fn wrk(client: &Client, requests: &Path, time: Duration) -> Outcome {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/load.lua");
    let mut command = Command::new("wrk");
    command.args(["--threads", &THREADS.to_string(), "--connections", &CONNECTIONS.to_string()]);
    command.args(["--timeout", "120s", "--duration", &format!("{}s", time.as_secs_f64().ceil())]);
    command.arg("--script").arg(script).arg(format!("http://{}", client.address)).arg("--").arg(requests);
    command.args(client.headers.iter().map(|(name, value)| format!("{name}: {value}")));
    let output = command.output();
    let output =
        output.unwrap_or_else(|error| panic!("cannot run `wrk`, which Debian has a package of: {error}"));
    let said = String::from_utf8_lossy(&output.stdout);
    let result = said.lines().find_map(|line| line.strip_prefix("RESULT "));
    ok(serde_json::from_str(result.unwrap_or_else(|| panic!("{command:?}: {output:?}"))))
}
