//! A database of its own for every test: a SQLite folder, or a database in the PostgreSQL cluster that
//! `YITIHUA_TEST_DATABASE_URL` names.

use std::path::PathBuf;

use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;
use service_kit::{
    Clock, Database,
    config::{DatabaseSettings, Secret},
};

const TEST_CONNECTIONS: u32 = 24;

/// Settings of an empty database that no other test uses.
pub async fn settings() -> DatabaseSettings {
    match std::env::var("YITIHUA_TEST_DATABASE_URL") {
        Ok(url) if !url.is_empty() => postgres(&url).await,
        _ => sqlite(),
    }
}

fn sqlite() -> DatabaseSettings {
    let folder: PathBuf = tempfile::tempdir().expect("a temporary folder can be made").keep();
    DatabaseSettings { data_dir: folder, ..DatabaseSettings::default() }
}

async fn postgres(url: &str) -> DatabaseSettings {
    let name = format!("test_{}", uuid::Uuid::now_v7().simple());
    let admin = sea_orm::Database::connect(url).await.expect("the test cluster answers");
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a test database can be made");
    admin.close().await.expect("the connection closes");
    let mut own = url::Url::parse(url).expect("the test database url is well formed");
    own.set_path(&name);
    DatabaseSettings {
        url: Secret::new(own.to_string()),
        data_dir: tempfile::tempdir().expect("a temporary folder can be made").keep(),
        max_connections: TEST_CONNECTIONS,
        ..DatabaseSettings::default()
    }
}

/// The migrated, empty database of one service.
pub async fn database<M: MigratorTrait>(service: &str) -> Database {
    let settings = settings().await;
    let database = Database::open(&settings, service, Clock::System).await.expect("the test database opens");
    database.migrate::<M>().await.expect("migrations run on an empty database");
    database
}
