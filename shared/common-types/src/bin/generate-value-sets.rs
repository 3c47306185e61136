//! Writes `src/value_sets/generated.rs` from the files in `standard/`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/value_sets/generated.rs");
    std::fs::write(target, common_types::value_sets::generated_source())
}
