//! The CRM as a server on one SQLite file.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match crm_server::cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(usage) => usage.exit(),
    };
    match crm_server::run(cli).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
