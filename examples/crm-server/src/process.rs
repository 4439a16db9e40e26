//! What the process takes of its system, as figures.

use anyhow::Result;
use crm_http::Metrics;

/// Adds the figures that Prometheus has names for. Systems without `/proc` have none of them.
pub(crate) fn measure(metrics: &Metrics) -> Result<()> {
    #[cfg(target_os = "linux")]
    {
        metrics.gauge("process_resident_memory_bytes", "Memory that the process has in use.", || {
            memory().unwrap_or(f64::NAN)
        })?;
        metrics.gauge("process_open_fds", "Files and sockets that are open.", || {
            std::fs::read_dir("/proc/self/fd").map_or(f64::NAN, |files| files.count() as f64)
        })?;
    }
    #[cfg(not(target_os = "linux"))]
    let _ = metrics;
    Ok(())
}

/// The bytes that the system counts as resident, of which it tells the kibibytes.
#[cfg(target_os = "linux")]
fn memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes * 1_024.0)
}
