//! Commands that ask for a counterexample again: one request to `keyaki evaluate`, and to the service's own simulator
//! where it takes such a request.

use crate::catalogue::{Catalogue, KeyType};
use crate::checks::{READINGS, Reason, Side};
use crate::policy::Kind;
use crate::report::{Answer, json};
use crate::request::{CallerKind, ContextValue, Request};

/// A command as its arguments, quoted for a shell.
pub type Command = Vec<String>;

/// Grants nothing: the simulator asks for an identity policy even where a resource's policy is to be tried.
const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"none:none","Resource":"*"}}"#;

/// The commands that reproduce a reason's request on the asked side.
pub fn commands(reason: &Reason, answer: &Answer<'_>) -> Vec<Command> {
    let mut commands = vec![evaluate(reason, answer)];
    commands.extend(simulate(&reason.counterexample, answer));
    commands
}

/// `keyaki evaluate …`
pub fn evaluate(reason: &Reason, answer: &Answer<'_>) -> Command {
    let mut command = vec!["keyaki evaluate".to_owned()];
    let name = file(answer.asked.name);
    match answer.asked.side {
        Side::Stack(_) => command.push(format!("--stack {}", quoted(&name))),
        Side::Document(policy) => {
            command.push(format!("--policy {}", quoted(&name)));
            command.push(format!("--policy-type {}", kind(policy.kind)));
        }
    }
    if !reason.readings.is_empty() {
        let named = READINGS.iter().filter(|(_, rule)| reason.readings.contains(rule));
        let named: Vec<String> = named
            .map(|(name, _)| if name.contains('=') { (*name).to_owned() } else { format!("{name}=alt") })
            .collect();
        command.push(format!("--reading {}", named.join(",")));
    }
    command.push(format!("--request {}", quoted(&json::request(&reason.counterexample, answer.catalogue))));
    command
}

/// `aws iam simulate-custom-policy …`: identity policies, and resource policies for users; no other caller can be named
/// to it, and no other kind of policy given by itself.
pub fn simulate(request: &Request, answer: &Answer<'_>) -> Option<Command> {
    let Side::Document(policy) = answer.asked.side else { return None };
    let document = format!("file://{}", file(answer.asked.name));
    let mut command = vec!["aws iam simulate-custom-policy".to_owned()];
    match policy.kind {
        Kind::Identity | Kind::Boundary | Kind::Session => {
            command.push(format!("--policy-input-list {}", quoted(&document)));
        }
        Kind::Resource if request.principal.kind() == CallerKind::User => {
            command.push(format!("--policy-input-list {}", quoted(NOTHING)));
            command.push(format!("--resource-policy {}", quoted(&document)));
            command.push(format!("--caller-arn {}", quoted(&request.principal.to_string())));
        }
        Kind::Resource | Kind::Trust | Kind::ServiceControl | Kind::ResourceControl | Kind::Endpoint => return None,
    }
    command.push(format!("--action-names {}", quoted(&request.action)));
    if request.resource != "*" {
        command.push(format!("--resource-arns {}", quoted(&request.resource)));
    }
    if let (Some(account), Kind::Resource) = (&request.resource_account, policy.kind) {
        command.push(format!("--resource-owner {}", quoted(&format!("arn:aws:iam::{account}:root"))));
    }
    let entries: Vec<String> =
        request.context.iter().filter_map(|(key, value)| entry(key, value, answer.catalogue)).collect();
    if !entries.is_empty() {
        command.push(format!("--context-entries {}", quoted(&format!("[{}]", entries.join(",")))));
    }
    Some(command)
}

/// One context entry, as JSON; none for a key that is absent.
fn entry(key: &str, value: &ContextValue, catalogue: &Catalogue) -> Option<String> {
    let facts = catalogue.key(key);
    let name = match facts.key_type {
        KeyType::String | KeyType::Arn => "string",
        KeyType::Bool => "boolean",
        KeyType::Numeric => "numeric",
        KeyType::Date => "date",
        KeyType::Ip => "ip",
        KeyType::Binary => "binary",
    };
    let (values, list) = match value {
        ContextValue::Single(text) => (vec![text.clone()], ""),
        ContextValue::Multi(texts) if texts.is_empty() => return None,
        ContextValue::Multi(texts) => (texts.clone(), "List"),
    };
    let entry = serde_json::json!({
        "ContextKeyName": facts.spelling, "ContextKeyType": format!("{name}{list}"), "ContextKeyValues": values,
    });
    Some(entry.to_string())
}

/// The command in lines of at most this width where its arguments allow it.
pub fn folded(command: &Command, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for argument in command {
        match lines.last_mut() {
            Some(line) if line.chars().count() + argument.chars().count() < width => {
                line.push(' ');
                line.push_str(argument);
            }
            Some(_) => lines.push(format!("  {argument}")),
            None => lines.push(argument.clone()),
        }
    }
    lines
}

/// The name of a file to give to a command; a document that came otherwise has to be saved first.
fn file(name: &str) -> String {
    if name.starts_with('<') { "policy.json".to_owned() } else { name.to_owned() }
}

/// For a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Identity => "identity",
        Kind::Boundary => "boundary",
        Kind::Session => "session",
        Kind::Resource => "resource",
        Kind::Trust => "trust",
        Kind::ServiceControl => "scp",
        Kind::ResourceControl => "rcp",
        Kind::Endpoint => "vpce",
    }
}
