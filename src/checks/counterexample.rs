//! Counterexamples: replayed by the concrete reading, then made to read like life without ceasing to be one.

use crate::catalogue::Catalogue;
use crate::checks::Question;
use crate::policy::action::ActionPattern;
use crate::policy::resource::ResourcePattern;
use crate::policy::template::{Piece, Template};
use crate::request::{Caller, ContextValue, Request};
use crate::semantics::Contested;
use crate::semantics::action;
use crate::semantics::concrete::Concrete;
use crate::semantics::document::{self, Position, Scope};
use crate::semantics::realizability::{self, Relations};
use crate::semantics::symbolic::Symbolic;
use crate::semantics::symbolic::decode::Decoded;

/// A violating request and the grant that lets it through.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Number of the grant; one past the last for a request that no statement grants.
    pub(super) grant: usize,
    pub(super) request: Request,
    /// Contested rules in their other reading.
    pub(super) readings: Vec<Contested>,
    /// Unknown operators taken as true.
    pub(super) unknowns: Vec<String>,
    pub(super) unlisted_session_policy: bool,
    /// Whether the action is one that the catalogue or a document names.
    pub(super) real_action: bool,
}

impl Found {
    /// The concrete reading of a request under the circumstances of this counterexample.
    pub(super) fn concrete<'r>(&self, request: &'r Request) -> Concrete<'r> {
        let concrete = Concrete::new(request)
            .with_readings(self.readings.iter().copied())
            .with_unknowns(self.unknowns.iter().cloned());
        if self.unlisted_session_policy { concrete.with_unlisted_session_policy() } else { concrete }
    }
}

/// Replays of one counterexample.
pub(super) struct Replay<'q> {
    pub(super) question: &'q Question<'q>,
    pub(super) grant: usize,
    pub(super) decoded: &'q Decoded,
}

impl Replay<'_> {
    fn found(&self, request: Request, real_action: bool) -> Found {
        Found {
            grant: self.grant,
            request,
            readings: self.decoded.readings.clone(),
            unknowns: self.decoded.unknowns.clone(),
            unlisted_session_policy: self.decoded.unlisted_session_policy,
            real_action,
        }
    }

    /// Whether the request violates the property through the same grant, by the concrete reading alone.
    pub(super) fn holds(&self, request: &Request) -> bool {
        let probe = self.found(request.clone(), false);
        let mut concrete = probe.concrete(request);
        let question = self.question;
        let grants = question.asked.grants();
        let granted = match grants.get(self.grant) {
            Some(grant) => document::statement(&mut concrete, grant.policy, grant.statement, Position::UnderTest),
            None => true,
        };
        granted
            && question.is_listed(&mut concrete)
            && question.is_pinned(&mut concrete)
            && question.asked.allows(&mut concrete, Position::UnderTest)
            && !question.existing.is_some_and(|existing| existing.allows(&mut concrete, Position::Reference))
    }

    /// The counterexample as it was decoded.
    pub(super) fn as_found(&self) -> Found {
        self.found(self.decoded.request.clone(), true)
    }

    /// The same violation by a plainer request.
    pub(super) fn improved(&self, a: &Symbolic<'_>) -> Found {
        let improvement = Improvement {
            replay: self,
            relations: a.settings().relations.clone(),
            spoken: a.spoken(),
            catalogue: self.question.catalogue,
        };
        let mut request = self.decoded.request.clone();
        improvement.show_path(&mut request);
        improvement.drop_keys(&mut request);
        improvement.choose_caller(&mut request);
        improvement.choose_resource(&mut request);
        let real_action = improvement.choose_action(&mut request);
        improvement.drop_keys(&mut request);
        show_role_path(&mut request);
        self.found(request, real_action)
    }
}

/// A session's ARN does not show the path of its role: `aws:PrincipalArn` does (spec 6.2).
fn show_role_path(request: &mut Request) {
    let hidden = matches!(&request.principal, Caller::Session { path: Some(path), .. } if path != "/");
    if let Some(arn) = request.principal.principal_arn().filter(|_| hidden) {
        request.context.insert("aws:principalarn".to_owned(), ContextValue::Single(arn));
    }
}

struct Improvement<'q> {
    replay: &'q Replay<'q>,
    relations: Relations,
    spoken: std::collections::BTreeSet<String>,
    catalogue: &'q Catalogue,
}

/// Most candidates replayed for one part of a request.
const MOST_CANDIDATES: usize = 400;

impl Improvement<'_> {
    fn accepts(&self, request: &Request) -> bool {
        let probe = self.replay.found(request.clone(), false);
        let possible = realizability::hold(&mut probe.concrete(request), &self.relations, &self.spoken);
        possible && owner_agrees(request) && self.tells_role(request) && self.replay.holds(request)
    }

    /// Where a document asks for `aws:PrincipalArn`, a session shows it: a role of unknown path would match by its name
    /// in one place and by a made-up path in another (spec 6.2).
    fn tells_role(&self, request: &Request) -> bool {
        let unknown = matches!(request.principal, Caller::Session { path: None, .. });
        let key = "aws:principalarn";
        !unknown || !self.spoken.contains(key) || request.context.contains_key(key)
    }

    /// Whether the guilty statement speaks of the action at all: cheap, and true of few candidates.
    fn is_named(&self, request: &Request, action: &str) -> bool {
        let grants = self.replay.question.asked.grants();
        let Some(grant) = grants.get(self.replay.grant) else { return true };
        let candidate = Request { action: action.to_owned(), ..request.clone() };
        let scope = Scope {
            kind: grant.policy.kind,
            effect: grant.statement.effect,
            position: Position::UnderTest,
            bounded: false,
        };
        action::applies(&mut Concrete::new(&candidate), scope, &grant.statement.action)
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

    /// The ARN of a session does not show the role's path: `aws:PrincipalArn` does, and whoever reads the request again
    /// knows the path only from there (spec 6.2).
    fn show_path(&self, request: &mut Request) {
        let Some(arn) = request.principal.principal_arn() else { return };
        self.try_change(request, |r| {
            if let Caller::Session { path, session: Some(_), .. } = &mut r.principal {
                *path = None;
                r.context.entry("aws:principalarn".to_owned()).or_insert(ContextValue::Single(arn));
            }
        });
    }

    /// Keys that do not matter are absent; lists are as short as they can be.
    fn drop_keys(&self, request: &mut Request) {
        let keys: Vec<String> = request.context.keys().cloned().collect();
        for key in keys {
            if self.try_change(request, |r| drop(r.context.remove(&key))) {
                continue;
            }
            while let Some(ContextValue::Multi(values)) = request.context.get(&key).cloned() {
                let shorter = (0..values.len()).filter(|_| values.len() > 1).any(|at| {
                    self.try_change(request, |r| {
                        let mut fewer = values.clone();
                        fewer.remove(at);
                        r.context.insert(key.clone(), ContextValue::Multi(fewer));
                    })
                });
                if !shorter {
                    break;
                }
            }
        }
    }

    fn choose_caller(&self, request: &mut Request) {
        let text = str::to_owned;
        let (partition, session) = (|| text("aws"), Some("ci"));
        let user = |account: &str| Caller::User {
            partition: partition(),
            account: account.to_owned(),
            path: text("/"),
            name: text("alice"),
        };
        let role = |account: &str| Caller::Session {
            partition: partition(),
            account: account.to_owned(),
            path: None,
            role: text("app"),
            session: session.map(text),
        };
        let own = request.principal.account().map(str::to_owned);
        let accounts = ["123456789012", "111122223333"].into_iter().chain(own.as_deref());
        let accounts: Vec<String> = accounts.map(str::to_owned).collect();
        let candidates: Vec<Caller> =
            accounts.iter().map(|a| user(a)).chain(accounts.iter().map(|a| role(a))).collect();
        let providers = ["accounts.google.com", "arn:aws:iam::123456789012:saml-provider/corp"];
        let providers = providers.map(|name| Caller::Federated(text(name)));
        let services = ["s3.amazonaws.com", "cloudtrail.amazonaws.com"].map(|name| Caller::Service(text(name)));
        let candidates: Vec<Caller> = candidates.into_iter().chain(providers).chain(services).collect();
        for candidate in candidates {
            if candidate == request.principal {
                return;
            }
            let changed = self.try_change(request, |r| {
                r.principal = candidate.clone();
                r.context.remove("aws:userid");
                r.context.remove("aws:principalarn");
            });
            if changed {
                return;
            }
        }
    }

    /// ARNs as the grant's own patterns spell them, with plausible parts where they have wildcards.
    fn choose_resource(&self, request: &mut Request) {
        if request.resource == "*" {
            return;
        }
        let mut candidates: Vec<String> = Vec::new();
        let question = self.replay.question;
        let grants = question.asked.grants();
        let entries = grants.get(self.replay.grant).and_then(|grant| grant.statement.resource.as_ref());
        for entry in entries.into_iter().filter(|listed| !listed.negated).flat_map(|listed| &listed.entries) {
            if let ResourcePattern::Arn(fields) = &entry.pattern {
                candidates.extend(plausible_arns(fields));
            }
        }
        candidates.extend(
            question.access.iter().flat_map(|access| &access.resources).map(|text| text.replace('*', "example")),
        );
        let service = request.action.split(':').next().unwrap_or("");
        if service == "s3" {
            candidates.extend(
                ["arn:aws:s3:::amzn-s3-demo-bucket/report.csv", "arn:aws:s3:::amzn-s3-demo-bucket"].map(str::to_owned),
            );
        }
        for format in self.catalogue.resource_formats(service) {
            candidates.push(format_example(&format.arn_format()));
        }
        for candidate in candidates.into_iter().take(MOST_CANDIDATES) {
            if candidate == request.resource {
                return;
            }
            if self.try_change(request, |r| r.resource = candidate) {
                return;
            }
        }
    }

    /// A real action if one violates the property; says whether the action is real in the end.
    fn choose_action(&self, request: &mut Request) -> bool {
        if let Some(known) = self.catalogue.action(&request.action.to_ascii_lowercase()) {
            request.action = known.name();
            return true;
        }
        let named = self.named_actions();
        let before = request.clone();
        for candidate in named.iter().filter(|name| self.is_named(&before, name)).take(MOST_CANDIDATES) {
            let spelled = self.catalogue.action(&candidate.to_ascii_lowercase()).map(|action| action.name());
            let candidate = spelled.unwrap_or_else(|| candidate.clone());
            if request.action.eq_ignore_ascii_case(&candidate) {
                request.action = candidate;
                return true;
            }
            if self.try_change(request, |r| r.action = candidate.clone()) {
                return true;
            }
        }
        let service = request.action.split(':').next().unwrap_or("").to_owned();
        let services: Vec<String> =
            if self.catalogue.knows_service(&service) { vec![service] } else { self.likely_services(request) };
        let mut tried = 0;
        for service in services {
            for action in self.catalogue.actions(&service).filter(|action| self.is_named(&before, &action.name())) {
                tried += 1;
                if tried > MOST_CANDIDATES {
                    return false;
                }
                if self.try_change(request, |r| r.action = action.name()) {
                    return true;
                }
            }
        }
        false
    }

    /// Actions that the documents spell out, those of the grant first.
    fn named_actions(&self) -> Vec<String> {
        let question = self.replay.question;
        let grants = question.asked.grants();
        let own = grants.get(self.replay.grant).map(|grant| grant.statement);
        let sides = [Some(question.asked), question.existing];
        let documents = sides.into_iter().flatten().flat_map(|side| side.documents());
        let others = documents.flat_map(|policy| &policy.statements);
        let mut named: Vec<String> = question.access.iter().flat_map(|access| access.actions.clone()).collect();
        named.retain(|text| !text.contains(['*', '?']));
        for statement in own.into_iter().chain(others) {
            for entry in &statement.action.entries {
                let literal = |t: &Template| t.pieces.iter().all(|piece| matches!(piece, Piece::Char(_)));
                if matches!(&entry.pattern, ActionPattern::Glob(template) if literal(template)) {
                    named.push(entry.text.clone());
                }
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        named.retain(|text| seen.insert(text.to_ascii_lowercase()));
        named
    }

    /// The service of the resource, then common ones, then all.
    fn likely_services(&self, request: &Request) -> Vec<String> {
        let of_resource = request.resource.split(':').nth(2).unwrap_or("");
        let common = [of_resource, "s3", "ec2", "iam", "lambda", "dynamodb", "sqs", "sns", "kms", "sts"];
        let mut services: Vec<String> =
            common.into_iter().filter(|name| self.catalogue.knows_service(name)).map(str::to_owned).collect();
        let rest: Vec<String> =
            self.catalogue.services().filter(|name| !common.contains(name)).map(str::to_owned).collect();
        services.extend(rest);
        services
    }
}

/// Whether the account in the resource's ARN, if it tells the owner, is the owner that the request names (spec 6.5(6)).
fn owner_agrees(request: &Request) -> bool {
    let mut fields = request.resource.split(':').skip(2);
    let (service, account) = (fields.next(), fields.nth(1).unwrap_or(""));
    let tells = service != Some("s3") && account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    !tells || request.resource_account.as_deref().is_none_or(|owner| owner == account)
}

/// An ARN of the pattern: usual values where a whole field is `*`, `example` elsewhere.
fn plausible_arns(fields: &[Template]) -> Vec<String> {
    let usual = ["arn", "aws", "s3", "us-east-1", "123456789012", "example"];
    let mut full: Vec<String> = Vec::new();
    for (index, usual) in usual.into_iter().enumerate() {
        full.push(match fields.get(index) {
            None => usual.to_owned(),
            Some(field) if field.pieces.iter().all(|piece| *piece == Piece::Many) && !field.pieces.is_empty() => {
                usual.to_owned()
            }
            Some(field) => filled(field),
        });
    }
    let arn = full.join(":");
    // a `*` at the end may also stand for nothing
    let bare = arn.strip_suffix("example").map(str::to_owned).filter(|text| !text.ends_with([':', '/', '-']));
    std::iter::once(arn).chain(bare).collect()
}

fn filled(template: &Template) -> String {
    let mut text = String::new();
    for piece in &template.pieces {
        match piece {
            Piece::Char(c) => text.push(*c),
            Piece::One => text.push('1'),
            Piece::Many => text.push_str("example"),
            Piece::Variable(_) | Piece::Nothing => text.push_str("alice"),
        }
    }
    text
}

/// `arn:${Partition}:sqs:${Region}:${Account}:${QueueName}` with plausible parts.
fn format_example(format: &str) -> String {
    let mut text = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(match name {
            "Partition" => "aws",
            "Region" => "us-east-1",
            "Account" => "123456789012",
            "BucketName" => "amzn-s3-demo-bucket",
            _ => "example",
        });
        rest = after;
    }
    text.push_str(rest);
    text
}
