//! A database of its own for every test: a SQLite folder, or a database in the PostgreSQL cluster that
//! `YITIHUA_TEST_DATABASE_URL` names.

use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;
use service_kit::{
    Clock, Database,
    config::{DatabaseSettings, Secret},
};

use crate::leftover;

const TEST_CONNECTIONS: u32 = 24;

/// Settings of an empty database that no other test uses, and that goes with the thread of this one.
pub async fn settings() -> DatabaseSettings {
    match std::env::var("YITIHUA_TEST_DATABASE_URL") {
        Ok(url) if !url.is_empty() => postgres(&url).await,
        _ => sqlite(),
    }
}

fn sqlite() -> DatabaseSettings {
    DatabaseSettings { data_dir: leftover::folder(), ..DatabaseSettings::default() }
}

async fn postgres(url: &str) -> DatabaseSettings {
    let name = format!("test_{}", uuid::Uuid::now_v7().simple());
    let admin = sea_orm::Database::connect(url).await.expect("the test cluster answers");
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a test database can be made");
    leftover::database(url, &name);
    admin.close().await.expect("the connection closes");
    let mut own = url::Url::parse(url).expect("the test database url is well formed");
    own.set_path(&name);
    DatabaseSettings {
        url: Secret::new(own.to_string()),
        data_dir: leftover::folder(),
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
