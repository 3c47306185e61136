//! The whole platform on free ports with an empty database, until dropped.

use std::{sync::mpsc, thread};

use actix_web::rt::System;
use all_in_one::{
    platform::{self, NAMES},
    settings::{self, DEMO_ADMIN, Platform},
};
use story::Language;
use url::Url;

pub struct Running {
    pub base: Url,
    system: System,
}

impl Running {
    pub async fn start() -> Self {
        let database = testkit::settings().await;
        let (tell, started) = mpsc::channel();
        thread::spawn(move || {
            System::new().block_on(async move {
                let mut settings = Platform { database, ..Platform::default() };
                settings.server.listen = "127.0.0.1:0".to_owned();
                settings.server.workers = 1;
                settings::rehearse(&mut settings, story::PASSWORD);
                let running = platform::start(settings, &NAMES).await.unwrap();
                tell.send((running.public.clone(), System::current())).unwrap();
                running.serve().await.unwrap();
            });
        });
        let (base, system) = tokio::task::spawn_blocking(move || started.recv().unwrap()).await.unwrap();
        Self { base, system }
    }

    pub fn story(&self) -> story::Options {
        story::Options {
            base: self.base.clone(),
            admin: DEMO_ADMIN.to_owned(),
            admin_password: story::PASSWORD.to_owned(),
            language: Language::English,
            progress: false,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.system.stop();
    }
}
