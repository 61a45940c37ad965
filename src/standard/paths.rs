//! Files as the configuration sees them: from its own folder, wherever the program was started.

/// Two folders, absolute and with `/`; empty where they are not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// Where the program was started.
    pub here: String,
    /// Where the configuration lies.
    pub folder: String,
}

impl Paths {
    /// The path of a file from the configuration's folder; as it was given, if it lies outside.
    pub fn of(&self, file: &str) -> String {
        let given = plain(file);
        if self.here.is_empty() || self.folder.is_empty() {
            return given.join("/");
        }
        let absolute = if file.starts_with('/') { given.clone() } else { plain(&format!("{}/{file}", self.here)) };
        let folder = plain(&self.folder);
        match absolute.strip_prefix(folder.as_slice()) {
            Some(below) => below.join("/"),
            None => given.join("/"),
        }
    }
}

/// The parts of a path without `.`, and without `..` where there is something to take away.
fn plain(path: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for part in path.replace('\\', "/").split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| last != "..") => {
                parts.pop();
            }
            part => parts.push(part.to_owned()),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_seen_from_the_configuration() {
        let paths = |here: &str, folder: &str| Paths { here: here.to_owned(), folder: folder.to_owned() };
        let rows = [
            ("", "", "./a/b.json", "a/b.json"),
            ("/r", "/r", "./a//b.json", "a/b.json"),
            ("/r/sub", "/r", "b.json", "sub/b.json"),
            ("/r/sub", "/r", "../x/b.json", "x/b.json"),
            ("/r", "/r/conf", "conf/b.json", "b.json"),
            ("/r", "/r", "/r/a/b.json", "a/b.json"),
            ("/r", "/r", "/other/b.json", "other/b.json"),
            ("/r", "/r", "../b.json", "../b.json"),
            ("/r", "/r", "a\\b.json", "a/b.json"),
        ];
        for (here, folder, file, expected) in rows {
            assert_eq!(paths(here, folder).of(file), expected, "{here} {folder} {file}");
        }
    }
}
