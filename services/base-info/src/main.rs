//! The `base-info` service on its own.

fn main() -> std::process::ExitCode {
    service_kit::host::run_single("base-info", base_info::start)
}
