//! Text to verdict, against parsing the same documents with serde_json (to be written).

fn main() {}
