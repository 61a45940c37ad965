//! A reader of well-formed documents without diagnostics, for the vectors only.

use std::cell::Cell;

use keyaki::policy::action::{ActionEntry, ActionPattern};
use keyaki::policy::binary::decode_base64;
use keyaki::policy::condition::{Clause, Instant, Network, Operand, Relation, Test, Value as Compared, canonical_key};
use keyaki::policy::operator::OperatorName;
use keyaki::policy::principal::{PrincipalElement, PrincipalEntry, PrincipalName};
use keyaki::policy::resource::{ResourceEntry, ResourcePattern};
use keyaki::policy::template::{Template, Variables, Wildcards, arn_fields};
use keyaki::policy::{Effect, Kind, Listed, Policy, Statement, Version};
use keyaki::source::{FileId, Span};
use serde_json::Value;
use solver::decimal::Decimal;

thread_local!(static NEXT: Cell<u32> = const { Cell::new(0) });

/// A span of its own for every part.
fn span() -> Span {
    let start = NEXT.with(|next| next.replace(next.get() + 2));
    Span { file: FileId(0), start, end: start + 1 }
}

fn list(json: &Value) -> Vec<&Value> {
    match json {
        Value::Array(values) => values.iter().collect(),
        value => vec![value],
    }
}

fn text(json: &Value) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

pub(crate) fn read(json: &Value, kind: Kind) -> Policy {
    let active = json["Version"] == "2012-10-17";
    let variables = if active { Variables::Active } else { Variables::Literal };
    let statements = list(&json["Statement"]).into_iter().enumerate();
    Policy {
        kind,
        inferred: false,
        version: if active { Version::V2012 } else { Version::V2008 },
        id: None,
        statements: statements.map(|(index, json)| statement(index, json, variables)).collect(),
        file: FileId(0),
        span: span(),
    }
}

fn statement(index: usize, json: &Value, variables: Variables) -> Statement {
    let pair = |name: &str| {
        let not = format!("Not{name}");
        json.get(name).map(|value| (false, value)).or_else(|| json.get(&not).map(|value| (true, value)))
    };
    let (not_action, actions) = pair("Action").unwrap();
    Statement {
        index,
        sid: json["Sid"].as_str().map(str::to_owned),
        effect: if json["Effect"] == "Allow" { Effect::Allow } else { Effect::Deny },
        principal: pair("Principal").map(|(negated, value)| PrincipalElement {
            negated,
            entries: principals(value),
            span: span(),
        }),
        action: Listed { negated: not_action, entries: list(actions).into_iter().map(action).collect(), span: span() },
        resource: pair("Resource").map(|(negated, value)| Listed {
            negated,
            entries: list(value).into_iter().map(|value| resource(value, variables)).collect(),
            span: span(),
        }),
        conditions: json["Condition"]
            .as_object()
            .into_iter()
            .flatten()
            .flat_map(|(operator, keys)| {
                keys.as_object().unwrap().iter().map(move |(key, values)| clause(operator, key, values, variables))
            })
            .collect(),
        span: span(),
    }
}

fn glob(text: &str, variables: Variables) -> Template {
    Template::parse(text, Wildcards::Active, variables, |_, _| ())
}

fn action(json: &Value) -> ActionEntry {
    let text = text(json);
    let pattern = if text.chars().all(|c| c == '*') || text == "*:*" {
        ActionPattern::All
    } else if text.matches(':').count() != 1 || text.contains([' ', ',']) {
        ActionPattern::Nothing
    } else {
        let template = glob(&text.to_lowercase(), Variables::Literal);
        let vendor = text.split(':').next().is_some_and(|vendor| vendor.contains(['*', '?']));
        if vendor { ActionPattern::VendorWildcard(template) } else { ActionPattern::Glob(template) }
    };
    ActionEntry { text, pattern, span: span() }
}

fn resource(json: &Value, variables: Variables) -> ResourceEntry {
    let text = text(json);
    let pattern = if text.chars().all(|c| c == '*') {
        ResourcePattern::All
    } else if text.starts_with("arn:") {
        let fields = arn_fields(&text, variables).into_iter().enumerate();
        let field =
            |(at, (_, text)): (usize, (usize, &str))| glob(text, if at == 5 { variables } else { Variables::Literal });
        ResourcePattern::Arn(fields.map(field).collect())
    } else {
        ResourcePattern::Nothing
    };
    ResourceEntry { text, pattern, span: span() }
}

fn principals(json: &Value) -> Vec<PrincipalEntry> {
    let Some(members) = json.as_object() else {
        return list(json).into_iter().map(|json| principal("AWS", json)).collect();
    };
    members
        .iter()
        .flat_map(|(member, values)| list(values).into_iter().map(move |json| principal(member, json)))
        .collect()
}

fn principal(member: &str, json: &Value) -> PrincipalEntry {
    let text = text(json);
    let name = match (member, text.as_str()) {
        ("AWS", stars) if stars.chars().all(|c| c == '*') => PrincipalName::Everyone,
        ("Federated", "*") => PrincipalName::AnyFederated,
        ("Service", "*") => PrincipalName::AnyService,
        ("Service", name) => PrincipalName::Service(name.to_owned()),
        ("Federated", name) => PrincipalName::Federated(name.to_owned()),
        ("CanonicalUser", id) => PrincipalName::CanonicalUser(id.to_owned()),
        (_, name) => aws(name),
    };
    PrincipalEntry { text, name, span: span() }
}

fn aws(name: &str) -> PrincipalName {
    if name.len() == 12 && name.chars().all(|c| c.is_ascii_digit()) {
        return PrincipalName::Account { partition: None, account: name.to_owned() };
    }
    if name.contains(['*', '?']) {
        return PrincipalName::Wildcard(glob(name, Variables::Literal));
    }
    let arn = name.to_owned();
    let fields: Vec<&str> = name.splitn(6, ':').collect();
    let [_, partition, _, _, account, own] = fields[..] else {
        return if name.starts_with("A") { PrincipalName::UniqueId(arn) } else { PrincipalName::Nobody };
    };
    let (partition, account) = (partition.to_owned(), account.to_owned());
    let last = own.rsplit('/').next().unwrap().to_owned();
    match own.split('/').next().unwrap() {
        "root" => PrincipalName::Account { partition: Some(partition), account },
        "user" => PrincipalName::User { arn, partition, account, name: last },
        "role" => PrincipalName::Role { arn, partition, account, name: last },
        "assumed-role" => PrincipalName::Session { arn },
        "federated-user" => PrincipalName::FederatedUser { arn },
        _ => PrincipalName::Nobody,
    }
}

fn clause(operator: &str, key: &str, values: &Value, variables: Variables) -> Clause {
    let texts: Vec<String> = list(values).into_iter().map(text).collect();
    let test = match OperatorName::parse(operator) {
        Ok(OperatorName::Null(quantifier)) => {
            let values = texts.iter().map(|text| text.to_lowercase().parse().ok()).collect();
            Test::Null { quantifier, values }
        }
        Ok(OperatorName::Compare(operator)) => {
            let operand = |text: &String| operand(text, operator.relation, variables);
            let values = texts
                .iter()
                .map(|text| Compared { text: text.clone(), operand: operand(text), span: span() })
                .collect();
            Test::Compare { operator, values }
        }
        Err(_) => Test::Unknown { text: format!("{operator} {key} {values}") },
    };
    Clause { key: canonical_key(key), key_text: key.to_owned(), test, operator_span: span(), span: span() }
}

fn operand(text: &str, relation: Relation, variables: Variables) -> Operand {
    match relation {
        Relation::StringEquals | Relation::StringEqualsIgnoreCase => {
            Operand::Text(Template::parse(text, Wildcards::Literal, variables, |_, _| ()))
        }
        Relation::StringLike => Operand::Text(glob(text, variables)),
        Relation::ArnLike => {
            let fields: Vec<Template> =
                arn_fields(text, variables).into_iter().map(|(_, text)| glob(text, variables)).collect();
            Operand::Arn { fields: fields.try_into().ok().map(Box::new), whole: glob(text, variables) }
        }
        Relation::Bool => Operand::Bool(text.to_lowercase().parse().ok()),
        Relation::BinaryEquals => Operand::Binary(decode_base64(text)),
        Relation::Numeric(_) => Operand::Number(Decimal::parse(text)),
        Relation::Date(_) => Operand::Instant(Instant::parse(text)),
        Relation::IpAddress => Operand::Network(Network::parse(text)),
    }
}
