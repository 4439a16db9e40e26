//! Where a run finds what it needs: the programs, and copies of the seeded data that it may write to.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use crm_benches::{
    cluster::Cluster,
    measure::ok,
    seed::{self, sqlite::remove},
};

/// The name of a copy of a database.
const COPY: &str = "crm_bench_copy";

/// The folder of one run, emptied at its beginning and removed at its end if all went well.
#[derive(Debug)]
pub(crate) struct Workplace {
    pub(crate) folder: PathBuf,
    programs: PathBuf,
}

impl Workplace {
    /// Makes the folder, and builds the server as one builds it to use it, and the bare handlers.
    pub(crate) fn prepare() -> Self {
        let folder = seed::folder().join("http");
        let _ = fs::remove_dir_all(&folder);
        ok(fs::create_dir_all(&folder));
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        for arguments in [
            ["--package", "crm-server", "--features", "postgres"].as_slice(),
            &["--package", "crm-benches", "--bin", "bare-sqlite", "--bin", "bare-postgres"],
        ] {
            let mut command = Command::new(&cargo);
            command.args(["build", "--release", "--quiet"]).args(arguments);
            run(command.current_dir(env!("CARGO_MANIFEST_DIR")));
        }
        let own = ok(std::env::current_exe());
        Self { folder, programs: own.parent().unwrap_or(Path::new(".")).to_owned() }
    }

    /// A program of this workspace.
    pub(crate) fn program(&self, name: &str) -> Command {
        Command::new(self.programs.join(name))
    }

    /// A copy of a seeded file, on the disk before anything is measured.
    pub(crate) fn copy(&self, seeded: &Path) -> PathBuf {
        let copy = self.folder.join(seeded.file_name().unwrap_or_default());
        remove(&copy);
        ok(fs::copy(seeded, &copy));
        ok(ok(File::open(&copy)).sync_all());
        copy
    }

    /// A copy of a seeded database, on the disk before anything is measured.
    pub(crate) async fn copy_database(&self, cluster: &Cluster, seeded: &str) -> &'static str {
        drop_copy(cluster).await;
        cluster.run(&format!("CREATE DATABASE {COPY} TEMPLATE {seeded} STRATEGY file_copy")).await;
        cluster.run("CHECKPOINT").await;
        COPY
    }

    /// Removes the copies, which are large.
    pub(crate) async fn clear(&self, cluster: Option<&Cluster>) {
        ok(fs::remove_dir_all(&self.folder));
        ok(fs::create_dir_all(&self.folder));
        if let Some(cluster) = cluster {
            drop_copy(cluster).await;
        }
    }

    /// A Python environment with the packages that a folder of `peers` requires; its programs are in `bin`.
    pub(crate) fn python(&self, peer: &str) -> PathBuf {
        let environment = seed::folder().join(format!("python-{peer}"));
        // One that was given up in the making is made again.
        if !environment.join("bin/pip").exists() {
            run(Command::new("python3").args(["-m", "venv"]).arg(&environment));
        }
        let requirements = source(peer).join("requirements.txt");
        let mut install = Command::new(environment.join("bin/pip"));
        run(install
            .args(["install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(requirements));
        environment
    }

    /// A file or folder that is seeded once: `make` fills another path, which then gets this name.
    pub(crate) fn seeded(&self, name: &str, make: impl FnOnce(&Path)) -> PathBuf {
        let seeded = seed::folder().join(name);
        if !seeded.exists() {
            eprintln!("seeding {} (once)", seeded.display());
            let part = self.folder.join("part");
            make(&part);
            assert!(!self.folder.join("part-wal").exists(), "{}: was not closed", part.display());
            ok(fs::rename(part, &seeded));
        }
        seeded
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        // What the servers have said is needed where something went wrong.
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

async fn drop_copy(cluster: &Cluster) {
    cluster.run(&format!("DROP DATABASE IF EXISTS {COPY} WITH (FORCE)")).await;
}

/// What is kept of a peer in this repository.
pub(crate) fn source(peer: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(peer)
}

/// Runs a command that must succeed.
pub(crate) fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
