//! One found policy held to rules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::checks::public::ResourceType;
use crate::checks::{self, Disagreement, Report, Settings, Strictness, Undecided, Verdict, admission};
use crate::policy::{Kind, Policy, Version};
use crate::request::Request;
use crate::scan::bounds::{self, Towards, Variables};
use crate::scan::found::{Before, Found, Open, Written};
use crate::scan::outcome::{Outcome, Standing, Value};
use crate::scan::rule::{Bound, Question, Rule};
use crate::scan::tree::{Binding, Language, Tree};
use crate::scan::values;
use crate::semantics::Contested;
use crate::semantics::outsider::ServiceKeys;
use crate::source::{FileId, Span};
use crate::stack::Document;

/// How rules are asked.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// Facts about services.
    pub catalogue: &'a Catalogue,
    /// Budget, relations, readings.
    pub settings: &'a Settings,
    /// How strictly diagnostics are taken.
    pub strictness: Strictness,
}

/// Holds a policy to the rules whose question has a meaning for it: those about callers for policies that name callers,
/// those about what was before for policies that have a before.
pub fn hold(found: &Found, rules: &[Arc<Rule>], asking: &Asking<'_>) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for rule in rules.iter().filter(|rule| speaks_of(rule, found)) {
        outcomes.push(outcome(found, rule, asking));
    }
    outcomes
}

/// Whether a rule has a meaning for a policy.
fn speaks_of(rule: &Rule, found: &Found) -> bool {
    let comparable = match (&rule.question, &found.before) {
        (Question::NoNewAccess { bound: Bound::Before }, Before::Unasked) => false,
        (
            Question::NoNewAccess { .. }
            | Question::NoPublicAccess
            | Question::NoExternalAccess { .. }
            | Question::AccessNotGranted { .. },
            _,
        ) => true,
    };
    comparable && rule.question.concerns(found.kind)
}

/// One side of a question.
#[derive(Clone, Copy)]
enum Side<'a> {
    Whole(&'a Document),
    Open(&'a Open),
}

impl<'a> Side<'a> {
    fn of(written: &'a Written) -> Side<'a> {
        match written {
            Written::Whole(document) => Side::Whole(document),
            Written::Open(open) => Side::Open(open),
        }
    }

    fn tree(self) -> Option<&'a Tree> {
        match self {
            Side::Whole(_) => None,
            Side::Open(open) => Some(&open.tree),
        }
    }
}

/// The bound of a question.
enum Existing<'a> {
    None,
    Given(String, Side<'a>),
    Nothing,
    Undetermined(String),
}

fn existing<'a>(found: &'a Found, question: &'a Question) -> Existing<'a> {
    match question {
        Question::NoPublicAccess | Question::NoExternalAccess { .. } | Question::AccessNotGranted { .. } => {
            Existing::None
        }
        Question::NoNewAccess { bound: Bound::Reference(reference) } => {
            Existing::Given(reference.name.clone(), Side::Whole(&reference.document))
        }
        Question::NoNewAccess { bound: Bound::Before } => match &found.before {
            Before::Unasked => Existing::None,
            Before::Absent => Existing::Nothing,
            Before::Policy { name, document } => Existing::Given(name.clone(), Side::of(document)),
            Before::Undetermined { reason } => Existing::Undetermined(reason.clone()),
        },
    }
}

/// A policy that grants nothing.
fn nothing(kind: Option<Kind>) -> Document {
    let span = Span { file: FileId(u32::MAX), start: 0, end: 0 };
    Document::Policy(Box::new(Policy {
        kind: kind.unwrap_or(Kind::Identity),
        inferred: false,
        version: Version::V2012,
        id: None,
        statements: Vec::new(),
        file: span.file,
        span,
    }))
}

fn outcome(found: &Found, rule: &Arc<Rule>, asking: &Asking<'_>) -> Outcome {
    let void = nothing(found.kind);
    let (bound, undetermined) = match existing(found, &rule.question) {
        Existing::None => (None, None),
        Existing::Given(name, side) => (Some((name, side)), None),
        Existing::Nothing => (Some(("nothing".to_owned(), Side::Whole(&void))), None),
        Existing::Undetermined(reason) => (None, Some(reason)),
    };
    let inquiry = Inquiry { rule, found, bound, asking };
    let answer = match undetermined {
        Some(reason) => Answer::without_documents(Ok(undecided(
            format!("what it said before is not known: {reason}"),
            found.span,
            "a before-side that is known",
        ))),
        None => inquiry.answer(),
    };
    Outcome {
        rule: Arc::clone(rule),
        asked: answer.asked.unwrap_or_else(|| Arc::new(nothing(found.kind))),
        existing: answer.existing,
        report: answer.report.map(|report| {
            let admission = admission(&found.diagnostics, asking.strictness);
            supposing(found, report.admitted(admission, &found.diagnostics), asking.strictness)
        }),
        values: answer.values,
        diagnostics: found.diagnostics.clone(),
        standing: Standing::default(),
    }
}

/// The answer to a question about a policy that the file does not show outright: a PASS rests on what is supposed, which
/// only a lenient caller takes for granted; with any other answer it is said.
fn supposing(found: &Found, mut report: Report, strictness: Strictness) -> Report {
    let Some(supposed) = &found.supposed else { return report };
    match (report.verdict, strictness) {
        (Verdict::Pass, Strictness::Lenient) => report.assumptions.push(supposed.clone()),
        (Verdict::Pass, Strictness::Ordinary | Strictness::Strict) => {
            return undecided(
                format!("the file does not show that {supposed}"),
                found.span,
                "the policy's text as known when planning; or `--lenient`, if it is so",
            );
        }
        (Verdict::Fail | Verdict::Unknown, _) => report.remarks.push(format!("It is supposed that {supposed}.")),
    }
    report
}

fn undecided(reason: String, span: Option<Span>, needed: &str) -> Report {
    Report::undecided(Undecided { reason, span, needed: needed.to_owned() })
}

/// The answer to a rule, with the documents that it is about.
struct Answer {
    report: Result<Report, Disagreement>,
    asked: Option<Arc<Document>>,
    existing: Option<(String, Arc<Document>)>,
    values: Vec<Value>,
}

impl Answer {
    fn without_documents(report: Result<Report, Disagreement>) -> Answer {
        Answer { report, asked: None, existing: None, values: Vec::new() }
    }

    fn verdict(&self) -> Option<Verdict> {
        self.report.as_ref().ok().map(|report| report.verdict)
    }
}

/// A rule, a policy, and the bound.
struct Inquiry<'a> {
    rule: &'a Rule,
    found: &'a Found,
    bound: Option<(String, Side<'a>)>,
    asking: &'a Asking<'a>,
}

/// How holes are filled for one question.
struct Filling<'a> {
    /// Values.
    binding: &'a Binding,
    /// Which way to err with the rest: on the asked side; the bound errs the other way.
    towards: Towards,
    /// Names that become variables.
    variables: &'a Variables,
}

impl Inquiry<'_> {
    fn answer(&self) -> Answer {
        let unknown = self.unknown();
        if unknown.is_empty() {
            let none = Binding::new();
            let filling = Filling { binding: &none, towards: Towards::More, variables: &Variables::new() };
            return self.ask(&filling).unwrap_or_else(|what| self.undetermined(&what));
        }
        let (written, apart) = self.written();
        let Some(cases) = values::cases(&unknown, &written) else {
            return self.open("its values have too many combinations", &unknown);
        };
        let mut last = None;
        let mut open = None;
        for case in &cases {
            let answer = self.case(case, &unknown);
            match answer.verdict() {
                Some(Verdict::Pass) => last = Some(answer),
                Some(Verdict::Fail) => return self.for_every_value().unwrap_or(answer),
                None => return answer,
                Some(Verdict::Unknown) => open = open.or(Some(answer)),
            }
        }
        let accounts = unknown.values().any(|language| *language == Language::Account);
        match (open, last) {
            (Some(open), _) => open,
            (None, Some(_)) if accounts && apart => {
                self.open("a pattern with digits beside a wildcard may tell accounts apart", &unknown)
            }
            (None, Some(pass)) => pass,
            (None, None) => self.open("it has no value", &unknown),
        }
    }

    /// A FAIL that needs no particular values.
    fn for_every_value(&self) -> Option<Answer> {
        let (binding, variables) = (Binding::new(), Variables::new());
        let filling = Filling { binding: &binding, towards: Towards::Less, variables: &variables };
        self.ask(&filling).ok().filter(|answer| answer.verdict() == Some(Verdict::Fail))
    }

    /// What is not known on either side, by expression.
    fn unknown(&self) -> BTreeMap<String, Language> {
        let mut out = BTreeMap::new();
        for tree in self.trees() {
            out.extend(tree.unknowns());
        }
        out
    }

    fn trees(&self) -> Vec<&Tree> {
        self.sides().into_iter().filter_map(Side::tree).collect()
    }

    /// Accounts that are written somewhere, and whether some pattern tells accounts apart by a part of them.
    fn written(&self) -> (BTreeSet<String>, bool) {
        let (mut accounts, mut apart) = (BTreeSet::new(), false);
        let mut see = |text: &str| {
            values::accounts(text, &mut accounts);
            apart = apart || values::tells_digits_apart(text);
        };
        self.trees().into_iter().for_each(|tree| values::known_texts(tree, &mut see));
        match &self.rule.question {
            Question::NoExternalAccess { zone, .. } => zone.iter().for_each(|id| see(id)),
            Question::AccessNotGranted { access } => {
                access
                    .iter()
                    .flat_map(|access| access.actions.iter().chain(&access.resources))
                    .for_each(|text| see(text));
            }
            Question::NoPublicAccess | Question::NoNewAccess { .. } => {}
        }
        self.wholes().into_iter().for_each(|document| values::written_texts(document, &mut see));
        (accounts, apart)
    }

    fn sides(&self) -> Vec<Side<'_>> {
        let sides = [Some(Side::of(&self.found.document)), self.bound.as_ref().map(|(_, side)| *side)];
        sides.into_iter().flatten().collect()
    }

    /// The documents without holes.
    fn wholes(&self) -> Vec<&Document> {
        let whole = |side| match side {
            Side::Whole(document) => Some(document),
            Side::Open(_) => None,
        };
        self.sides().into_iter().filter_map(whole).collect()
    }

    /// One combination of accounts and listed values: names and patterns stay open.
    fn case(&self, case: &Binding, unknown: &BTreeMap<String, Language>) -> Answer {
        let rest: BTreeMap<String, Language> =
            unknown.iter().filter(|(expression, _)| !case.contains_key(*expression)).map(cloned).collect();
        let names = rest.iter().filter(|(_, language)| matches!(language, Language::Name | Language::Path));
        let variables: Variables = names.enumerate().map(|(at, (expression, _))| (expression.clone(), at)).collect();
        let none = Variables::new();
        let more = |variables| self.ask(&Filling { binding: case, towards: Towards::More, variables });
        let mut answer = more(&variables);
        if answer.as_ref().is_ok_and(|answer| answer.verdict() == Some(Verdict::Unknown)) && !variables.is_empty() {
            answer = more(&none); // bounds are coarser, but plain patterns
        }
        let more = match answer {
            Ok(answer) => answer,
            Err(what) => return self.undetermined(&what),
        };
        match &more.report {
            Ok(report) if report.verdict == Verdict::Fail => {}
            Ok(_) | Err(_) => return more,
        }
        if rest.is_empty() {
            return Answer { values: shown(case, unknown), ..more };
        }
        let less = |binding: &Binding| self.ask(&Filling { binding, towards: Towards::Less, variables: &none }).ok();
        if let Some(answer) = less(case).filter(|answer| answer.verdict() != Some(Verdict::Pass))
            && answer.verdict() != Some(Verdict::Unknown)
        {
            return Answer { values: shown(case, unknown), ..answer };
        }
        for request in
            more.report.iter().flat_map(|report| &report.reasons).map(|reason| &reason.counterexample).take(3)
        {
            for binding in self.suggested(case, &rest, request, &variables) {
                let answer = less(&binding).filter(|answer| answer.verdict() == Some(Verdict::Fail));
                if let Some(answer) = answer {
                    return Answer { values: shown(&binding, unknown), ..answer };
                }
            }
        }
        self.open("whether it holds depends on its value", &rest)
    }

    fn suggested(
        &self,
        case: &Binding,
        rest: &BTreeMap<String, Language>,
        request: &Request,
        variables: &Variables,
    ) -> Vec<Binding> {
        let trees: Vec<Tree> = self.trees().into_iter().map(|tree| tree.bind(case)).collect();
        let trees: Vec<&Tree> = trees.iter().collect();
        let mut bindings = values::suggested(rest, &trees, request, variables, self.usual_values_tell());
        bindings.iter_mut().for_each(|binding| binding.extend(case.clone()));
        bindings
    }

    /// Whether a usual value for what is computed answers the question: it is not about certain resources, nor about a
    /// difference.
    fn usual_values_tell(&self) -> bool {
        match &self.rule.question {
            Question::NoPublicAccess | Question::NoExternalAccess { .. } => true,
            Question::AccessNotGranted { access } => access.iter().all(|access| access.resources.is_empty()),
            Question::NoNewAccess { .. } => false,
        }
    }

    /// UNKNOWN, naming the expressions.
    fn open(&self, why: &str, unknown: &BTreeMap<String, Language>) -> Answer {
        let names: Vec<String> = unknown.keys().map(|expression| format!("`{expression}`")).collect();
        let reason =
            format!("{} {} not known here: {why}", names.join(", "), if names.len() == 1 { "is" } else { "are" });
        Answer::without_documents(Ok(undecided(reason, self.found.span, "the value, for example as a parameter")))
    }

    fn undetermined(&self, expression: &str) -> Answer {
        let unknown = [(expression.to_owned(), Language::Opaque)].into_iter().collect();
        self.open("it decides what the policy says at all", &unknown)
    }

    /// Asks the question with the holes filled.
    ///
    /// # Errors
    /// The expression that decides what a document is.
    fn ask(&self, filling: &Filling<'_>) -> Result<Answer, String> {
        let inherited = match (filling.towards, self.bound.as_ref().map(|(_, side)| *side), &self.found.document) {
            (Towards::More, Some(Side::Open(bound)), Written::Open(own)) => bounds::inherited(&own.tree, &bound.tree),
            _ => Vec::new(),
        };
        let asked = fill(Side::of(&self.found.document), filling, filling.towards, &inherited)?;
        let existing = match &self.bound {
            Some((name, side)) => {
                let towards = if filling.towards == Towards::More { Towards::Less } else { Towards::More };
                Some((name.clone(), fill(*side, filling, towards, &[])?))
            }
            None => None,
        };
        let mut settings = self.asking.settings.clone();
        if !filling.variables.is_empty() && !self.has_variables() {
            // these rules are about policy variables: they speak of ours, which stand for plain texts
            settings.reading.fixed.extend([(Contested::C6, false), (Contested::C9, false), (Contested::C16, false)]);
        }
        let report = self.put(&asked, existing.as_ref().map(|(_, document)| &**document), &settings);
        Ok(Answer { report, asked: Some(asked), existing, values: Vec::new() })
    }

    /// Whether the documents have policy variables of their own.
    fn has_variables(&self) -> bool {
        let mut found = false;
        let mut see = |text: &str| found = found || text.contains("${");
        self.trees().into_iter().for_each(|tree| values::known_texts(tree, &mut see));
        self.wholes().into_iter().for_each(|document| values::written_texts(document, &mut see));
        found
    }

    /// Puts the question to the checks.
    fn put(&self, asked: &Document, existing: Option<&Document>, settings: &Settings) -> Result<Report, Disagreement> {
        let catalogue = self.asking.catalogue;
        match (&self.rule.question, existing) {
            (Question::AccessNotGranted { access }, _) => {
                checks::access_not_granted_by(asked.side(), access, catalogue, settings)
            }
            (Question::NoNewAccess { .. }, Some(existing)) => {
                checks::no_new_access_between(existing.side(), asked.side(), catalogue, settings)
            }
            (Question::NoNewAccess { .. }, None) => {
                Ok(undecided("there is nothing to compare with".to_owned(), self.found.span, "a bound"))
            }
            (Question::NoPublicAccess, _) => {
                let keys = service_keys(self.found.resource_type, asked);
                checks::public::no_public_access(asked.side(), keys, catalogue, settings)
            }
            (Question::NoExternalAccess { trusted: Some(zone), .. }, _) => {
                checks::external::no_external_access(asked.side(), zone, catalogue, settings)
            }
            (Question::NoExternalAccess { trusted: None, .. }, _) => {
                let needed = "ids of accounts (12 digits) and organisations (o-…)";
                Ok(undecided("the zone of trust is none".to_owned(), self.found.span, needed))
            }
        }
    }
}

/// Which service keys an outsider cannot choose: as the type says, else those of the service that all actions are of.
fn service_keys(resource_type: Option<&str>, asked: &Document) -> ServiceKeys {
    if let Some(known) = resource_type.and_then(ResourceType::named) {
        return known.service_keys;
    }
    let Document::Policy(policy) = asked else { return ServiceKeys::None };
    let entries =
        policy.statements.iter().filter(|statement| !statement.action.negated).flat_map(|s| &s.action.entries);
    let services: BTreeSet<String> =
        entries.map(|entry| entry.text.split(':').next().unwrap_or("").to_ascii_lowercase()).collect();
    let services: Vec<&str> = services.iter().map(String::as_str).collect();
    match services.as_slice() {
        ["s3"] => ServiceKeys::S3,
        ["kms"] => ServiceKeys::Kms,
        _ => ServiceKeys::None,
    }
}

fn cloned((expression, language): (&String, &Language)) -> (String, Language) {
    (expression.clone(), language.clone())
}

/// The values to show with a FAIL: all there are.
fn shown(binding: &Binding, unknown: &BTreeMap<String, Language>) -> Vec<Value> {
    let known = binding.iter().filter(|(expression, _)| unknown.contains_key(*expression));
    known.map(|(expression, text)| Value { expression: expression.clone(), text: text.clone() }).collect()
}

/// A document with its holes filled; `extra` statements are left out as well.
fn fill(side: Side<'_>, filling: &Filling<'_>, towards: Towards, extra: &[usize]) -> Result<Arc<Document>, String> {
    let open = match side {
        Side::Whole(document) => return Ok(Arc::new(document.clone())),
        Side::Open(open) => open,
    };
    let bound = open.tree.bind(filling.binding);
    let bounded = bounds::bounded(&bound, towards, filling.variables).map_err(|unknown| unknown.expression)?;
    let mut policy = open.read(&bounded.tree).ok_or_else(|| "the document".to_owned())?;
    policy
        .statements
        .retain(|statement| !bounded.dropped.contains(&statement.index) && !extra.contains(&statement.index));
    Ok(Arc::new(Document::Policy(Box::new(policy))))
}
