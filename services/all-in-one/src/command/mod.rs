//! What a person can ask of the binary.

mod prove;
mod verify;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::{Parser, Subcommand, ValueEnum};
use serde_json::Value;
use service_kit::{Peer, config::LogFormat, telemetry};
use story::Language;
use url::Url;

use all_in_one::{
    platform::{self, NAMES},
    settings::{self, DEMO_ADMIN, Platform},
};

const MARKER: &str = "furnished";
const READY_WITHIN: Duration = Duration::from_secs(60);

type Failure = Box<dyn std::error::Error>;

/// 一体化: one budget platform for a province.
#[derive(Parser)]
#[command(name = "yitihua", version)]
struct Cli {
    /// Settings file (TOML).
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// A setting as key=value, for example server.listen=0.0.0.0:8080; may be repeated.
    #[arg(long = "set", global = true)]
    set: Vec<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the named services, or all of them; a subset without `gateway` serves on the public address itself.
    Serve { services: Vec<String> },
    /// Print the settings in force; secrets are masked.
    Config,
    /// Play a budget year over HTTP on a fresh platform and tell it.
    Demo {
        #[arg(long, default_value = "zh")]
        lang: Lang,
    },
    /// Play seeded random commands and races against a running installation with the demonstration data, and judge
    /// every answer; exit status 0 only if nothing was found.
    Prove(prove::Prove),
    /// Recompute a running installation's ledger and check its invariants.
    Verify {
        #[arg(long, default_value = "http://127.0.0.1:8080")]
        url: Url,
        #[arg(long, env = "YITIHUA_USER")]
        user: String,
        #[arg(long, env = "YITIHUA_PASSWORD", hide_env_values = true)]
        password: String,
        /// Division to verify; everything within the user's reach when absent.
        #[arg(long)]
        division: Option<String>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Lang {
    Zh,
    En,
}

/// The whole life of the process.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match actix_web::rt::System::new().block_on(execute(cli)) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "yitihua: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(cli: Cli) -> Result<ExitCode, Failure> {
    match cli.command {
        None => demo_province(settings::load(cli.config.as_deref(), &cli.set)?).await,
        Some(Command::Serve { services }) => serve(settings::load(cli.config.as_deref(), &cli.set)?, &services).await,
        Some(Command::Config) => {
            let settings = settings::load(cli.config.as_deref(), &cli.set)?;
            writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&settings)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Demo { lang }) => demo(settings::load(cli.config.as_deref(), &cli.set)?, lang).await,
        Some(Command::Verify { url, user, password, division }) => {
            verify::verify(url, &user, &password, division).await
        }
        Some(Command::Prove(asked)) => prove::prove(asked).await,
    }
}

async fn serve(mut settings: Platform, asked: &[String]) -> Result<ExitCode, Failure> {
    let _telemetry = telemetry::start(&settings.telemetry, "yitihua")?;
    let mut names = Vec::new();
    for name in asked {
        names.push(*NAMES.iter().find(|known| *known == name).ok_or_else(|| format!("there is no service {name}"))?);
    }
    if names.is_empty() {
        names.extend(NAMES);
    }
    settings::introduce_machines(&mut settings);
    let running = platform::start(settings, &names).await?;
    tracing::info!(address = %running.public, services = ?names, "ready");
    running.serve().await?;
    Ok(ExitCode::SUCCESS)
}

/// Everything on one address with a furnished demonstration province.
async fn demo_province(mut settings: Platform) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    let _telemetry = telemetry::start(&settings.telemetry, "yitihua")?;
    let password = settings::rehearse(&mut settings, story::PASSWORD);
    let marker = settings.database.data_dir.join(MARKER);
    let running = platform::start(settings, &NAMES).await?;
    let base = running.public.clone();
    let serving = running.serve();
    let furnishing = async {
        wait_until_ready(&base).await?;
        if !marker.exists() {
            let options = options(&base, &password, Language::Chinese, true);
            let furnished = story::furnish(options, Box::new(std::io::sink())).await;
            let outcome = furnished.map_err(|error| half_furnished(&marker, &error))?;
            if !outcome.is_good() {
                return Err(Failure::from(format!(
                    "the demonstration province is not as expected: {:?}",
                    outcome.failures
                )));
            }
            std::fs::write(&marker, "")?;
        }
        announce(&base, started.elapsed())?;
        std::future::pending::<Result<(), Failure>>().await
    };
    tokio::select! {
        ended = serving => ended?,
        ended = furnishing => ended?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A start that was broken off leaves half a province; it is cheaper to make it anew than to guess.
fn half_furnished(marker: &Path, error: &story::StoryError) -> Failure {
    let folder = marker.parent().unwrap_or(marker).display();
    format!("the demonstration province cannot be furnished ({error}); if an earlier start was broken off, remove {folder} and start again").into()
}

fn options(base: &Url, password: &str, language: Language, progress: bool) -> story::Options {
    story::Options {
        base: base.clone(),
        admin: DEMO_ADMIN.to_owned(),
        admin_password: password.to_owned(),
        language,
        progress,
    }
}

async fn wait_until_ready(base: &Url) -> Result<(), Failure> {
    let peer = Peer::anonymous(base.clone());
    let deadline = Instant::now() + READY_WITHIN;
    while peer.get::<Value>("/api/base-info/v1/jwks").await.is_err() {
        if Instant::now() > deadline {
            return Err("the platform does not become ready".into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

fn announce(base: &Url, took: Duration) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    let base = base.as_str().trim_end_matches('/');
    let password = story::PASSWORD;
    writeln!(out, "\n一体化演示平台已就绪 Yitihua is up: {base}  ({} ms)", took.as_millis())?;
    writeln!(out, "接口文档 interface: {base}/openapi.json   控制台 console: {base}/")?;
    writeln!(out, "用户 users (password {password}):")?;
    for user in story::demo_users().iter().filter(|user| user.username.starts_with("360121.")) {
        writeln!(out, "  {:<22} {:<3} {}", user.username, user.role, user.name)?;
    }
    let body = format!(r#"{{"grant_type":"password","username":"360121.205009.u1","password":"{password}"}}"#);
    writeln!(out, "\n试一试 try:")?;
    writeln!(
        out,
        "  TOKEN=$(curl -s {base}/api/base-info/v1/tokens -H 'Content-Type: application/json' -d '{body}' | sed 's/.*access_token\":\"\\([^\"]*\\).*/\\1/')"
    )?;
    writeln!(out, "  curl -s {base}/api/budget-execution/v1/indicators -H \"Authorization: Bearer $TOKEN\"")?;
    writeln!(out, "  curl -s {base}/api/project-library/v1/projects -H \"Authorization: Bearer $TOKEN\"")?;
    Ok(out.flush()?)
}

async fn demo(mut settings: Platform, lang: Lang) -> Result<ExitCode, Failure> {
    let folder = tempfile::tempdir()?;
    settings.server.listen = "127.0.0.1:0".to_owned();
    settings.database.data_dir = folder.path().to_owned();
    settings.telemetry.filter = "error".to_owned();
    settings.telemetry.format = LogFormat::Pretty;
    let _telemetry = telemetry::start(&settings.telemetry, "yitihua")?;
    let password = settings::rehearse(&mut settings, story::PASSWORD);
    let language = match lang {
        Lang::Zh => Language::Chinese,
        Lang::En => Language::English,
    };
    let started = Instant::now();
    let running = platform::start(settings, &NAMES).await?;
    let base = running.public.clone();
    let serving = running.serve();
    let progress = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let playing = async {
        wait_until_ready(&base).await?;
        Ok::<_, Failure>(story::play(options(&base, &password, language, progress), Box::new(std::io::stdout())).await?)
    };
    let outcome = tokio::select! {
        ended = serving => {
            ended?;
            return Err("the platform stopped during the story".into());
        }
        outcome = playing => outcome?,
    };
    conclude(&outcome, started.elapsed())
}

fn conclude(outcome: &story::Outcome, took: Duration) -> Result<ExitCode, Failure> {
    let mut out = std::io::stdout();
    let (expected, failed) = (outcome.expectations, outcome.failures.len());
    writeln!(
        out,
        "\n预期 expectations {expected} · 拒绝 refusals {} · 未达 failed {failed} · {} ms",
        outcome.refusals,
        took.as_millis()
    )?;
    for failure in &outcome.failures {
        writeln!(out, "  ✘ {failure}")?;
    }
    Ok(if outcome.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
