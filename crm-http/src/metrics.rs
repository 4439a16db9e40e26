//! What the service counts and times, as Prometheus reads it. No label says whose request it was.

use std::{
    fmt,
    fmt::Write,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use crm_core::Crm;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

use crate::{problem::Problem, service::Shared};

/// What is read of the CRM itself.
const COMMITS: &str = "crm_commits_total";
/// The bounds of the classes of durations, in seconds.
const BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The figures of one service, for `GET /metrics`. Clones are one and the same.
///
/// A host adds its own to those of the service that it gives this to through
/// [`Settings::metrics`](crate::Settings::metrics):
///
/// ```
/// let metrics = crm_http::Metrics::new();
/// metrics.gauge("host_queue_length", "Jobs that wait.", || 3.0)?;
/// assert!(metrics.text().contains("\nhost_queue_length 3\n"));
/// # Ok::<(), crm_http::InvalidMetric>(())
/// ```
#[derive(Clone, Default)]
pub struct Metrics(Arc<Figures>);

struct Figures {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    in_flight: IntGauge,
    refused: IntCounterVec,
    streams: IntGaugeVec,
    readings: Mutex<Vec<Reading>>,
}

/// A figure that is asked for when it is wanted.
struct Reading {
    name: String,
    help: String,
    kind: &'static str,
    read: Arc<dyn Fn() -> f64 + Send + Sync>,
}

/// A figure cannot be added: its name is taken, or is none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidMetric {
    /// The name.
    pub name: String,
}

impl fmt::Display for InvalidMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name } = self;
        write!(
            f,
            "`{name}` is taken, or no name of a metric: use ASCII letters, digits and `_`, no digit first"
        )
    }
}

impl std::error::Error for InvalidMetric {}

impl Default for Figures {
    fn default() -> Self {
        let registry = Registry::new();
        // These names and labels are fixed, each is there once, and the first test that runs sees that they are valid.
        #[expect(clippy::expect_used, reason = "nothing from outside decides over it")]
        fn valid<T>(made: prometheus::Result<T>) -> T {
            made.expect("the service's own metrics are valid")
        }
        let counters = |name: &str, help: &str, labels: &[&str]| {
            let made = valid(IntCounterVec::new(Opts::new(name, help), labels));
            valid(registry.register(Box::new(made.clone())));
            made
        };
        let requests = counters(
            "crm_http_requests_total",
            "Requests that were answered, by method, route and status.",
            &["method", "route", "status"],
        );
        let refused = counters(
            "crm_http_refused_total",
            "Requests that were refused unread, by the limit that they met.",
            &["reason"],
        );
        let durations = HistogramOpts::new(
            "crm_http_request_duration_seconds",
            "The time from the head of a request to the head of its answer, by method and route.",
        );
        let durations = valid(HistogramVec::new(durations.buckets(BUCKETS.to_vec()), &["method", "route"]));
        let in_flight =
            valid(IntGauge::new("crm_http_requests_in_flight", "Requests that are being answered."));
        let streams = Opts::new("crm_http_streams", "Live streams that are open, by kind.");
        let streams = valid(IntGaugeVec::new(streams, &["kind"]));
        valid(registry.register(Box::new(durations.clone())));
        valid(registry.register(Box::new(in_flight.clone())));
        valid(registry.register(Box::new(streams.clone())));
        Self { registry, requests, durations, in_flight, refused, streams, readings: Mutex::default() }
    }
}

impl Metrics {
    /// Figures that are all zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a figure that goes up and down. It is read when the metrics are asked for, and must not take long.
    ///
    /// # Errors
    /// [`InvalidMetric`]
    pub fn gauge(
        &self,
        name: &str,
        help: &str,
        read: impl Fn() -> f64 + Send + Sync + 'static,
    ) -> Result<(), InvalidMetric> {
        self.read("gauge", name, help, Arc::new(read))
    }

    /// The same with one that only goes up; its name should end with `_total`.
    ///
    /// # Errors
    /// [`InvalidMetric`]
    pub fn counter(
        &self,
        name: &str,
        help: &str,
        read: impl Fn() -> f64 + Send + Sync + 'static,
    ) -> Result<(), InvalidMetric> {
        self.read("counter", name, help, Arc::new(read))
    }

    fn read(
        &self,
        kind: &'static str,
        name: &str,
        help: &str,
        read: Arc<dyn Fn() -> f64 + Send + Sync>,
    ) -> Result<(), InvalidMetric> {
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && name.bytes().next().is_some_and(|first| !first.is_ascii_digit());
        let mut readings = self.0.readings.lock().unwrap_or_else(PoisonError::into_inner);
        // What the service has itself begins with these, also where nothing has been counted yet.
        let is_taken =
            name.starts_with("crm_http_") || name == COMMITS || readings.iter().any(|own| own.name == name);
        if !is_name || is_taken {
            return Err(InvalidMetric { name: name.to_owned() });
        }
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        readings.push(Reading { name: name.to_owned(), help, kind, read });
        Ok(())
    }

    /// Counts a live stream of this kind until what this returns is dropped.
    pub fn stream(&self, kind: &'static str) -> StreamMeter {
        StreamMeter(Rising::new(self.0.streams.with_label_values(&[kind])))
    }

    /// Reads the commits of a CRM as well. Of several services with the same figures the first one's are read.
    pub(crate) fn commits_of(&self, crm: &Crm) {
        let mut readings = self.0.readings.lock().unwrap_or_else(PoisonError::into_inner);
        if readings.iter().all(|own| own.name != COMMITS) {
            let feed = crm.feed().clone();
            readings.push(Reading {
                name: COMMITS.to_owned(),
                help: "Commits of this program.".to_owned(),
                kind: "counter",
                read: Arc::new(move || feed.commits() as f64),
            });
        }
    }

    /// Everything, in the text format of Prometheus.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // A string takes whatever is written to it, and the families are this service's own.
        let _ = TextEncoder::new().encode_utf8(&self.0.registry.gather(), &mut text);
        // They are read outside of the lock: what reads one may add another.
        let readings = self.0.readings.lock().unwrap_or_else(PoisonError::into_inner);
        let readings: Vec<_> = readings
            .iter()
            .map(|own| (own.name.clone(), own.help.clone(), own.kind, Arc::clone(&own.read)))
            .collect();
        for (name, help, kind, read) in readings {
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {}\n", read());
        }
        text
    }

    /// Counts a request that met this limit.
    pub(crate) fn refused(&self, reason: &'static str) {
        self.0.refused.with_label_values(&[reason]).inc();
    }

    /// Counts a request that is being answered until what this returns is dropped.
    pub(crate) fn in_flight(&self) -> impl Drop + use<> {
        Rising::new(self.0.in_flight.clone())
    }

    /// What measures the requests of a route.
    pub(crate) fn route(&self, route: &str) -> RouteMeter {
        RouteMeter { metrics: self.clone(), route: route.to_owned(), met: RwLock::default() }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// A live stream that is counted while this is there.
#[derive(Debug)]
#[must_use = "a stream is counted for as long as this is there"]
pub struct StreamMeter(#[expect(dead_code, reason = "it counts by being there")] Rising);

/// A gauge that is one higher while this is there.
#[derive(Debug)]
struct Rising(IntGauge);

impl Rising {
    fn new(gauge: IntGauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Rising {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The figures of one route, each looked up by its labels once.
#[derive(Debug)]
pub(crate) struct RouteMeter {
    metrics: Metrics,
    route: String,
    met: RwLock<Vec<(&'static str, u16, IntCounter, Histogram)>>,
}

impl RouteMeter {
    /// Counts an answer.
    pub(crate) fn answered(&self, method: &'static str, status: u16, time: Duration) {
        let met = self.met.read().unwrap_or_else(PoisonError::into_inner);
        let known = met.iter().find(|(own, code, ..)| (*own, *code) == (method, status));
        if let Some((_, _, requests, durations)) = known {
            requests.inc();
            return durations.observe(time.as_secs_f64());
        }
        drop(met);
        let Figures { requests, durations, .. } = &*self.metrics.0;
        let requests = requests.with_label_values(&[method, &self.route, &status.to_string()]);
        let durations = durations.with_label_values(&[method, &self.route]);
        requests.inc();
        durations.observe(time.as_secs_f64());
        let mut met = self.met.write().unwrap_or_else(PoisonError::into_inner);
        met.push((method, status, requests, durations));
    }
}

/// `GET /metrics`
pub(crate) async fn metrics(State(shared): State<Shared>) -> Result<Response, Problem> {
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], shared.metrics.text()).into_response())
}
