//! Findings about a document in the manner of the service's `ValidatePolicy`: what the reader had to say, actions that no
//! service has, and what the document could do without.

use crate::catalogue::Catalogue;
use crate::checks::{Element, Redundancy, Redundant};
use crate::diagnostic::{Code, Diagnostic, MOST_DIAGNOSTICS, Severity};
use crate::policy::action::{ActionEntry, ActionPattern};
use crate::policy::read::{clip, did_you_mean, nearest};
use crate::policy::resource::ResourcePattern;
use crate::policy::template::Template;
use crate::policy::{Effect, Kind, Policy, Statement};
use crate::semantics::glob;
use crate::semantics::variable::plain_tokens;
use crate::source::Span;

/// The service's types of finding, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingType {
    /// Part of the document does not work.
    Error,
    /// It allows more than it seems to.
    SecurityWarning,
    /// It works, but not as usual.
    Warning,
    /// It could be written better.
    Suggestion,
}

impl FindingType {
    /// As the service writes it.
    pub fn name(self) -> &'static str {
        match self {
            FindingType::Error => "ERROR",
            FindingType::SecurityWarning => "SECURITY_WARNING",
            FindingType::Warning => "WARNING",
            FindingType::Suggestion => "SUGGESTION",
        }
    }
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How bad it is.
    pub finding_type: FindingType,
    /// The service's code where it is known, else ours.
    pub issue_code: String,
    /// What it says, and where.
    pub diagnostic: Diagnostic,
}

/// Codes that the service has under another name than ours (spec 2.5, 2.6, 2.7, 5.5; recorded answers). The others are
/// the specification's names, most of which are the service's as well.
const ISSUE_CODES: [(Code, &str); 14] = [
    (Code::JsonSyntax, "JSON_SYNTAX_ERROR"),
    (Code::BadVersion, "INVALID_VERSION"),
    (Code::BadEffect, "INVALID_EFFECT"),
    (Code::UnknownElement, "INVALID_POLICY_ELEMENT"),
    (Code::BadPrincipalKey, "INVALID_PRINCIPAL_KEY"),
    (Code::PrincipalBareString, "INVALID_PRINCIPAL_FORMAT"),
    (Code::BadArn, "INVALID_ARN_PREFIX"),
    (Code::UnknownAction, "INVALID_ACTION"),
    (Code::UnknownOperator, "INVALID_CONDITION_OPERATOR"),
    (Code::DupConditionKey, "DUPLICATE_KEYS_WITH_DIFFERENT_CASE"),
    (Code::NullIfexists, "NULL_WITH_IF_EXISTS"),
    (Code::NullWithSetOperator, "NULL_WITH_QUALIFIER"),
    (Code::EmptySid, "EMPTY_SID_VALUE"),
    (Code::AllowNotprincipal, "ALLOW_WITH_NOT_PRINCIPAL"),
];

/// Codes about access that is wider than it seems.
const SECURITY: [Code; 4] =
    [Code::ForallAllowWithoutNull, Code::AllowNotprincipal, Code::FederatedWildcard, Code::PassRoleStar];

/// The service's name of a code, or ours in its style.
pub fn issue_code(code: Code) -> String {
    let known = ISSUE_CODES.iter().find(|(own, _)| *own == code);
    known.map_or_else(|| code.name().to_ascii_uppercase().replace('-', "_"), |(_, name)| (*name).to_owned())
}

impl Finding {
    /// The finding that a diagnostic is.
    pub fn of(diagnostic: &Diagnostic) -> Finding {
        let issue_code = issue_code(diagnostic.code);
        Finding { finding_type: finding_type(diagnostic), issue_code, diagnostic: diagnostic.clone() }
    }

    /// What to read about it.
    pub fn learn_more(&self) -> String {
        format!("keyaki explain {}", self.diagnostic.code.name())
    }
}

fn finding_type(diagnostic: &Diagnostic) -> FindingType {
    match diagnostic.severity {
        Severity::Fatal => FindingType::Error,
        _ if SECURITY.contains(&diagnostic.code) => FindingType::SecurityWarning,
        Severity::Error => FindingType::Error,
        Severity::Warning => FindingType::Warning,
        Severity::Suggestion => FindingType::Suggestion,
    }
}

/// Actions that no service has, by the catalogue (spec 2.9).
pub fn unknown_actions(policy: &Policy, catalogue: &Catalogue) -> Vec<Diagnostic> {
    let entries = policy.statements.iter().flat_map(|statement| &statement.action.entries);
    let unknown = entries.filter_map(|entry| match &entry.pattern {
        ActionPattern::Glob(template) => unknown_action(template, &entry.text, entry.span, catalogue),
        ActionPattern::All | ActionPattern::VendorWildcard(_) | ActionPattern::Nothing => None,
    });
    unknown.take(MOST_DIAGNOSTICS).collect()
}

fn unknown_action(template: &Template, text: &str, span: Span, catalogue: &Catalogue) -> Option<Diagnostic> {
    let lower = text.to_ascii_lowercase();
    let (service, name) = lower.split_once(':')?;
    if !catalogue.knows_service(service) {
        let message = format!("no service has the prefix `{}`", clip(service));
        let diagnostic = Diagnostic::new(Code::UnknownAction, Some(span), message).label("matches no known action");
        return Some(Diagnostic { help: did_you_mean(nearest(service, catalogue.services())), ..diagnostic });
    }
    let tokens = plain_tokens::<String>(template)?;
    let exact = catalogue.action(&lower).is_some();
    if exact || catalogue.actions(service).any(|action| glob::matches(&tokens, &action.name().to_ascii_lowercase())) {
        return None;
    }
    let message = format!("`{service}` has no action `{}`", clip(text.split_once(':').map_or(name, |(_, name)| name)));
    let known: Vec<String> = catalogue.actions(service).map(|action| action.name()).collect();
    let diagnostic = Diagnostic::new(Code::UnknownAction, Some(span), message).label("matches no known action");
    Some(Diagnostic { help: did_you_mean(nearest(text, known.iter().map(String::as_str))), ..diagnostic })
}

/// Allow statements that let every role be passed to a service, whatever it may do (the service's checks of
/// `iam:PassRole` look at each Allow by itself).
pub fn passing_any_role(policy: &Policy) -> Vec<Finding> {
    let attached = match policy.kind {
        Kind::Identity | Kind::Boundary | Kind::Session => &policy.statements[..],
        Kind::Resource | Kind::Trust | Kind::ServiceControl | Kind::ResourceControl | Kind::Endpoint => &[],
    };
    attached.iter().filter_map(passing).collect()
}

fn passing(statement: &Statement) -> Option<Finding> {
    let resource = statement.resource.as_ref()?;
    let everything = resource.entries.iter().find(|entry| entry.pattern == ResourcePattern::All)?;
    if statement.effect != Effect::Allow || statement.action.negated || resource.negated || is_limited(statement) {
        return None;
    }
    let passes = |entry: &&ActionEntry| match &entry.pattern {
        ActionPattern::All => true,
        ActionPattern::Glob(template) => {
            plain_tokens::<String>(template).is_some_and(|tokens| glob::matches(&tokens, "iam:passrole"))
        }
        ActionPattern::VendorWildcard(_) | ActionPattern::Nothing => false,
    };
    let action = statement.action.entries.iter().find(passes)?;
    let issue_code = match action.text.contains(['*', '?']) {
        true => "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE",
        false => "PASS_ROLE_WITH_STAR_IN_RESOURCE",
    };
    let diagnostic = Diagnostic::new(Code::PassRoleStar, Some(everything.span), "any role can be passed to a service")
        .label("every role")
        .also(action.span, "includes `iam:PassRole`")
        .help("name the roles, or say by `iam:PassedToService` which services may get them");
    Some(Finding { issue_code: issue_code.to_owned(), ..Finding::of(&diagnostic) })
}

/// Whether the statement says which roles or services are meant.
fn is_limited(statement: &Statement) -> bool {
    statement
        .conditions
        .iter()
        .any(|clause| clause.key == "iam:passedtoservice" || clause.key == "iam:associatedresourcearn")
}

/// What the document could do without, each with the clause that says why.
pub fn redundant(redundancy: &Redundancy, because: impl Fn(&Redundant) -> String) -> Vec<Finding> {
    let finding = |redundant: &Redundant| {
        let diagnostic = Diagnostic::new(Code::Redundant, Some(redundant.place.span), because(redundant))
            .label("changes nothing")
            .help("`keyaki explain --minify` prints the document without what changes nothing");
        Finding { issue_code: redundant_code(redundant.place.element).to_owned(), ..Finding::of(&diagnostic) }
    };
    redundancy.places.iter().chain(&redundancy.idle).map(finding).collect()
}

fn redundant_code(element: Element) -> &'static str {
    match element {
        Element::Statement => "REDUNDANT_STATEMENT",
        Element::Action => "REDUNDANT_ACTION",
        Element::Resource => "REDUNDANT_RESOURCE",
        Element::Principal => "REDUNDANT_PRINCIPAL",
        Element::Clause => "REDUNDANT_CONDITION",
        Element::Value => "REDUNDANT_CONDITION_VALUE",
    }
}
