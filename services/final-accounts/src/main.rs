//! The `final-accounts` service on its own.

fn main() -> std::process::ExitCode {
    service_kit::host::run_single("final-accounts", final_accounts::start)
}
