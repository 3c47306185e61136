//! Two private PostgreSQL servers of which one follows the other in step, behind one address: what is committed on the
//! leader stands on the follower. When the leader dies, the follower takes its place, and a new one follows it.

use std::{
    fs,
    net::TcpListener as Probe,
    os::unix::fs::{MetadataExt as _, chown},
    path::PathBuf,
    process::{Command as Immediate, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use service_kit::config::{DatabaseSettings, Secret};
use tokio::{
    net::{TcpListener, TcpStream},
    process::Command,
    task::JoinHandle,
};

const USER: &str = "yitihua";
const HERE: &str = "127.0.0.1";
const FOLLOWS_WITHIN: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// Nobody cuts the power of the machine, so nothing waits for the disk.
const OPTIONS: &str = "-c fsync=off -c max_connections=200 -c listen_addresses=127.0.0.1 -c unix_socket_directories=''";
const CONNECTIONS: u32 = 6;

/// The programs of the installed server and the user who may run them.
struct Programs {
    folder: PathBuf,
    owner: u32,
    group: u32,
}

impl Programs {
    /// Those of the test cluster; none when the tests run on SQLite or the cluster is on another machine.
    async fn find() -> Option<Self> {
        let url = std::env::var("YITIHUA_TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())?;
        let cluster = sea_orm::Database::connect(url).await.unwrap();
        let folder = PathBuf::from(ask(&cluster, "SELECT setting FROM pg_config WHERE name = 'BINDIR'").await);
        let data = fs::metadata(ask(&cluster, "SHOW data_directory").await).ok()?;
        folder.join("pg_basebackup").exists().then_some(Self { folder, owner: data.uid(), group: data.gid() })
    }

    async fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(self.folder.join(program));
        command.args(arguments).current_dir("/").uid(self.owner).gid(self.group);
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).status().await;
        assert!(status.unwrap().success(), "{program} {arguments:?}");
    }
}

async fn ask(server: &DatabaseConnection, question: &str) -> String {
    let question = Statement::from_string(server.get_database_backend(), question);
    server.query_one_raw(question).await.unwrap().map(|row| row.try_get_by_index(0).unwrap()).unwrap_or_default()
}

/// One server: its folder and its port.
#[derive(Clone)]
struct Node {
    folder: PathBuf,
    port: u16,
}

impl Node {
    fn data(&self) -> String {
        self.folder.display().to_string()
    }

    fn url(&self) -> String {
        format!("postgres://{USER}@{HERE}:{}/postgres", self.port)
    }

    async fn start(&self, programs: &Programs) {
        let (data, log) = (self.data(), self.folder.join("server.log").display().to_string());
        let options = format!("-p {} {OPTIONS}", self.port);
        programs.run("pg_ctl", &["-D", &data, "-l", &log, "-o", &options, "-w", "start"]).await;
    }

    async fn stop(&self, programs: &Programs) {
        programs.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "stop"]).await;
    }
}

/// A leader, its follower, and the address behind which the leader is found.
pub struct Cluster {
    programs: Programs,
    home: tempfile::TempDir,
    leader: Node,
    follower: Node,
    address: Address,
}

impl Cluster {
    /// None where there is no PostgreSQL to start.
    pub async fn start() -> Option<Self> {
        let programs = Programs::find().await?;
        let home = tempfile::tempdir().unwrap();
        chown(home.path(), Some(programs.owner), Some(programs.group)).unwrap();
        let node = |name: &str| Node { folder: home.path().join(name), port: free_port() };
        let (leader, follower) = (node("one"), node("other"));
        let data = leader.data();
        programs.run("initdb", &["-D", &data, "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C", "-N"]).await;
        leader.start(&programs).await;
        let address = Address::start(leader.port).await;
        let new = Self { programs, home, leader, follower, address };
        new.follow().await;
        Some(new)
    }

    /// A database of it, reached through its address.
    pub fn settings(&self) -> DatabaseSettings {
        let data_dir = self.home.path().join("files");
        fs::create_dir(&data_dir).unwrap();
        let url = format!("postgres://{USER}@{HERE}:{}/postgres", self.address.port);
        DatabaseSettings {
            url: Secret::new(url),
            data_dir,
            max_connections: CONNECTIONS,
            ..DatabaseSettings::default()
        }
    }

    /// The leader dies without warning; the follower takes its place and gets a follower of its own.
    pub async fn fail_over(&mut self) {
        self.leader.stop(&self.programs).await;
        self.programs.run("pg_ctl", &["-D", &self.follower.data(), "-w", "promote"]).await;
        std::mem::swap(&mut self.leader, &mut self.follower);
        self.address.target.store(self.leader.port, Ordering::SeqCst);
        fs::remove_dir_all(&self.follower.folder).unwrap();
        // the port of the dead may have gone to somebody else
        self.follower.port = free_port();
        self.follow().await;
    }

    /// Makes the follower anew and lets no commit be answered from now on that it does not have.
    async fn follow(&self) {
        let (port, data) = (self.leader.port.to_string(), self.follower.data());
        let copy = ["-h", HERE, "-p", &port, "-U", USER, "-D", &data, "-R", "-X", "stream", "-c", "fast", "-N"];
        self.programs.run("pg_basebackup", &copy).await;
        self.follower.start(&self.programs).await;
        let leader = sea_orm::Database::connect(self.leader.url()).await.unwrap();
        leader.execute_unprepared("ALTER SYSTEM SET synchronous_standby_names = '*'").await.unwrap();
        leader.execute_unprepared("SELECT pg_reload_conf()").await.unwrap();
        let deadline = Instant::now() + FOLLOWS_WITHIN;
        while ask(&leader, "SELECT sync_state FROM pg_stat_replication").await != "sync" {
            assert!(Instant::now() < deadline, "the follower does not follow");
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        leader.close().await.unwrap();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for node in [&self.leader, &self.follower] {
            let mut stop = Immediate::new(self.programs.folder.join("pg_ctl"));
            stop.args(["-D", &node.data(), "-m", "immediate", "stop"]).stdout(Stdio::null()).stderr(Stdio::null());
            std::os::unix::process::CommandExt::uid(&mut stop, self.programs.owner);
            let _ = stop.current_dir("/").status();
        }
    }
}

/// An address that leads to whoever leads now.
struct Address {
    port: u16,
    target: Arc<AtomicU16>,
    accepting: JoinHandle<()>,
}

impl Address {
    async fn start(target: u16) -> Self {
        let listener = TcpListener::bind((HERE, 0)).await.unwrap();
        let (port, target) = (listener.local_addr().unwrap().port(), Arc::new(AtomicU16::new(target)));
        let now = target.clone();
        let accepting = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(pass_on(client, now.load(Ordering::SeqCst)));
            }
        });
        Self { port, target, accepting }
    }
}

impl Drop for Address {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Ends when one of the two ends; the client of a server that is not there is sent away at once.
async fn pass_on(mut client: TcpStream, port: u16) {
    let Ok(mut server) = TcpStream::connect((HERE, port)).await else { return };
    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
}

fn free_port() -> u16 {
    Probe::bind((HERE, 0)).unwrap().local_addr().unwrap().port()
}
