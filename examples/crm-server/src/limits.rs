//! What the server lets its clients take, as options.

use std::{num::NonZeroUsize, time::Duration};

use clap::Args;
use crm_http::{Limits, Metrics, Origin, Origins, Rate, Settings};

/// What clients may take.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// An origin whose web pages may use the API from elsewhere, such as `https://app.example`. Can be given several times;
    /// the variable takes several with commas between them
    #[arg(long = "origin", env = "CRM_ORIGINS", value_name = "ORIGIN", value_delimiter = ',')]
    pub origins: Vec<Origin>,

    /// How many requests a tenant may send in a minute; 0 for as many as it likes
    #[arg(long, env = "CRM_TENANT_RATE", value_name = "COUNT", default_value = "3000000")]
    pub tenant_rate: u32,

    /// How many requests one user or key of a tenant may send in a minute; 0 for as many as it likes
    #[arg(long, env = "CRM_CALLER_RATE", value_name = "COUNT", default_value = "1500000")]
    pub caller_rate: u32,

    /// How many requests without a valid sign-in one network address may send in a minute; 0 for as many as it likes
    #[arg(long, env = "CRM_ADDRESS_RATE", value_name = "COUNT", default_value = "6000")]
    pub address_rate: u32,

    /// How many requests of one tenant that change nothing are worked on at once while no other tenant asks; more of
    /// them wait; twice the number of processors if not given
    #[arg(long, env = "CRM_TENANT_READERS", value_name = "COUNT")]
    pub tenant_readers: Option<NonZeroUsize>,

    /// The same while other tenants ask; the number of processors if not given
    #[arg(long, env = "CRM_TENANT_READERS_BESIDE", value_name = "COUNT")]
    pub tenant_readers_beside: Option<NonZeroUsize>,

    /// How many requests of one tenant that change something are worked on at once while no other tenant asks; eight
    /// times the number of processors if not given
    #[arg(long, env = "CRM_TENANT_WRITERS", value_name = "COUNT")]
    pub tenant_writers: Option<NonZeroUsize>,

    /// The same while other tenants ask; half the number of processors if not given
    #[arg(long, env = "CRM_TENANT_WRITERS_BESIDE", value_name = "COUNT")]
    pub tenant_writers_beside: Option<NonZeroUsize>,

    /// How many requests of one tenant may wait of each of the two kinds; beyond it they are answered with 503
    #[arg(long, env = "CRM_TENANT_QUEUE", value_name = "COUNT", default_value = "1024")]
    pub tenant_queue: usize,

    /// How many live streams one tenant has open at once; more are answered with 429
    #[arg(long, env = "CRM_TENANT_STREAMS", value_name = "COUNT", default_value = "2000")]
    pub tenant_streams: usize,

    /// How long nothing happens on a live stream before it gives a sign of life
    #[arg(long, env = "CRM_HEARTBEAT", value_name = "SECONDS", default_value = "15", value_parser = seconds)]
    pub heartbeat: Duration,

    /// How many bytes of answers are kept to be given again while nothing has changed; 0 for none
    #[arg(long, env = "CRM_ANSWER_CACHE", value_name = "BYTES", default_value = "16777216")]
    pub answer_cache: usize,

    /// How many connections are served at once, live ones included; more wait until one ends
    #[arg(long, env = "CRM_CONNECTIONS", value_name = "COUNT", default_value = "4096")]
    pub connections: NonZeroUsize,

    /// The most bytes that the head of a request may have
    #[arg(long, env = "CRM_HEAD_LIMIT", value_name = "BYTES", default_value = "65536",
        value_parser = clap::value_parser!(u32).range(1_024..=1 << 24))]
    pub head_limit: u32,

    /// The most bytes that the body of a request may have
    #[arg(long, env = "CRM_BODY_LIMIT", value_name = "BYTES", default_value = "1048576")]
    pub body_limit: usize,

    /// How long the head of a request may take to arrive, and how long a connection may lie idle
    #[arg(long, env = "CRM_HEAD_TIMEOUT", value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub head_timeout: Duration,

    /// How long the body of a request may take to arrive
    #[arg(long, env = "CRM_BODY_TIMEOUT", value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub body_timeout: Duration,

    /// How long a client may read nothing of an answer before its connection is cut
    #[arg(long, env = "CRM_STALL_TIMEOUT", value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub stall_timeout: Duration,

    /// How long requests in flight have to finish after a signal
    #[arg(long, env = "CRM_DRAIN_TIMEOUT", value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub drain_timeout: Duration,
}

/// A time of a millisecond to a day, also with a fraction.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: Option<f64> = text.parse().ok().filter(|seconds| (0.001..=86_400.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "it must be a number from 0.001 to 86400".to_owned())
}

fn rate(requests: u32) -> Option<Rate> {
    (requests > 0).then(|| Rate::per_minute(requests))
}

impl LimitArgs {
    /// What holds for connections.
    pub(crate) fn connections(&self) -> Limits {
        let mut limits = Limits::default();
        limits.connections = self.connections.get();
        limits.head = self.head_timeout;
        limits.head_size = usize::try_from(self.head_limit).unwrap_or(usize::MAX);
        limits.stall = self.stall_timeout;
        limits.drain = self.drain_timeout;
        limits
    }

    /// What holds for requests.
    pub(crate) fn requests(&self, metrics: Metrics) -> Settings {
        let mut settings = Settings::default();
        settings.body_limit = self.body_limit;
        settings.body_timeout = self.body_timeout;
        settings.tenant_rate = rate(self.tenant_rate);
        settings.caller_rate = rate(self.caller_rate);
        settings.stranger_rate = rate(self.address_rate);
        for (own, given) in [
            (&mut settings.tenant_readers, self.tenant_readers),
            (&mut settings.tenant_readers_beside, self.tenant_readers_beside),
            (&mut settings.tenant_writers, self.tenant_writers),
            (&mut settings.tenant_writers_beside, self.tenant_writers_beside),
        ] {
            *own = given.map_or(*own, NonZeroUsize::get);
        }
        settings.tenant_queue = self.tenant_queue;
        settings.tenant_streams = self.tenant_streams;
        settings.heartbeat = self.heartbeat;
        settings.answers = self.answer_cache;
        settings.origins = Origins::new(self.origins.iter().cloned());
        settings.metrics = metrics;
        settings
    }
}

#[cfg(test)]
mod tests {
    use clap::FromArgMatches;

    use super::*;

    fn parsed(arguments: &[&str]) -> Result<LimitArgs, clap::Error> {
        let command = LimitArgs::augment_args(clap::Command::new("test").no_binary_name(true));
        LimitArgs::from_arg_matches(&command.try_get_matches_from(arguments)?)
    }

    #[test]
    fn the_defaults_are_those_of_the_library() {
        let arguments = parsed(&[]).unwrap();
        assert_eq!(format!("{:?}", arguments.connections()), format!("{:?}", Limits::default()));
        let (own, library) = (arguments.requests(Metrics::new()), Settings::default());
        let places = |settings: &Settings| {
            let beside = [settings.tenant_readers_beside, settings.tenant_writers_beside];
            ([settings.tenant_readers, settings.tenant_writers, settings.tenant_queue], beside)
        };
        let figures = |settings: &Settings| {
            let rates = [settings.tenant_rate, settings.caller_rate, settings.stranger_rate];
            let live = (settings.tenant_streams, settings.heartbeat, settings.answers);
            (rates, settings.body_limit, settings.body_timeout, places(settings), live)
        };
        assert_eq!(figures(&own), figures(&library));
    }

    #[test]
    fn each_option_sets_what_it_says() {
        let arguments = parsed(&[
            "--origin=https://app.example,http://localhost:3000",
            "--origin=https://b.example",
            "--tenant-rate=1",
            "--caller-rate=2",
            "--address-rate=0",
            "--tenant-readers=3",
            "--tenant-writers=4",
            "--tenant-readers-beside=2",
            "--tenant-writers-beside=1",
            "--tenant-queue=5",
            "--connections=6",
            "--head-limit=2048",
            "--body-limit=8",
            "--head-timeout=9",
            "--body-timeout=0.5",
            "--stall-timeout=11",
            "--drain-timeout=12",
        ]);
        let arguments = arguments.unwrap();
        let (limits, settings) = (arguments.connections(), arguments.requests(Metrics::new()));
        let second = Duration::from_secs(1);
        assert_eq!((limits.connections, limits.head_size), (6, 2_048));
        assert_eq!([limits.head, limits.stall, limits.drain], [9, 11, 12].map(|count| second * count));
        assert_eq!((settings.body_limit, settings.body_timeout), (8, second / 2));
        assert_eq!(settings.tenant_rate, Some(Rate::per_minute(1)));
        assert_eq!(settings.caller_rate, Some(Rate::per_minute(2)));
        assert_eq!(settings.stranger_rate, None);
        let places = [settings.tenant_readers, settings.tenant_writers, settings.tenant_queue];
        assert_eq!(places, [3, 4, 5]);
        assert_eq!([settings.tenant_readers_beside, settings.tenant_writers_beside], [2, 1]);
        assert_eq!(arguments.origins.len(), 3);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for argument in [
            "--origin=app.example",
            "--origin=https://app.example/",
            "--connections=0",
            "--tenant-readers=0",
            "--tenant-writers=0",
            "--head-limit=10",
            "--head-timeout=0",
            "--body-timeout=-1",
            "--stall-timeout=NaN",
            "--drain-timeout=inf",
            "--tenant-rate=-1",
        ] {
            assert!(parsed(&[argument]).is_err(), "{argument}");
        }
    }
}
