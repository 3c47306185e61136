//! The `project-library` service on its own.

fn main() -> std::process::ExitCode {
    service_kit::host::run_single("project-library", project_library::start)
}
