//! What stands in the place of the metrics where they are left out: nothing is counted.

use std::time::Duration;

use crm_core::Crm;

/// No figures: the crate was built without its feature `metrics`.
#[derive(Clone, Debug, Default)]
pub struct Metrics(());

impl Metrics {
    /// Counts nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts nothing.
    pub fn stream(&self, _kind: &'static str) -> StreamMeter {
        StreamMeter(())
    }

    pub(crate) fn commits_of(&self, _crm: &Crm) {}

    pub(crate) fn refused(&self, _reason: &'static str) {}

    pub(crate) fn in_flight(&self) -> StreamMeter {
        StreamMeter(())
    }

    pub(crate) fn route(&self, _route: &str) -> RouteMeter {
        RouteMeter
    }
}

/// Something that would be counted while this is there.
#[derive(Debug)]
pub struct StreamMeter(());

#[derive(Debug)]
pub(crate) struct RouteMeter;

impl RouteMeter {
    pub(crate) fn answered(&self, _method: &'static str, _status: u16, _time: Duration) {}
}
