//! The demonstration: a province's budget year of several units, played over HTTP by signed-in users as any client
//! would, and told as a story. It knows the public API and nothing else; the integration tests play it too.

mod cast;
mod chapters;
mod stage;
mod teller;

use std::io::Write;

use url::Url;

pub use cast::{PASSWORD, demo_users};
pub use service_kit::context::Language;
pub use stage::StoryError;

use stage::Stage;
use teller::Teller;

/// How to reach the platform and how to tell.
pub struct Options {
    /// The gateway.
    pub base: Url,
    /// The administrator who exists before anything else.
    pub admin: String,
    pub admin_password: String,
    pub language: Language,
    /// Draw progress on standard error.
    pub progress: bool,
}

/// How the story ended.
#[derive(Debug)]
pub struct Outcome {
    pub expectations: usize,
    pub failures: Vec<String>,
    pub refusals: usize,
}

impl Outcome {
    /// Whether everything went as told.
    pub fn is_good(&self) -> bool {
        self.failures.is_empty() && self.expectations > 0
    }
}

/// Plays the whole year.
pub async fn play(options: Options, out: Box<dyn Write + Send>) -> Result<Outcome, StoryError> {
    let mut stage = Stage::new(&options, Teller::new(out, options.language, options.progress));
    chapters::whole_year(&mut stage).await?;
    Ok(stage.outcome())
}

/// Furnishes a platform for trying: base data, projects, an approved budget and open indicators.
pub async fn furnish(options: Options, out: Box<dyn Write + Send>) -> Result<Outcome, StoryError> {
    let mut stage = Stage::new(&options, Teller::new(out, options.language, options.progress));
    chapters::until_indicators(&mut stage).await?;
    Ok(stage.outcome())
}
