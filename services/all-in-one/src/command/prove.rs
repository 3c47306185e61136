//! `yitihua prove`: random commands and races against a running installation, and a dated report.

use std::{
    io::{IsTerminal as _, Write as _},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use url::Url;

use super::Failure;

/// What to prove, and with how much load at most.
#[derive(clap::Args)]
pub struct Prove {
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: Url,
    /// Who verifies the books at the end; the commands are given by the people of the demonstration.
    #[arg(long, env = "YITIHUA_USER")]
    user: String,
    #[arg(long, env = "YITIHUA_PASSWORD", hide_env_values = true)]
    password: String,
    /// Password of the people of the demonstration.
    #[arg(long, default_value = story::PASSWORD, hide_default_value = true)]
    staff_password: String,
    /// Clients at work at the same time.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    clients: u16,
    /// Random commands of each client.
    #[arg(long, default_value_t = 250)]
    commands: usize,
    /// The random commands end after so many seconds, however many are left.
    #[arg(long, default_value_t = 300)]
    seconds: u64,
    /// Rounds of each race; 200 for a long proof, 0 for random commands alone.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// The same seed gives every client the same commands; drawn and told when absent.
    #[arg(long)]
    seed: Option<u64>,
    /// Instances are being killed meanwhile: silence is allowed, a wrong end is not.
    #[arg(long)]
    turbulent: bool,
    /// Where the report is written as JSON.
    #[arg(long)]
    report: Option<PathBuf>,
}

const CROSSED_DOCUMENTS: usize = 200;

pub async fn prove(asked: Prove) -> Result<ExitCode, Failure> {
    let seed = asked.seed.unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0 >> 32);
    let options = prover::Options {
        base: asked.url,
        user: asked.user,
        password: asked.password,
        staff_password: asked.staff_password,
        seed,
        clients: asked.clients.into(),
        commands: asked.commands,
        limit: Duration::from_secs(asked.seconds),
        rounds: asked.rounds,
        crossed: CROSSED_DOCUMENTS,
        is_turbulent: asked.turbulent,
    };
    let is_terminal = std::io::stderr().is_terminal();
    let end = if is_terminal { '\r' } else { '\n' };
    let tell = move |line: String| {
        let _ = write!(std::io::stderr(), "{line:<100}{end}");
    };
    tell(format!("seed {seed}"));
    let report = prover::prove(&options, &tell).await?;
    writeln!(std::io::stdout(), "{}", report.table())?;
    if let Some(file) = asked.report {
        std::fs::write(&file, serde_json::to_string_pretty(&report)?)?;
    }
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
