//! A violating request made plainer, step by step: each step is replayed, and undone if the violation is gone.

mod keys;

use std::cell::Cell;
use std::collections::BTreeSet;

use crate::catalogue::{Action, Catalogue};
use crate::checks::counterexample::{Naming, Replay, plausible};
use crate::policy::action::{ActionEntry, ActionPattern};
use crate::policy::condition::Test;
use crate::policy::resource::ResourcePattern;
use crate::policy::{Effect, Statement};
use crate::request::{Caller, ContextValue, Request};
use crate::semantics::partial::Remains;
use crate::semantics::realizability::{self, Relations};
use crate::semantics::{Field, Token, glob};

/// Replays spent on one counterexample.
const MOST_REPLAYS: u32 = 60;
/// Actions looked at in the search for a real one: more than there are.
const MOST_ACTIONS: usize = 30_000;
/// Actions that would do, looked at for one that fits the resource as well.
const MOST_FITTING: usize = 40;
/// Patterns and formats looked at for a plausible resource.
const MOST_PATTERNS: usize = 24;

/// The work on one counterexample.
pub(super) struct Improvement<'q> {
    replay: &'q Replay<'q>,
    relations: Relations,
    spoken: BTreeSet<String>,
    catalogue: &'q Catalogue,
    replays: Cell<u32>,
}

impl<'q> Improvement<'q> {
    pub(super) fn new(replay: &'q Replay<'q>, relations: Relations, spoken: BTreeSet<String>) -> Self {
        let catalogue = replay.question.catalogue;
        Self { replay, relations, spoken, catalogue, replays: Cell::new(MOST_REPLAYS) }
    }

    /// The plainer request, and how real its action is.
    pub(super) fn improved(&self) -> (Request, Naming) {
        let mut request = self.replay.request.clone();
        self.show_path(&mut request);
        self.drop_keys(&mut request);
        self.choose_accounts(&mut request);
        let keys = request.context.len();
        self.choose_caller(&mut request);
        let mut naming = self.choose_action(&mut request);
        let moved = self.choose_resource(&mut request);
        if moved && naming != Naming::Named {
            naming = self.choose_action(&mut request);
        }
        if request.resource_account.is_some() {
            self.try_change(&mut request, |r| r.resource_account = None);
        }
        if request.principal != self.replay.request.principal || request.context.len() != keys {
            self.drop_keys(&mut request);
        }
        self.choose_values(&mut request);
        show_role_path(&mut request);
        (request, naming)
    }

    fn accepts(&self, request: &Request) -> bool {
        let left = self.replays.get();
        self.replays.set(left.saturating_sub(1));
        left > 0
            && owner_agrees(request)
            && self.tells_role(request)
            && self.is_possible(request)
            && self.replay.holds(request)
    }

    fn is_possible(&self, request: &Request) -> bool {
        let mut concrete = self.replay.circumstances.concrete(request);
        self.spoken.is_empty() || realizability::hold(&mut concrete, &self.relations, &self.spoken)
    }

    /// Where a document asks for `aws:PrincipalArn`, a session shows it: a role of unknown path would match by its name
    /// in one place and by a made-up path in another (spec 6.2).
    fn tells_role(&self, request: &Request) -> bool {
        let unknown = matches!(request.principal, Caller::Session { path: None, .. });
        let key = "aws:principalarn";
        !unknown || !self.spoken.contains(key) || request.context.contains_key(key)
    }

    fn try_change(&self, request: &mut Request, change: impl FnOnce(&mut Request)) -> bool {
        let mut changed = request.clone();
        change(&mut changed);
        let better = changed != *request && self.accepts(&changed);
        if better {
            *request = changed;
        }
        better
    }

    /// The statement that lets the request through.
    fn statement(&self) -> Option<&'q Statement> {
        self.replay.grant.map(|grant| grant.statement)
    }

    /// The statements of the question, that of the grant first.
    fn statements(&self) -> impl Iterator<Item = &'q Statement> {
        let question = self.replay.question;
        let sides = [Some(question.asked), question.existing].into_iter().flatten();
        let all = sides.flat_map(|side| side.documents()).flat_map(|policy| &policy.statements);
        self.statement().into_iter().chain(all)
    }

    // ---- Caller

    /// The ARN of a session does not show the role's path: `aws:PrincipalArn` does, and whoever reads the request again
    /// knows the path only from there (spec 6.2).
    fn show_path(&self, request: &mut Request) {
        let Some(arn) = request.principal.principal_arn() else { return };
        if !matches!(&request.principal, Caller::Session { session: Some(_), .. }) {
            return;
        }
        self.try_change(request, |r| {
            if let Caller::Session { path, session: Some(_), .. } = &mut r.principal {
                *path = None;
                r.context.entry("aws:principalarn".to_owned()).or_insert(ContextValue::Single(arn));
            }
        });
    }

    fn choose_caller(&self, request: &mut Request) {
        if self.names_caller(&request.principal) {
            self.try_change(request, |r| {
                if let Caller::Session { session: Some(session), .. } = &mut r.principal {
                    *session = plausible::SESSION.to_owned();
                }
            });
            return;
        }
        for candidate in plausible::callers(request.principal.account()) {
            if candidate == request.principal {
                return;
            }
            let changed = self.try_change(request, |r| {
                r.principal = candidate;
                r.context.remove("aws:userid");
                r.context.remove("aws:principalarn");
            });
            if changed {
                return;
            }
        }
    }

    /// Whether a document names this caller.
    fn names_caller(&self, caller: &Caller) -> bool {
        let own = [Some(caller.to_string()), caller.principal_arn()];
        let mut entries = self.statements().filter_map(|s| s.principal.as_ref()).flat_map(|element| &element.entries);
        entries.any(|entry| own.iter().flatten().any(|text| *text == entry.text))
    }

    /// The accounts of examples in place of those that the search made up, everywhere in the request at once.
    fn choose_accounts(&self, request: &mut Request) {
        let own = [request.principal.account().map(str::to_owned), owner(request).map(str::to_owned)];
        for (account, usual) in own.into_iter().flatten().zip(plausible::ACCOUNTS) {
            let known = plausible::ACCOUNTS.contains(&account.as_str()) || self.names_text(&account);
            if !known {
                self.try_change(request, |r| replace_account(r, &account, usual));
            }
        }
    }

    /// Whether a document spells this text out, in a principal, a resource or a condition.
    fn names_text(&self, text: &str) -> bool {
        self.statements().any(|statement| {
            let values = statement.conditions.iter().flat_map(|clause| match &clause.test {
                Test::Compare { values, .. } => values.as_slice(),
                Test::Null { .. } | Test::Unknown { .. } => &[],
            });
            let principals = statement.principal.iter().flat_map(|element| &element.entries);
            let resources = statement.resource.iter().flat_map(|listed| &listed.entries);
            values.into_iter().any(|value| value.text.contains(text))
                || principals.into_iter().any(|entry| entry.text.contains(text))
                || resources.into_iter().any(|entry| entry.text.contains(text))
        })
    }

    // ---- Action

    /// A real action if one violates the property.
    fn choose_action(&self, request: &mut Request) -> Naming {
        let lower = request.action.to_ascii_lowercase();
        if let Some(known) = self.spelled(&lower) {
            request.action = known;
            return Naming::Named;
        }
        let remains = self.replay.remaining(request, Field::Action);
        for candidate in self.literal_actions().into_iter().chain(plausible::WELL_KNOWN.map(str::to_owned)) {
            if remains.holds(&candidate.to_ascii_lowercase()) {
                let name = self.spelled(&candidate.to_ascii_lowercase()).unwrap_or(candidate);
                if self.try_change(request, |r| r.action = name) {
                    return Naming::Named;
                }
            }
        }
        self.catalogued_action(request, &remains)
    }

    /// An action of the catalogue that would do, on the resource at hand if possible.
    fn catalogued_action(&self, request: &mut Request, remains: &Remains) -> Naming {
        let (mut looked, mut fitting, mut other) = (0, 0, None);
        for service in self.services(request) {
            for action in self.catalogue.actions(&service) {
                looked += 1;
                if looked > MOST_ACTIONS {
                    return Naming::Untold;
                }
                let name = action.name();
                if !remains.holds(&name.to_ascii_lowercase()) {
                    continue;
                }
                if fits(&action, &request.resource) && self.try_change(request, |r| r.action = name.clone()) {
                    return Naming::Named;
                }
                fitting += 1;
                other.get_or_insert(name);
                if fitting >= MOST_FITTING {
                    break;
                }
            }
            if other.take().is_some_and(|name| self.try_change(request, |r| r.action = name)) {
                return Naming::Named;
            }
        }
        Naming::Future
    }

    /// The action as the catalogue spells it, else as a document does.
    fn spelled(&self, lower: &str) -> Option<String> {
        let known = self.catalogue.action(lower).map(|action| action.name());
        known.or_else(|| self.literal_actions().into_iter().find(|text| text.eq_ignore_ascii_case(lower)))
    }

    /// Actions that the question and its documents spell out, those of the grant first.
    fn literal_actions(&self) -> Vec<String> {
        let listed = self.replay.question.access.iter().flat_map(|access| &access.actions);
        let mut named: Vec<&str> = listed.map(String::as_str).filter(|text| !text.contains(['*', '?'])).collect();
        let entries = self.statements().flat_map(|statement| &statement.action.entries);
        named.extend(entries.filter(|entry| is_literal(entry)).map(|entry| entry.text.as_str()));
        let mut seen = BTreeSet::new();
        named.retain(|text| seen.insert(text.to_ascii_lowercase()));
        named.into_iter().map(str::to_owned).collect()
    }

    /// Services in which an action may be found: those that the grant names; if it names none, that of the resource,
    /// common ones, all.
    fn services(&self, request: &Request) -> Vec<String> {
        let own = request.action.split(':').next().unwrap_or("");
        let named = self.statement().filter(|s| !s.action.negated).map(|s| &s.action.entries);
        let named: Option<Vec<&str>> = named.and_then(|entries| entries.iter().map(service_of).collect());
        let of_resource = request.resource.split(':').nth(2).unwrap_or("");
        let mut services: Vec<&str> = match &named {
            Some(named) => [own].into_iter().chain(named.iter().copied()).collect(),
            None => {
                let common = [own, of_resource].into_iter().chain(plausible::COMMON_SERVICES);
                common.chain(self.catalogue.services()).collect()
            }
        };
        let mut seen = BTreeSet::new();
        services.retain(|name| seen.insert(*name));
        services.into_iter().map(str::to_ascii_lowercase).collect()
    }

    // ---- Resource

    /// A resource as the grant's own patterns spell it, of a type that the action is for if possible. Says whether the
    /// resource is another one.
    fn choose_resource(&self, request: &mut Request) -> bool {
        let action = self.catalogue.action(&request.action.to_ascii_lowercase());
        let types: Vec<String> =
            action.iter().flat_map(Action::resource_types).map(|t| t.resource.arn_glob()).collect();
        let is_of_type = |arn: &str| types.iter().any(|glob| matches_glob(glob, arn));
        let settled = if types.is_empty() && action.is_some() {
            request.resource == "*"
        } else {
            self.names_resource(&request.resource) && (types.is_empty() || is_of_type(&request.resource))
        };
        if settled {
            return false;
        }
        let remains = self.replay.remaining(request, Field::Resource);
        let candidates = self.resources(request, action.as_ref());
        let (first, then): (Vec<String>, Vec<String>) = candidates
            .into_iter()
            .filter(|arn| remains.holds(arn))
            .partition(|arn| if types.is_empty() { arn == "*" } else { is_of_type(arn) });
        for candidate in first.into_iter().chain(then).take(4) {
            if candidate == request.resource {
                return false;
            }
            if self.try_change(request, |r| r.resource = candidate) {
                return true;
            }
        }
        false
    }

    /// Whether a document spells this resource out.
    fn names_resource(&self, resource: &str) -> bool {
        let entries = self.statements().filter_map(|s| s.resource.as_ref()).flat_map(|listed| &listed.entries);
        entries.into_iter().any(|entry| entry.text == resource)
    }

    fn resources(&self, request: &Request, action: Option<&Action<'_>>) -> Vec<String> {
        let question = self.replay.question;
        let listed = self.statement().and_then(|s| s.resource.as_ref()).filter(|listed| !listed.negated);
        let entries = listed.into_iter().flat_map(|listed| &listed.entries).take(MOST_PATTERNS);
        let mut candidates: Vec<String> = Vec::new();
        for entry in entries {
            if let ResourcePattern::Arn(fields) = &entry.pattern {
                candidates.extend(plausible::arns(fields, &request.context));
            }
        }
        let open = candidates.is_empty();
        let others =
            self.statements().filter(|s| open && s.effect == Effect::Allow).filter_map(|s| s.resource.as_ref());
        for entry in others.flat_map(|listed| &listed.entries).take(MOST_PATTERNS) {
            if let ResourcePattern::Arn(fields) = &entry.pattern {
                candidates.extend(plausible::arns(fields, &request.context));
            }
        }
        let of_access = question.access.iter().flat_map(|access| &access.resources);
        candidates.extend(of_access.map(|text| text.replace('*', "example")));
        match action {
            Some(action) => {
                let mut types = action.resource_types();
                let name = action.short_name().to_ascii_lowercase();
                // first what the action's name speaks of, then what every request has, then the plainest
                types.sort_by_key(|of| {
                    (!name.contains(of.resource.name()), !of.required, of.resource.arn_format().len())
                });
                if !types.iter().any(|supported| supported.required) {
                    candidates.push("*".to_owned());
                }
                let formats = types.iter().take(MOST_PATTERNS).map(|supported| supported.resource.arn_format());
                candidates.extend(formats.map(|format| plausible::arn_of_format(&format)));
            }
            None => {
                let service = request.action.split(':').next().unwrap_or("");
                let formats = self.catalogue.resource_formats(service).take(MOST_PATTERNS);
                candidates.extend(formats.map(|format| plausible::arn_of_format(&format.arn_format())));
            }
        }
        candidates
    }
}

/// A session's ARN does not show the path of its role: `aws:PrincipalArn` does (spec 6.2).
fn show_role_path(request: &mut Request) {
    let hidden = matches!(&request.principal, Caller::Session { path: Some(path), .. } if path != "/");
    if let Some(arn) = request.principal.principal_arn().filter(|_| hidden) {
        request.context.insert("aws:principalarn".to_owned(), ContextValue::Single(arn));
    }
}

/// The account that the request says or shows to own the resource.
fn owner(request: &Request) -> Option<&str> {
    let in_arn = || request.resource.split(':').nth(4).filter(|field| field.len() == 12);
    request.resource_account.as_deref().or_else(in_arn)
}

/// One account for another, wherever the request has it.
fn replace_account(request: &mut Request, account: &str, usual: &str) {
    match &mut request.principal {
        Caller::Root { account: own, .. }
        | Caller::User { account: own, .. }
        | Caller::Session { account: own, .. }
        | Caller::FederatedUser { account: own, .. } => {
            if own == account {
                usual.clone_into(own);
            }
        }
        Caller::Service(_) | Caller::Federated(_) | Caller::Anonymous => {}
    }
    request.resource = request.resource.replace(account, usual);
    request.resource_account = request.resource_account.take().map(|own| own.replace(account, usual));
    for value in request.context.values_mut() {
        match value {
            ContextValue::Single(text) => *text = text.replace(account, usual),
            ContextValue::Multi(texts) => texts.iter_mut().for_each(|text| *text = text.replace(account, usual)),
        }
    }
}

/// Whether the account in the resource's ARN, if it tells the owner, is the owner that the request names (spec 6.5(6)).
fn owner_agrees(request: &Request) -> bool {
    let mut fields = request.resource.split(':').skip(2);
    let (service, account) = (fields.next(), fields.nth(1).unwrap_or(""));
    let tells = service != Some("s3") && account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    !tells || request.resource_account.as_deref().is_none_or(|owner| owner == account)
}

/// Whether the catalogue knows the action on this resource.
fn fits(action: &Action<'_>, resource: &str) -> bool {
    let types = action.resource_types();
    let without = resource == "*" && !types.iter().any(|supported| supported.required);
    without || types.iter().any(|supported| matches_glob(&supported.resource.arn_glob(), resource))
}

fn matches_glob(pattern: &str, text: &str) -> bool {
    let tokens: Vec<Token<String>> =
        pattern.chars().map(|c| if c == '*' { Token::Many } else { Token::Char(c) }).collect();
    glob::matches(&tokens, text)
}

fn is_literal(entry: &ActionEntry) -> bool {
    matches!(&entry.pattern, ActionPattern::Glob(template) if template.is_literal())
}

/// The service that an entry names.
fn service_of(entry: &ActionEntry) -> Option<&str> {
    match &entry.pattern {
        ActionPattern::Glob(_) => entry.text.split_once(':').map(|(service, _)| service),
        ActionPattern::Nothing => Some(""),
        ActionPattern::All | ActionPattern::VendorWildcard(_) => None,
    }
}
