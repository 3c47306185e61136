//! The gateway on its own.

fn main() -> std::process::ExitCode {
    service_kit::host::run_single("gateway", gateway::start)
}
