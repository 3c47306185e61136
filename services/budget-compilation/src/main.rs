//! The `budget-compilation` service on its own.

fn main() -> std::process::ExitCode {
    service_kit::host::run_single("budget-compilation", budget_compilation::start)
}
