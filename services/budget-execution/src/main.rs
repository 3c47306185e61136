//! The `budget-execution` service on its own.

fn main() -> std::process::ExitCode {
    service_kit::host::run_single("budget-execution", budget_execution::start)
}
