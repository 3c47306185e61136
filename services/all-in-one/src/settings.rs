//! The settings of the whole platform: those of the process and a section for each service.

use std::path::Path;

use common_types::{DivisionCode, Role};
use serde::{Deserialize, Serialize};
use service_kit::{
    clock::ClockMode,
    config::{self, ConfigError, Secret, Settings},
};

/// Client id under which the services of this process call each other.
pub const PLATFORM_CLIENT: &str = "platform";
/// Client id of the simulated agent bank.
pub const BANK_CLIENT: &str = "bank";
/// The administrator of a rehearsal installation.
pub const DEMO_ADMIN: &str = "admin";
const PROVINCE: &str = "360000000";

/// A section for each service.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Services {
    pub gateway: gateway::Config,
    pub base_info: base_info::Config,
    pub project_library: project_library::Config,
    pub budget_compilation: budget_compilation::Config,
    pub budget_execution: budget_execution::Config,
    pub final_accounts: final_accounts::Config,
    pub monitoring: monitoring::Config,
    pub bank: bank::Config,
}

/// Everything that `yitihua` can be told.
pub type Platform = Settings<Services>;

/// Reads all layers.
pub fn load(file: Option<&Path>, flags: &[String]) -> Result<Platform, ConfigError> {
    config::load(file, flags)
}

/// Gives the machines of this process a secret for this run, where none was set.
pub fn introduce_machines(settings: &mut Platform) {
    if settings.identity.client_id.is_empty() {
        let secret = introduce(settings, PLATFORM_CLIENT, Role::S1);
        settings.identity.client_id = PLATFORM_CLIENT.to_owned();
        settings.identity.client_secret = secret;
    }
    if settings.service.bank.client_id.is_empty() {
        let secret = introduce(settings, BANK_CLIENT, Role::B1);
        settings.service.bank.client_id = BANK_CLIENT.to_owned();
        settings.service.bank.client_secret = secret;
    }
    if settings.service.budget_execution.banks.is_empty() {
        settings.service.budget_execution.banks.push(budget_execution::config::TrustedBank {
            holder: settings.service.bank.client_id.clone(),
            mof_div_code: PROVINCE.parse().expect("the province is a known division"),
            sign_algorithm: budget_execution::config::SignAlgorithm::Ed25519,
            public_key: bank::Seal::of(&settings.service.bank).public_key(),
        });
    }
}

/// Makes this a rehearsal installation: a manual clock and a first administrator. Gives the password back.
pub fn rehearse(settings: &mut Platform, password: &str) -> String {
    settings.clock.mode = ClockMode::Manual;
    settings.service.base_info.bootstrap_admin =
        base_info::BootstrapAdmin { username: DEMO_ADMIN.to_owned(), password: Secret::new(password) };
    introduce_machines(settings);
    for (client_id, role) in [("treasury", Role::B2), ("special-account-bank", Role::B3)] {
        introduce(settings, client_id, role);
    }
    password.to_owned()
}

fn introduce(settings: &mut Platform, client_id: &str, role: Role) -> Secret {
    let secret = Secret::new(uuid::Uuid::new_v4().simple().to_string());
    let province: DivisionCode = PROVINCE.parse().expect("the province is a known division");
    settings.service.base_info.clients.push(base_info::MachineClient {
        client_id: client_id.to_owned(),
        client_secret: secret.clone(),
        roles: vec![role],
        mof_div_code: province,
    });
    secret
}
