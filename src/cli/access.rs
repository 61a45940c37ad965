//! `--access`: the service's shorthand (`actions=a,b,resources=c`), or JSON; pure functions from text to accesses.

use serde::Deserialize;

use crate::checks::Access;

/// Longest list the service accepts; ours has no limit, longer ones get a warning.
const SERVICE_LIST: usize = 100;
/// Longest resource the service accepts, in characters.
const SERVICE_RESOURCE: usize = 2048;

/// What the value of `--access` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form<'a> {
    /// Shorthand or JSON.
    Inline(&'a str),
    /// A file that holds either.
    File(&'a str),
}

/// Tells accesses from file names: JSON starts with a bracket, shorthand with `name=`.
pub fn form(value: &str) -> Form<'_> {
    let text = value.trim_start();
    if text.starts_with(['{', '[']) || member(text).is_some() {
        Form::Inline(value)
    } else {
        Form::File(value.strip_prefix("file://").unwrap_or(value))
    }
}

/// Reads shorthand or JSON.
///
/// # Errors
/// A sentence that says what was expected.
pub fn parse(text: &str) -> Result<Vec<Access>, String> {
    let text = text.trim();
    let accesses = if text.starts_with('[') {
        json::<Vec<AccessJson>>(text)?.into_iter().map(AccessJson::access).collect()
    } else if text.starts_with('{') {
        vec![json::<AccessJson>(text)?.access()]
    } else {
        vec![shorthand(text)?]
    };
    if accesses.is_empty() {
        return Err("the list of accesses is empty".to_owned());
    }
    accesses.iter().try_for_each(check)?;
    Ok(accesses)
}

/// The access of the `--action` and `--resource` options.
///
/// # Errors
/// An action or resource that is none.
pub fn listed(actions: &[String], resources: &[String]) -> Result<Access, String> {
    let access = Access { actions: actions.to_vec(), resources: resources.to_vec() };
    check(&access)?;
    Ok(access)
}

/// What is accepted here but not by the service.
pub fn warnings(access: &Access) -> Vec<String> {
    let mut out = Vec::new();
    for (noun, list) in [("actions", &access.actions), ("resources", &access.resources)] {
        if list.len() > SERVICE_LIST {
            out.push(format!("{} {noun} are listed; the service accepts {SERVICE_LIST}", list.len()));
        }
    }
    for resource in &access.resources {
        if resource.chars().count() > SERVICE_RESOURCE {
            out.push(format!("a listed resource is longer than the {SERVICE_RESOURCE} characters the service accepts"));
        }
        if resource.splitn(6, ':').take(5).any(|field| field.contains(['*', '?'])) {
            out.push(format!(
                "`{resource}`: the service accepts a wildcard only in the last field of a listed resource"
            ));
        }
    }
    out
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessJson {
    #[serde(default)]
    actions: Vec<String>,
    #[serde(default)]
    resources: Vec<String>,
}

impl AccessJson {
    fn access(self) -> Access {
        Access { actions: self.actions, resources: self.resources }
    }
}

fn json<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| format!("not a list of accesses: {error}"))
}

/// `actions=a,b,resources=c`: an item that looks like `name=` begins the next list.
fn shorthand(text: &str) -> Result<Access, String> {
    let mut access = Access::default();
    let mut seen = Vec::new();
    for item in items(text)? {
        if let Some((name, first)) = item.member() {
            if !["actions", "resources"].contains(&name) {
                return Err(format!("`{name}` is neither `actions` nor `resources`"));
            }
            if seen.contains(&name.to_owned()) {
                return Err(format!("`{name}=` is given twice"));
            }
            seen.push(name.to_owned());
            into(&mut access, name)?.extend(first);
        } else {
            let name = seen.last().ok_or("expected `actions=` or `resources=`")?;
            into(&mut access, name)?.push(item.text.clone());
        }
    }
    Ok(access)
}

fn into<'a>(access: &'a mut Access, name: &str) -> Result<&'a mut Vec<String>, String> {
    match name {
        "actions" => Ok(&mut access.actions),
        "resources" => Ok(&mut access.resources),
        _ => Err(format!("`{name}` is neither `actions` nor `resources`")),
    }
}

/// One piece between commas, quotes removed.
#[derive(Debug)]
struct Item {
    text: String,
    /// The characters before this byte were not quoted.
    bare: usize,
    /// The pieces inside brackets: `actions=[a,b]`.
    list: Option<Vec<String>>,
}

impl Item {
    /// `name=value` as name and values, if the name was not quoted.
    fn member(&self) -> Option<(&str, Vec<String>)> {
        let (name, rest) = member(&self.text)?;
        if name.len() >= self.bare {
            return None;
        }
        Some((name, self.list.clone().unwrap_or_else(|| vec![rest.to_owned()])))
    }
}

/// `letters=rest`
fn member(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once('=')?;
    let letters = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic());
    letters.then_some((name, rest))
}

/// Splits at commas outside quotes and brackets. `\` takes the next character as it is, as the service's command line
/// does.
fn items(text: &str) -> Result<Vec<Item>, String> {
    let mut out = Vec::new();
    let mut item = Item { text: String::new(), bare: usize::MAX, list: None };
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ',' => out.push(std::mem::replace(&mut item, Item { text: String::new(), bare: usize::MAX, list: None })),
            '\\' => item.text.extend(chars.next()),
            '\'' | '"' => {
                item.bare = item.bare.min(item.text.len());
                item.text.push_str(&until(&mut chars, c)?);
            }
            '[' if item.text.ends_with('=') => {
                let inner = until(&mut chars, ']')?;
                let pieces = if inner.trim().is_empty() { Vec::new() } else { items(&inner)? };
                item.list = Some(pieces.into_iter().map(|piece| piece.text.trim().to_owned()).collect());
            }
            _ => item.text.push(c),
        }
    }
    out.push(item);
    Ok(out)
}

/// The text up to the closing character, which is consumed.
fn until(chars: &mut std::str::Chars<'_>, end: char) -> Result<String, String> {
    let mut out = String::new();
    while let Some(c) = chars.next() {
        match c {
            c if c == end => return Ok(out),
            '\\' if end != ']' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    Err(format!("`{end}` is missing at the end"))
}

/// Both lists hold what their names say, and one of them something (spec 10.2).
fn check(access: &Access) -> Result<(), String> {
    if access.actions.is_empty() && access.resources.is_empty() {
        return Err("an access names neither actions nor resources".to_owned());
    }
    access.actions.iter().try_for_each(|action| check_action(action))?;
    access.resources.iter().try_for_each(|resource| check_resource(resource))
}

/// `*`, or `service:name` with wildcards in the name (spec 2.6, 3.1).
fn check_action(action: &str) -> Result<(), String> {
    let shape = "is no action: write `service:Name`, wildcards in the name, or `*`";
    let bad = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | '=' | '$' | '{' | '}' | '"' | '\'');
    if action == "*" || action == "*:*" {
        return Ok(());
    }
    match action.split_once(':') {
        Some((service, name))
            if !service.is_empty() && !name.is_empty() && !name.contains(':') && !action.contains(bad) =>
        {
            if service.contains(['*', '?']) {
                return Err(format!(
                    "`{action}` has a wildcard in the service: name the services one by one, or write `*`"
                ));
            }
            Ok(())
        }
        Some(_) | None => Err(format!("`{action}` {shape}")),
    }
}

/// An ARN of six fields (contract: a listed resource that is no ARN is an input error). Shorter patterns would match
/// less than they seem to, and a check against nothing passes.
fn check_resource(resource: &str) -> Result<(), String> {
    if resource.chars().all(|c| c == '*') && !resource.is_empty() {
        return Err(format!("`{resource}` is no ARN: leave resources out to mean every resource"));
    }
    if resource.contains("${") {
        return Err(format!("`{resource}`: policy variables have no value here"));
    }
    let fields: Vec<&str> = resource.splitn(6, ':').collect();
    match fields.as_slice() {
        ["arn", partition, service, _, _, rest]
            if ![partition, service, rest].iter().any(|field| field.is_empty())
                && !resource.contains(char::is_control) =>
        {
            Ok(())
        }
        _ => Err(format!("`{resource}` is no ARN: write `arn:partition:service:region:account:resource`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(actions: &[&str], resources: &[&str]) -> Access {
        let own = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Access { actions: own(actions), resources: own(resources) }
    }

    #[test]
    fn shorthand_as_the_service_writes_it() {
        let bucket = "arn:aws:s3:::b";
        let rows = [
            ("actions=s3:DeleteBucket", access(&["s3:DeleteBucket"], &[])),
            ("actions=s3:DeleteBucket,iam:*", access(&["s3:DeleteBucket", "iam:*"], &[])),
            ("resources=arn:aws:s3:::b", access(&[], &[bucket])),
            (
                "actions=s3:Get*,iam:*,resources=arn:aws:s3:::b,arn:aws:s3:::c/*",
                access(&["s3:Get*", "iam:*"], &[bucket, "arn:aws:s3:::c/*"]),
            ),
            ("resources=arn:aws:s3:::b,actions=s3:Get*", access(&["s3:Get*"], &[bucket])),
            (
                "actions=[s3:GetObject,s3:PutObject],resources=[arn:aws:s3:::b]",
                access(&["s3:GetObject", "s3:PutObject"], &[bucket]),
            ),
            ("actions='s3:GetObject',\"s3:PutObject\"", access(&["s3:GetObject", "s3:PutObject"], &[])),
            ("resources=\"arn:aws:s3:::b/a,b\"", access(&[], &["arn:aws:s3:::b/a,b"])),
            ("resources=arn:aws:s3:::b/a\\,b", access(&[], &["arn:aws:s3:::b/a,b"])),
            ("resources=arn:aws:s3:::b/date=2026/*", access(&[], &["arn:aws:s3:::b/date=2026/*"])),
            ("actions=*", access(&["*"], &[])),
        ];
        for (text, expected) in rows {
            assert_eq!(parse(text), Ok(vec![expected]), "{text}");
        }
    }

    #[test]
    fn json_of_one_or_several() {
        let one = access(&["s3:*"], &[]);
        let two = access(&[], &["arn:aws:s3:::b"]);
        assert_eq!(parse(r#"{"actions":["s3:*"]}"#), Ok(vec![one.clone()]));
        assert_eq!(parse(r#" [{"actions":["s3:*"]},{"resources":["arn:aws:s3:::b"]}] "#), Ok(vec![one, two]));
    }

    #[test]
    fn what_is_no_access_is_an_error() {
        let rows = [
            ("", "expected `actions=`"),
            ("s3:DeleteBucket", "expected `actions=`"),
            ("action=s3:*", "neither"),
            ("actions=s3:*,resource=arn:aws:s3:::b", "`resource` is neither"),
            ("actions=s3:*,actions=iam:*", "given twice"),
            ("actions=", "no action"),
            ("actions=s3:*,", "no action"),
            ("actions=[]", "neither actions nor resources"),
            ("actions=[s3:*", "missing"),
            ("actions='s3:*", "missing"),
            ("actions=s3", "no action"),
            ("actions=s3:a:b", "no action"),
            ("actions=s3:Get Object", "no action"),
            ("actions=s*:Get", "wildcard in the service"),
            ("actions=s3:${aws:username}", "no action"),
            ("resources=example", "no ARN"),
            ("resources=*", "leave resources out"),
            ("resources=arn:aws:s3", "no ARN"),
            ("resources=arn:aws:s3:::", "no ARN"),
            ("resources=arn:*", "no ARN"),
            ("resources=ARN:aws:s3:::b", "no ARN"),
            ("resources=arn:aws:s3:::b/${aws:username}", "policy variables"),
            ("[]", "empty"),
            ("{}", "neither actions nor resources"),
            (r#"{"Actions":["s3:*"]}"#, "unknown field"),
            (r#"{"actions":["s3:*"],"actions":["s3:*"]}"#, "duplicate field"),
            (r#"{"actions":"s3:*"}"#, "not a list"),
            (r#"[{"actions":["s3:*"]}] x"#, "trailing"),
        ];
        for (text, expected) in rows {
            let error = parse(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn options_make_one_access() {
        let own = |text: &str| vec![text.to_owned()];
        assert_eq!(listed(&own("s3:*"), &own("arn:aws:s3:::b")), Ok(access(&["s3:*"], &["arn:aws:s3:::b"])));
        assert!(listed(&own("s3:*"), &own("b")).is_err());
    }

    #[test]
    fn more_than_the_service_accepts_is_a_warning() {
        let many = Access { actions: vec!["s3:*".to_owned(); 101], resources: Vec::new() };
        assert_eq!(check(&many), Ok(()));
        assert_eq!(warnings(&many).len(), 1);
        assert_eq!(warnings(&access(&[], &["arn:aws:s3:*:*:b"])).len(), 1);
        assert!(warnings(&access(&["s3:*"], &["arn:aws:s3:::b*"])).is_empty());
    }

    #[test]
    fn files_are_told_from_accesses() {
        assert_eq!(form("file://critical.json"), Form::File("critical.json"));
        assert_eq!(form("critical.json"), Form::File("critical.json"));
        for inline in ["actions=s3:*", "action=s3:*", " [{}]", "{}"] {
            assert_eq!(form(inline), Form::Inline(inline));
        }
    }

    #[test]
    fn no_text_panics() {
        let pieces =
            ["actions=", "resources=", "[", "]", "'", "\"", "\\", ",", "=", "a:b", "arn:aws:s3:::b", "é", "{", "}"];
        let mut seed = 1u64;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..8 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
            }
            let _ = parse(&text);
        }
    }
}
