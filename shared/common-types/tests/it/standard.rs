use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use common_types::standard;

#[test]
fn every_data_file_is_compiled_in_and_loads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("standard");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let on_disk: BTreeSet<String> = names.filter(|name| name.ends_with(".csv")).collect();
    let compiled_in: BTreeSet<String> = standard::FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(on_disk, compiled_in);
    for (name, content) in standard::FILES {
        let mut reader = csv::Reader::from_reader(content.as_bytes());
        let rows: Vec<_> = reader.records().collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!rows.is_empty(), "{name}");
    }
}
