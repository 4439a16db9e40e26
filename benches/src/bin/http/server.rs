//! A server that runs as long as it is measured.

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crm_benches::measure::ok;

use crate::client::Client;

/// How long a server may take to answer for the first time, and to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that serves; it is ended when this goes.
#[derive(Debug)]
pub(crate) struct Server(Child);

/// An address of this machine at which nobody listens.
pub(crate) fn free_address() -> SocketAddr {
    let listener = ok(TcpListener::bind("127.0.0.1:0"));
    ok(listener.local_addr())
}

impl Server {
    /// Starts a server whose output goes to a file, and waits until it answers to a path in whatever way.
    pub(crate) async fn start(command: &mut Command, log: &Path, client: &Client, path: &str) -> Self {
        let output = ok(File::create(log));
        let errors = ok(output.try_clone());
        let child = command.stdin(Stdio::null()).stdout(output).stderr(errors).spawn();
        let mut own = Self(child.unwrap_or_else(|error| panic!("{command:?}: {error}")));
        let begun = Instant::now();
        while client.ask(path, None).await.is_err() {
            let ended = ok(own.0.try_wait());
            assert!(
                ended.is_none() && begun.elapsed() < PATIENCE,
                "{command:?} does not serve: {ended:?}, see {}",
                log.display()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        own
    }

    /// The most memory that it has had (`VmHWM`), in bytes, with that of the processes that it has started and that
    /// still run.
    pub(crate) fn peak_memory(&self) -> u64 {
        let own = peak(self.0.id());
        let own = own.unwrap_or_else(|| panic!("the system does not say how much memory {self:?} has had"));
        own + children(self.0.id()).into_iter().filter_map(peak).sum::<u64>()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Politely at first, so that it ends the processes that it has started.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let begun = Instant::now();
        while matches!(self.0.try_wait(), Ok(None)) && begun.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The processes that a process has started, and those that these have.
fn children(process: u32) -> Vec<u32> {
    let of = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("children")).unwrap_or_default();
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let own: Vec<u32> =
        threads.map(of).flat_map(|ids| ids.split(' ').flat_map(str::parse).collect::<Vec<_>>()).collect();
    own.into_iter().flat_map(|child| std::iter::once(child).chain(children(child))).collect()
}

/// `None` for a process that has ended.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
