//! The `monitoring` service on its own.

fn main() -> std::process::ExitCode {
    service_kit::host::run_single("monitoring", monitoring::start)
}
