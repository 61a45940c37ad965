//! Concrete requests that aim at the constants of documents.

use super::list_of;
use super::rng::Rng;
use super::world::*;
use serde_json::{Map, Value, json};

/// What the documents of a stack or a pair mention.
#[derive(Default)]
struct Mentioned {
    actions: Vec<String>,
    resources: Vec<String>,
    names: Vec<String>,
    /// Key and value.
    values: Vec<(String, String)>,
    principals: bool,
    /// The documents' text in lower case, to see which keys are variables.
    text: String,
}

impl Mentioned {
    /// Gathers from a document, a list, or a whole stack.
    fn gather(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.gather(item)),
            Value::Object(members) if members.contains_key("Effect") => self.statement(value),
            Value::Object(members) => members.values().for_each(|member| self.gather(member)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn statement(&mut self, statement: &Value) {
        let strings = |name: &str| {
            list_of(&statement[name]).iter().filter_map(|v| v.as_str().map(str::to_owned)).collect::<Vec<_>>()
        };
        for name in ["Action", "NotAction"] {
            self.actions.extend(strings(name));
        }
        for name in ["Resource", "NotResource"] {
            self.resources.extend(strings(name));
        }
        for name in ["Principal", "NotPrincipal"] {
            let element = &statement[name];
            self.principals |= !element.is_null();
            self.names.extend(strings(name));
            for (_, value) in element.as_object().into_iter().flatten() {
                self.names.extend(list_of(value).iter().filter_map(|v| v.as_str().map(str::to_owned)));
            }
        }
        for (_, keys) in statement["Condition"].as_object().into_iter().flatten() {
            for (key, values) in keys.as_object().into_iter().flatten() {
                for value in list_of(values) {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    self.values.push((key.clone(), text));
                }
            }
        }
    }
}

/// A request likely to be decided by the documents (or stacks): any context at all, realizable or not, but with an
/// action and a resource that look like ones, and with `aws:PrincipalArn` true to the caller if principals matter.
pub(crate) fn request_for(seed: u64, documents: &[&Value]) -> Value {
    let rng = &mut Rng::new(seed);
    let mut mentioned = Mentioned::default();
    documents.iter().for_each(|document| mentioned.gather(document));
    mentioned.text = documents.iter().map(|document| document.to_string().to_lowercase()).collect();
    let mut action = action(rng, &mentioned.actions);
    let mut principal = caller(rng, &mentioned.names);
    let federated = is_federated(&principal);
    let lower = action.to_lowercase();
    let either = ["sts:tagsession", "sts:setsourceidentity", "sts:setcontext"].contains(&lower.as_str());
    if !either && federated != lower.starts_with("sts:assumerolewith") {
        // Only federated callers make these requests, and no others but tags and the like (spec 6.3).
        if federated {
            action = if principal.contains("saml") { TRUST_ACTIONS[1] } else { TRUST_ACTIONS[2] }.to_owned();
        } else {
            principal = (*rng.pick(&PROVIDERS)).to_owned();
        }
    }
    let context = context(rng, &mentioned, &principal);
    let resource = resource(rng, &mentioned.resources, &action, &context);
    let mut request = json!({"principal": principal, "action": action, "resource": resource, "context": context});
    if let Some(account) = account_of(&resource) {
        request["resourceAccount"] = json!(account);
    } else {
        let home = account_of(&principal).filter(|_| rng.chance(2, 3));
        request["resourceAccount"] = json!(home.unwrap_or_else(|| (*rng.pick(&ACCOUNTS)).to_owned()));
    }
    if rng.chance(1, 12) {
        request["env"] = json!({(*rng.pick(&["principalInManagementAccount", "resourceInManagementAccount"])): true});
    }
    request
}

/// The account field of an ARN.
fn account_of(arn: &str) -> Option<String> {
    let field = arn.split(':').nth(4)?;
    (field.len() == 12 && field.bytes().all(|b| b.is_ascii_digit())).then(|| field.to_owned())
}

fn is_federated(principal: &str) -> bool {
    PROVIDERS.contains(&principal)
}

/// A text that a pattern matches, more or less: its wildcards are filled in.
fn instantiate(rng: &mut Rng, pattern: &str, fillers: &[&str]) -> String {
    let mut text = String::new();
    for c in pattern.chars() {
        match c {
            '*' => text.push_str(rng.pick::<&str>(fillers)),
            '?' => text.push_str(rng.pick::<&str>(&["a", "x", "1", ""])),
            other => text.push(other),
        }
    }
    text
}

/// The same but for one letter: dropped, doubled, replaced or in the other case.
fn tweak(rng: &mut Rng, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.is_empty() {
        return "x".to_owned();
    }
    let at = rng.below(letters.len());
    match rng.below(4) {
        0 => drop(letters.remove(at)),
        1 => letters.insert(at, letters[at]),
        2 => letters[at] = 'x',
        _ if letters[at].is_ascii_lowercase() => letters[at] = letters[at].to_ascii_uppercase(),
        _ => letters[at] = letters[at].to_ascii_lowercase(),
    }
    letters.into_iter().collect()
}

fn action(rng: &mut Rng, mentioned: &[String]) -> String {
    let sts = mentioned.iter().any(|pattern| pattern.starts_with("sts:"));
    let mut text = if !mentioned.is_empty() && rng.chance(2, 3) {
        let pattern = rng.pick(mentioned).clone();
        instantiate(rng, &pattern, &["", "Object", "Message", "x", "Acl"])
    } else {
        let sts = sts && rng.chance(2, 3);
        (*rng.pick(if sts { &TRUST_ACTIONS[..4] } else { &ACTIONS })).to_owned()
    };
    if let (Some((vendor, name)), true) = (text.split_once(':'), rng.chance(1, 8)) {
        text = format!("{vendor}:{}", tweak(rng, name));
    }
    let text = if rng.chance(1, 8) { text.to_uppercase() } else { text };
    let proper =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    match text.split_once(':') {
        Some((vendor, name)) if proper(vendor) && proper(name) => text,
        Some(_) | None => (*rng.pick(&ACTIONS)).to_owned(),
    }
}

fn resource(rng: &mut Rng, mentioned: &[String], action: &str, context: &Map<String, Value>) -> String {
    let action = action.to_lowercase();
    if action.starts_with("sts:") {
        return ROLE.to_owned();
    }
    if action == "s3:listallmybuckets" || rng.chance(1, 12) {
        return "*".to_owned();
    }
    let own: Vec<&str> =
        RESOURCES.into_iter().filter(|arn| action.split(':').next() == arn.split(':').nth(2)).collect();
    let text = if !mentioned.is_empty() && rng.chance(2, 3) {
        let pattern = substitute(rng.pick::<String>(mentioned), context);
        complete(rng, &pattern)
    } else if own.is_empty() || rng.chance(1, 8) {
        (*rng.pick(&RESOURCES)).to_owned()
    } else {
        (*rng.pick(&own)).to_owned()
    };
    let cut = text.match_indices(':').nth(4).map(|(at, _)| at + 1);
    match cut {
        Some(at) if at < text.len() && rng.chance(1, 8) => {
            let tail = tweak(rng, &text[at..]);
            if tail.is_empty() { text } else { format!("{}{tail}", &text[..at]) }
        }
        Some(at) if at < text.len() => text,
        Some(_) | None => (*rng.pick(&RESOURCES)).to_owned(),
    }
}

/// An ARN of six proper fields that a pattern, perhaps a short one, may match.
fn complete(rng: &mut Rng, pattern: &str) -> String {
    let mut fields: Vec<String> = pattern.splitn(6, ':').map(str::to_owned).collect();
    if fields.len() < 2 || fields[0] != "arn" {
        return (*rng.pick(&RESOURCES)).to_owned();
    }
    if fields.len() < 6 && rng.chance(1, 2) {
        // `arn:aws:sqs:*:queue`: the `*` takes the place of two fields (C2).
        let last = fields.pop().unwrap();
        while fields.len() < 5 {
            fields.push("*".to_owned());
        }
        fields.push(last);
    }
    fields.resize(6, "*".to_owned());
    let service = fields[2].replace('*', "").replace('?', "s");
    let service = if service.is_empty() { "sqs".to_owned() } else { service };
    let s3 = service == "s3";
    let regions: &[&str] = if s3 { &[""] } else { &["eu-west-1", "us-east-1", "west-1", "us-east"] };
    let region = instantiate(rng, &fields[3], regions).to_lowercase();
    let account = match fields[4].as_str() {
        text if text.contains(['*', '?']) && s3 => String::new(),
        text if text.contains(['*', '?']) => (*rng.pick(&ACCOUNTS)).to_owned(),
        text => text.to_owned(),
    };
    let rest = instantiate(rng, &fields[5], &["", "a", "a/x", "data", "queue", "x:y", "home/alice/x", "*"]);
    let rest = if rest.is_empty() { "queue".to_owned() } else { rest };
    format!("arn:aws:{service}:{region}:{account}:{rest}")
}

/// Variables replaced by what the context says, or by a letter.
fn substitute(pattern: &str, context: &Map<String, Value>) -> String {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        let (inner, after) = after.split_once('}').unwrap_or((after, ""));
        let name = inner.split(',').next().unwrap_or(inner);
        let known =
            context.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str());
        text.push_str(before);
        text.push_str(known.unwrap_or("a"));
        rest = after;
    }
    text + rest
}

fn caller(rng: &mut Rng, mentioned: &[String]) -> String {
    if mentioned.is_empty() || rng.chance(1, 3) {
        let kinds = if mentioned.is_empty() { &CALLERS[..11] } else { &CALLERS[..] };
        return (*rng.pick(kinds)).to_owned();
    }
    let name = rng.pick(mentioned).clone();
    let account = account_of(&name).unwrap_or_else(|| name.clone());
    if name.starts_with("AROA") {
        return CALLERS[4].to_owned();
    }
    if ACCOUNTS.contains(&account.as_str()) && (name == account || name.ends_with(":root")) {
        let forms = ["iam::A:root", "iam::A:user/alice", "sts::A:assumed-role/app/run", "sts::A:federated-user/alice"];
        return format!("arn:aws:{}", rng.pick(&forms).replace('A', &account));
    }
    if let (Some((_, role)), true) = (name.split_once(":role/"), ACCOUNTS.contains(&account.as_str())) {
        let role = role.rsplit('/').next().unwrap_or(role).replace(['*', '?'], "p");
        return format!("arn:aws:sts::{account}:assumed-role/{role}/{}", rng.pick(&["run", "other"]));
    }
    if let (Some((head, user)), true) = (name.split_once(":user/"), rng.chance(1, 4)) {
        let user = user.rsplit('/').next().unwrap_or(user).replace('*', "alice");
        return format!("{}:federated-user/{user}", head.replace(":iam:", ":sts:"));
    }
    if name.contains(['*', '?']) { (*rng.pick(&CALLERS)).to_owned() } else { name }
}

/// What follows from the caller (spec 6.1), for the keys that principal matching and variables look at.
fn facts(principal: &str) -> Vec<(&'static str, String)> {
    let Some(account) = account_of(principal).filter(|_| !is_federated(principal)) else {
        return match principal {
            "anonymous" => vec![("aws:PrincipalAccount", "anonymous".into()), ("aws:userid", "anonymous".into())],
            _ => Vec::new(),
        };
    };
    let tail = principal.split(':').nth(5).unwrap_or("");
    let parts: Vec<&str> = tail.split('/').collect();
    let last = (*parts.last().unwrap_or(&"")).to_owned();
    let mut facts = vec![("aws:PrincipalAccount", account.clone())];
    let (arn, userid) = match parts[0] {
        "user" => (principal.to_owned(), format!("AIDAEXAMPLE{}", last.to_uppercase())),
        "assumed-role" => (role_arn(&account, parts[1]), format!("{}:{last}", role_id(&account, parts[1]))),
        "role" => (principal.to_owned(), format!("{}:some", role_id(&account, &last))),
        "federated-user" => (principal.to_owned(), format!("{account}:{last}")),
        _ => (principal.to_owned(), account),
    };
    facts.extend([("aws:PrincipalArn", arn), ("aws:userid", userid)]);
    if parts[0] == "user" {
        facts.push(("aws:username", last));
    }
    facts
}

fn role_id(account: &str, role: &str) -> String {
    if account == ACCOUNTS[0] && role == "app" {
        NAMES[13].to_owned()
    } else {
        format!("AROA{account}{}", role.to_uppercase())
    }
}

fn context(rng: &mut Rng, mentioned: &Mentioned, principal: &str) -> Map<String, Value> {
    let mut context = Map::new();
    let facts = facts(principal);
    for key in KEYS {
        let named: Vec<&String> = mentioned
            .values
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(key.name))
            .map(|(_, value)| value)
            .collect();
        let fact = facts.iter().any(|(name, _)| *name == key.name);
        let ruled = fact || (key.name == "aws:PrincipalArn" && mentioned.principals);
        let variable = mentioned.text.contains(&format!("${{{}", key.name.to_lowercase()));
        if ruled || rng.chance(if named.is_empty() && !variable { 3 } else { 1 }, 4) {
            continue;
        }
        let name = if rng.chance(1, 10) { key.name.to_uppercase() } else { key.name.to_owned() };
        if variable && rng.chance(1, 6) {
            context.insert(name, json!("")); // a variable without value (spec 4.3)
            continue;
        }
        let multi = if key.multi { rng.chance(4, 5) } else { rng.chance(1, 25) };
        let value = if multi {
            let mut list: Vec<String> = Vec::new();
            for _ in 0..rng.below(4) {
                let value = value(rng, key, &named, &facts);
                if !list.contains(&value) {
                    list.push(value);
                }
            }
            json!(list)
        } else {
            json!(value(rng, key, &named, &facts))
        };
        context.insert(name, value);
    }
    for (name, value) in facts {
        // A session without aws:PrincipalArn has a role path that nobody knows (spec 6.2).
        if rng.chance(7, 8) {
            context.insert(name.to_owned(), json!(value));
        }
    }
    if rng.chance(1, 6) && !context.is_empty() && !mentioned.principals {
        // Without principals the facts are free variables like any other (spec 10.1).
        let names: Vec<String> = context.keys().cloned().collect();
        let name = rng.pick(&names).clone();
        let text = context[&name].as_str().map(|text| tweak(rng, text));
        if let Some(text) = text {
            context.insert(name, json!(text));
        }
    }
    context
}

fn value(rng: &mut Rng, key: Key, named: &[&String], facts: &[(&'static str, String)]) -> String {
    let odd = rng.chance(1, 12);
    if !named.is_empty() && rng.chance(if key.kind == Type::Address { 2 } else { 3 }, 4) {
        let pattern = (*rng.pick(named)).clone();
        let known: Map<String, Value> = facts.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let text = substitute(&pattern, &known);
        let text = match key.kind {
            Type::Address => text.split('/').next().unwrap_or("").to_owned(),
            _ if rng.chance(1, 10) => text,
            _ => instantiate(rng, &text, &["", "a", "red", "111122223333", "user/alice", "a:b/c"]),
        };
        return if odd { tweak(rng, &text) } else { text };
    }
    let pool: &[&str] = match key.kind {
        Type::Text => &TEXTS,
        Type::Flag => {
            if odd {
                &FLAGS
            } else {
                &FLAGS[..2]
            }
        }
        Type::Number => {
            if odd {
                &BAD_NUMBERS
            } else {
                &NUMBERS
            }
        }
        Type::Date => {
            if odd {
                &BAD_DATES
            } else {
                &DATES
            }
        }
        Type::Address => {
            if odd {
                &BAD_NETWORKS
            } else {
                &ADDRESSES
            }
        }
        Type::Arn => {
            if odd {
                &ARN_PATTERNS
            } else {
                &ARNS
            }
        }
    };
    (*rng.pick(pool)).to_owned()
}

/// The same request made to keep the relations of spec 6.5 that concern the world's keys: the caller's facts present
/// and true (1, 2), no organisation or tags without an account (4), `aws:ResourceAccount` true (6), the keys of every
/// request present (7, 8, 10, 11), typed and single values where the key is (14). A role's ARN becomes a session of it.
/// Of the keys that no document here tests only these are filled in.
pub(crate) fn realizable(seed: u64, request: &Value) -> Value {
    let rng = &mut Rng::new(seed);
    let mut request = request.clone();
    let mut principal = request["principal"].as_str().unwrap_or("").to_owned();
    if let Some((_, role)) = principal.split_once(":role/") {
        let account = account_of(&principal).unwrap_or_default();
        let role = role.rsplit('/').next().unwrap_or(role);
        principal = format!("arn:aws:sts::{account}:assumed-role/{role}/some");
        request["principal"] = json!(principal);
    }
    let mut context = Map::new();
    for (name, value) in request["context"].as_object().into_iter().flatten() {
        context.insert(name.to_lowercase(), value.clone());
    }
    for derived in ["aws:principalarn", "aws:principalaccount", "aws:userid", "aws:username"] {
        context.shift_remove(derived);
    }
    for (name, value) in facts(&principal) {
        context.insert(name.to_lowercase(), json!(value));
    }
    if account_of(&principal).is_none() || is_federated(&principal) {
        context.shift_remove("aws:principalorgid");
        context.shift_remove("aws:principaltag/team");
    }
    let always = [
        ("aws:securetransport", "true"),
        ("aws:currenttime", "2024-01-01T00:00:00Z"),
        ("aws:viaawsservice", "false"),
        ("aws:requestedregion", "eu-west-1"),
        ("aws:useragent", "test"),
    ];
    for (name, value) in always {
        context.entry(name).or_insert_with(|| json!(value));
    }
    if !context.contains_key("aws:sourceip") && !SERVICES.contains(&principal.as_str()) {
        context.insert("aws:sourceip".into(), json!(ADDRESSES[0]));
    }
    context.insert("aws:resourceaccount".into(), request["resourceAccount"].clone());
    for key in KEYS {
        let Some(value) = context.get_mut(&key.name.to_lowercase()) else { continue };
        if let (false, Some(list)) = (key.multi, value.as_array()) {
            *value = list.first().cloned().unwrap_or_else(|| json!("red"));
        }
        let text = value.as_str().unwrap_or("").to_owned();
        let proper: &[&str] = match key.kind {
            Type::Text | Type::Arn => &[],
            Type::Flag => &FLAGS[..2],
            Type::Number => &NUMBERS,
            Type::Date => &DATES,
            Type::Address => &ADDRESSES[..7],
        };
        if !proper.is_empty() && !proper.contains(&text.as_str()) {
            *value = json!(*rng.pick(proper));
        }
        if key.kind == Type::Arn && text.split(':').count() < 6 {
            *value = json!(*rng.pick(&ARNS));
        }
        let may_be_empty = key.name.contains("Tag/") || key.name == "s3:prefix";
        if key.kind == Type::Text && !may_be_empty {
            if let Some(items) = value.as_array_mut() {
                items.retain(|item| item != "");
            } else if value == "" {
                *value = json!("red");
            }
        }
        if key.name == "aws:PrincipalOrgID" && text != "o-abcdefghij" {
            *value = json!("o-abcdefghij");
        }
    }
    context.insert("aws:epochtime".into(), context["aws:currenttime"].clone());
    if principal.contains(":sts:") {
        context.insert("aws:tokenissuetime".into(), context["aws:currenttime"].clone());
    }
    if let Some(id) = context.get("aws:principalorgid").and_then(Value::as_str) {
        let path = json!([format!("{id}/r-ab12/ou-ab12-11111111/")]);
        context.insert("aws:principalorgpaths".into(), path);
    }
    request["context"] = Value::Object(context);
    if request.get("env").is_some() {
        request.as_object_mut().unwrap().shift_remove("env");
    }
    request
}
