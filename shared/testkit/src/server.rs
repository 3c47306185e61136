//! Serves modules on a free port in a thread of their own, until dropped.

use std::{future::Future, sync::mpsc, thread};

use service_kit::{
    Clock, Module, Peer,
    config::{DatabaseSettings, Identity as MachineIdentity, Peers, Server as ServerSettings},
    host::{Host, StartError, Surroundings},
};
use tokio::sync::oneshot;
use url::Url;

use crate::{Identity, settings};

/// A running server.
pub struct Server {
    pub base: Url,
    pub identity: Identity,
    pub database: DatabaseSettings,
    pub clock: Clock,
    /// Ends the thread of the server when it is dropped.
    _stop: oneshot::Sender<()>,
}

impl Server {
    /// Starts what `build` makes of the surroundings and an empty database, beside a token issuer.
    pub async fn start<F, B>(build: B) -> Self
    where
        B: FnOnce(Surroundings, DatabaseSettings) -> F + Send + 'static,
        F: Future<Output = Result<Vec<Module>, StartError>>,
    {
        Self::start_with(Clock::System, build).await
    }

    /// The same, on a given clock.
    pub async fn start_with<F, B>(clock: Clock, build: B) -> Self
    where
        B: FnOnce(Surroundings, DatabaseSettings) -> F + Send + 'static,
        F: Future<Output = Result<Vec<Module>, StartError>>,
    {
        let (identity, database) = (Identity::default(), settings().await);
        let (tell, started) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let inside = (identity.clone(), database.clone(), clock.clone());
        thread::spawn(move || {
            let (identity, database, clock) = inside;
            actix_web::rt::System::new().block_on(async move {
                let settings = ServerSettings { listen: "127.0.0.1:0".into(), workers: 1, ..ServerSettings::default() };
                let host = Host::bind(&settings).expect("a free port");
                let base = host.base().clone();
                let surroundings =
                    Surroundings::new(base.clone(), Peers::default(), &MachineIdentity::default(), clock)
                        .expect("the loopback address is well formed")
                        .with_verifier(identity.verifier());
                let mut modules = build(surroundings.clone(), database).await.expect("modules start");
                modules.push(identity.token_module());
                tell.send(base).expect("the test waits");
                tokio::select! {
                    served = host.serve(modules, surroundings) => served.expect("the server runs until stopped"),
                    _ = stopped => actix_web::rt::System::current().stop(),
                }
            });
        });
        let base = tokio::task::spawn_blocking(move || started.recv().expect("the server starts"))
            .await
            .expect("waiting does not panic");
        Self { base, identity, database, clock, _stop: stop }
    }

    /// A client with this token.
    pub fn client(&self, token: &str) -> Peer {
        Peer::anonymous(self.base.clone()).with_token(token)
    }
}
