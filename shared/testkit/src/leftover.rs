//! What a test leaves behind goes when the thread that it ran on ends: folders are removed, databases dropped.

use std::{cell::RefCell, path::PathBuf, thread};

use sea_orm::ConnectionTrait;
use tempfile::TempDir;

thread_local! {
    static OF_THIS_TEST: RefCell<Vec<Leftover>> = const { RefCell::new(Vec::new()) };
}

enum Leftover {
    Folder { _removed_with_it: TempDir },
    Database { cluster: String, name: String },
}

/// An empty folder for the test on this thread.
pub fn folder() -> PathBuf {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().to_owned();
    leave(Leftover::Folder { _removed_with_it: folder });
    path
}

/// This database of the cluster at this address belongs to the test on this thread.
pub fn database(cluster: &str, name: &str) {
    leave(Leftover::Database { cluster: cluster.to_owned(), name: name.to_owned() });
}

fn leave(leftover: Leftover) {
    OF_THIS_TEST.with_borrow_mut(|all| all.push(leftover));
}

impl Drop for Leftover {
    fn drop(&mut self) {
        if let Self::Database { cluster, name } = self {
            let (cluster, drop) = (cluster.clone(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            // a thread that ends has no runtime any more; what cannot be dropped goes with the cluster
            let _ = thread::spawn(move || execute(&cluster, &drop)).join();
        }
    }
}

fn execute(cluster: &str, statement: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        if let Ok(admin) = sea_orm::Database::connect(cluster).await {
            let _ = admin.execute_unprepared(statement).await;
            let _ = admin.close().await;
        }
    });
}
