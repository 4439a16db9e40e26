//! The CRM as a server on one SQLite file.

use std::{
    io::{self, Write},
    process::ExitCode,
};

/// The system's allocator keeps memory apart for each thread, and takes longer for what this program does most: many small
/// pieces that live as long as a request.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match crm_server::cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(usage) => usage.exit(),
    };
    match crm_server::run(cli).await {
        Ok(code) => code,
        Err(error) => {
            // `eprintln!` would panic where nobody reads the standard error any more.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
