//! The binary `yitihua` as processes: started on free ports, killed without warning, started again where they were.

use std::{
    fmt::Write as _,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use service_kit::config::{DatabaseSettings, Isolation};
use url::Url;

const SECRET: &str = "a-secret-of-this-test-alone";
const READY_WITHIN: Duration = Duration::from_secs(90);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// Within the year of the demonstration, when payments are made.
const BUSINESS_TIME: &str = "2026-03-10T01:30:00Z";

/// A process that is killed when it is dropped.
pub struct Process {
    services: &'static [&'static str],
    settings: PathBuf,
    pub base: Url,
    child: Child,
}

impl Process {
    /// Starts these services; none stands for the demonstration with everything.
    fn start(services: &'static [&'static str], settings: PathBuf, base: Url) -> Self {
        let child = spawn(services, &settings, &base);
        Self { services, settings, base, child }
    }

    /// Ends it as a power cut would (SIGKILL): nothing is finished, flushed or answered.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again at the same address.
    pub fn restart(&mut self) {
        self.child = spawn(self.services, &self.settings, &self.base);
    }

    /// Whether it has not ended by itself.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until it answers on this path.
    pub async fn ready(&mut self, path: &str) {
        let (url, deadline) = (self.base.join(path).unwrap(), Instant::now() + READY_WITHIN);
        while !reqwest::get(url.clone()).await.is_ok_and(|answer| answer.status().is_success()) {
            assert!(self.is_running(), "{:?} ended", self.services);
            assert!(Instant::now() < deadline, "{:?} does not become ready", self.services);
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(services: &[&str], settings: &Path, base: &Url) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yitihua"));
    command.arg("--config").arg(settings).arg("--set").arg(format!("server.listen={}", base.authority()));
    if !services.is_empty() {
        command.arg("serve").args(services);
    }
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// An installation: one database, one settings file, processes that share them.
pub struct Installation {
    folder: PathBuf,
    database: DatabaseSettings,
}

impl Installation {
    /// A database with the demonstration in it, furnished by a process that is then killed.
    pub async fn furnished() -> Self {
        Self::furnished_in(testkit::settings().await).await
    }

    /// The same in this database.
    pub async fn furnished_in(database: DatabaseSettings) -> Self {
        let new = Self { folder: testkit::folder(), database };
        let mut demonstration = Process::start(&[], new.settings(&[]), free());
        demonstration.ready("/healthz").await;
        let (marker, deadline) = (new.database.data_dir.join("furnished"), Instant::now() + READY_WITHIN);
        while !marker.exists() {
            assert!(demonstration.is_running(), "the demonstration ended");
            assert!(Instant::now() < deadline, "the demonstration is not furnished");
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        new
    }

    /// Whose processes see each other as this says from now on.
    pub fn isolated(mut self, isolation: Isolation) -> Self {
        self.database.isolation = isolation;
        self
    }

    /// Starts these services at an address, with the others where these peers say.
    pub fn start(&self, services: &'static [&'static str], at: &Url, peers: &[(&str, &[Url])]) -> Process {
        Process::start(services, self.settings(peers), at.clone())
    }

    fn settings(&self, peers: &[(&str, &[Url])]) -> PathBuf {
        let mut text = format!(
            "[server]\nworkers = 1\n[telemetry]\nfilter = \"error\"\n[clock]\nmode = \"manual\"\nstart = \"{BUSINESS_TIME}\"\n\
             [database]\nurl = \"{}\"\ndata_dir = \"{}\"\nmax_connections = 6\nisolation = {}\n\
             [identity]\nclient_id = \"platform\"\nclient_secret = \"{SECRET}\"\n\
             [service.bank]\nclient_id = \"bank\"\nclient_secret = \"{SECRET}\"\n[peers]\n",
            self.database.url.reveal(),
            self.database.data_dir.display(),
            serde_json::to_string(&self.database.isolation).unwrap(),
        );
        for (name, instances) in peers {
            let addresses: Vec<&str> = instances.iter().map(Url::as_str).collect();
            writeln!(text, "{name} = {addresses:?}").unwrap();
        }
        for (client_id, role) in [("platform", "S1"), ("bank", "B1")] {
            write!(
                text,
                "[[service.base_info.clients]]\nclient_id = \"{client_id}\"\nclient_secret = \"{SECRET}\"\n\
                 roles = [\"{role}\"]\nmof_div_code = \"360000000\"\n"
            )
            .unwrap();
        }
        let file = self.folder.join(format!("{}.toml", testkit::key()));
        std::fs::write(&file, text).unwrap();
        file
    }

    /// Whether instances can share its database.
    pub fn is_shared(&self) -> bool {
        !self.database.url.is_empty()
    }
}

/// An address that nothing listens on.
pub fn free() -> Url {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    format!("http://{address}").parse().unwrap()
}
