//! The deliberate bugs that `tests/mutants/run.py` applies: each place is still there, once.

use std::path::Path;

use serde_json::Value;

#[test]
fn every_deliberate_bug_has_its_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = std::fs::read_to_string(root.join("tests/mutants/mutants.json")).unwrap();
    let list: Vec<Value> = serde_json::from_str(&list).unwrap();
    assert!(list.len() >= 10, "fewer than ten deliberate bugs");
    for mutant in &list {
        let (file, find) = (mutant["file"].as_str().unwrap(), mutant["find"].as_str().unwrap());
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        assert_eq!(text.matches(find).count(), 1, "{file}: {find}");
        assert_ne!(mutant["replace"].as_str(), Some(find), "{file}: no change");
    }
}
