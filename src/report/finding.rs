//! Findings: everything that a scan has against policies, one by one, as every format for other programs shows it.

use crate::catalogue::Catalogue;
use crate::checks::{Cause, Reason, Report, Undecided, Verdict};
use crate::report::document::document;
use crate::report::json;
use crate::report::scan::kind;
use crate::request::{ContextValue, Request};
use crate::scan::{Bound, Checked, Found, Level, Outcome, Question, Scan, Standing, Written};
use crate::source::{Sources, Span};
use crate::stack::Document;
use crate::standard::{Paths, fingerprint};

/// A scan as reports show it.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// What was seen.
    pub scan: &'a Scan,
    /// How condition keys are spelt.
    pub catalogue: &'a Catalogue,
    /// Whether things left unchecked are no failure.
    pub allow_skips: bool,
    /// What it comes to: the exit code.
    pub overall: Overall,
    /// How the configuration sees files.
    pub paths: &'a Paths,
}

/// What a scan comes to, by its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overall {
    /// 0: every property holds.
    Holds,
    /// 1: at least one fails that counts.
    Fails,
    /// 2: something could not be read.
    CouldNotRun,
    /// 3: undecided, or left unchecked.
    Undecided,
    /// 4: a defect of ours.
    Internal,
}

/// One thing against a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: String,
    /// How much it weighs.
    pub level: Level,
    /// What sort of thing it is.
    pub sort: Sort,
    /// Whether it counts.
    pub standing: Standing,
    /// The file.
    pub file: String,
    /// The address in it; empty if the file is the policy.
    pub address: String,
    /// The place in the file.
    pub region: Region,
    /// The statement: `statement 0 "Base"`; empty if it is about the whole policy.
    pub statement: String,
    /// What is wrong, as a sentence without the policy's name: `grants access to everyone`.
    pub sentence: String,
    /// The request that shows it.
    pub example: Option<Example>,
    /// Why the bound does not allow it, or what is needed to decide it; may be empty.
    pub remark: String,
    /// The statement as written, in pieces, with whether they are guilty; may be empty.
    pub excerpt: Vec<(String, bool)>,
    /// What it is, whatever the text looks like.
    pub fingerprint: String,
}

/// Sorts of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A counterexample.
    Fail,
    /// Not decided.
    Unknown,
    /// A defect of ours: an answer that did not replay.
    Internal,
}

/// A counterexample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Who.
    pub principal: String,
    /// Does what.
    pub action: String,
    /// On what.
    pub resource: String,
    /// With which keys, as they are documented.
    pub context: Vec<(String, String)>,
    /// Values for what is not known, by expression.
    pub values: Vec<(String, String)>,
    /// The command that replays it.
    pub command: String,
}

/// A place in a file; lines and columns from 1, the end column exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Region {
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// One past the last column.
    pub end_column: u32,
}

impl Region {
    const START: Region = Region { line: 1, column: 1, end_line: 1, end_column: 1 };

    /// The region of the first of these places that lies in this file itself, rather than in a text found inside it.
    pub fn of(file: &str, places: &[Option<Span>], sources: &Sources) -> Region {
        let own = |span: &&Span| sources.name(span.file) == file;
        let Some(span) = places.iter().flatten().find(own) else { return Region::START };
        let (start, end) = (sources.line_column(span.file, span.start), sources.line_column(span.file, span.end));
        Region { line: start.line, column: start.column, end_line: end.line, end_column: end.column }
    }
}

impl Sort {
    /// The verdict it stands for.
    pub fn word(self) -> &'static str {
        match self {
            Sort::Fail => "FAIL",
            Sort::Unknown => "UNKNOWN",
            Sort::Internal => "INTERNAL",
        }
    }
}

impl Finding {
    /// The policy: its address, or its file.
    pub fn policy(&self) -> &str {
        if self.address.is_empty() { &self.file } else { &self.address }
    }

    /// The whole in plain sentences.
    pub fn message(&self) -> String {
        let statement = if self.statement.is_empty() { String::new() } else { format!(", {}", self.statement) };
        let mut text = format!("{}  {}{statement}: {}.", self.sort.word(), self.policy(), self.sentence);
        if let Some(example) = &self.example {
            text.push_str(&format!(" For example, {}.", example.sentence()));
        }
        if !self.remark.is_empty() {
            text.push_str(&format!(" {}.", capital(&self.remark)));
        }
        text
    }

    /// Why it does not count; `None` if it does.
    pub fn accepted(&self) -> Option<String> {
        match &self.standing {
            Standing::Counts => None,
            Standing::Suppressed { reason, until: None } => Some(format!("accepted: {reason}")),
            Standing::Suppressed { reason, until: Some(until) } => Some(format!("accepted until {until}: {reason}")),
            Standing::Baselined => Some("accepted: it is in the baseline".to_owned()),
        }
    }
}

/// With its first letter large.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

impl Example {
    /// `alice may do s3:GetObject on arn:…, with aws:SourceIp = …`
    pub fn sentence(&self) -> String {
        let pair = |(key, value): &(String, String)| format!("{key} = {value}");
        let keys: Vec<String> = self.context.iter().map(pair).collect();
        let values: Vec<String> = self.values.iter().map(pair).collect();
        let mut text = format!("{} may do {} on {}", self.principal, self.action, self.resource);
        if !keys.is_empty() {
            text.push_str(&format!(" with {}", keys.join(", ")));
        }
        if !values.is_empty() {
            text.push_str(&format!(" if {}", values.join(", ")));
        }
        text
    }

    fn of(request: &Request, outcome: &Outcome, found: &Found, shown: &Shown<'_>) -> Example {
        let value = |value: &ContextValue| match value {
            ContextValue::Single(text) => text.clone(),
            ContextValue::Multi(texts) => format!("[{}]", texts.join(", ")),
        };
        let spelt = |key: &String| shown.catalogue.key(key).spelling;
        Example {
            principal: request.principal.to_string(),
            action: request.action.clone(),
            resource: request.resource.clone(),
            context: request.context.iter().map(|(key, values)| (spelt(key), value(values))).collect(),
            values: outcome.values.iter().map(|known| (known.expression.clone(), known.text.clone())).collect(),
            command: command(request, outcome, found, shown),
        }
    }
}

/// The command that replays a counterexample, from what is in it alone; empty if there is none.
fn command(request: &Request, outcome: &Outcome, found: &Found, shown: &Shown<'_>) -> String {
    let request = quoted(&json::request(request, shown.catalogue));
    let sources = &shown.scan.sources;
    let compact = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok().map(|value| value.to_string());
    let given = match (&*outcome.asked, &found.document) {
        (Document::Stack(_), _) => {
            return format!("keyaki evaluate --stack {} --request {request}", quoted(&found.file));
        }
        (Document::Policy(policy), Written::Whole(_)) if sources.name(policy.file) == found.file => {
            // a file of another language than JSON is no document for `evaluate`
            let text = compact(sources.text(policy.span));
            if found.address.is_empty() { text.map(|_| found.file.clone()) } else { text }
        }
        (Document::Policy(policy), Written::Whole(_)) => compact(sources.text(policy.span)),
        (Document::Policy(_), Written::Open(_)) => None,
    };
    let Document::Policy(policy) = &*outcome.asked else { return String::new() };
    let Some(given) = given.or_else(|| document(policy)) else { return String::new() };
    let (given, kind) = (quoted(&given), kind(Some(policy.kind)));
    format!("keyaki evaluate --policy-document {given} --policy-type {kind} --request {request}")
}

/// A word for a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | ':' | '@');
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// All findings, in the order of policies and rules.
pub fn findings(shown: &Shown<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for Checked { found, outcomes } in &shown.scan.policies {
        for outcome in outcomes {
            out.extend(of_outcome(found, outcome, shown));
        }
    }
    out
}

/// The findings of one rule for one policy: none for a PASS.
pub fn of_outcome(found: &Found, outcome: &Outcome, shown: &Shown<'_>) -> Vec<Finding> {
    let base = |place: Option<Span>| Finding {
        rule: outcome.rule.name.clone(),
        level: outcome.rule.level,
        sort: Sort::Fail,
        standing: outcome.standing.clone(),
        file: found.file.clone(),
        address: found.address.clone(),
        region: Region::of(&found.file, &[place, found.span], &shown.scan.sources),
        statement: String::new(),
        sentence: String::new(),
        example: None,
        remark: String::new(),
        excerpt: Vec::new(),
        fingerprint: fingerprint(outcome, found, place, shown.paths),
    };
    match &outcome.report {
        Err(disagreement) => vec![Finding {
            sort: Sort::Internal,
            level: Level::Error,
            sentence: format!("a defect of keyaki kept this from being decided: {}", disagreement.what),
            ..base(None)
        }],
        Ok(report) if report.verdict == Verdict::Pass => Vec::new(),
        Ok(report) => of_report(report, found, outcome, shown, &base),
    }
}

fn of_report(
    report: &Report,
    found: &Found,
    outcome: &Outcome,
    shown: &Shown<'_>,
    base: &dyn Fn(Option<Span>) -> Finding,
) -> Vec<Finding> {
    let mut out = Vec::new();
    for reason in &report.reasons {
        let place = reason.guilty.first().copied().unwrap_or(reason.span);
        out.push(Finding {
            region: Region::of(&found.file, &[Some(place), Some(reason.span), found.span], &shown.scan.sources),
            statement: statement(reason.statement_index, reason.statement_id.as_deref()),
            sentence: sentence(&outcome.rule.question, outcome),
            example: Some(Example::of(&reason.counterexample, outcome, found, shown)),
            remark: before(reason, outcome),
            excerpt: excerpt(reason.span, &reason.guilty, &shown.scan.sources),
            ..base(Some(reason.span))
        });
    }
    out.extend(report.unknown.iter().map(|open| undecided(open, shown, base)));
    out
}

/// The statement as written, its lines moved to the left together.
fn excerpt(span: Span, guilty: &[Span], sources: &Sources) -> Vec<(String, bool)> {
    let text = sources.text(span);
    let column = sources.line_column(span.file, span.start).column.saturating_sub(1) as usize;
    let margin = |line: &str| line.len().saturating_sub(line.trim_start_matches(' ').len());
    let rest = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    let cut = rest.map(margin).min().unwrap_or(0).min(column);
    let is_guilty = |at: usize| {
        let at = u32::try_from(at).unwrap_or(u32::MAX).saturating_add(span.start);
        guilty.iter().any(|place| place.file == span.file && place.start <= at && at < place.end)
    };
    let mut out: Vec<(String, bool)> = Vec::new();
    let mut indent = 0;
    for (at, c) in text.char_indices() {
        if c == ' ' && indent > 0 {
            indent -= 1;
            continue;
        }
        indent = if c == '\n' { cut } else { 0 };
        let guilty = is_guilty(at);
        match out.last_mut() {
            Some((piece, same)) if *same == guilty => piece.push(c),
            Some(_) | None => out.push((c.to_string(), guilty)),
        }
    }
    out
}

fn undecided(open: &Undecided, shown: &Shown<'_>, base: &dyn Fn(Option<Span>) -> Finding) -> Finding {
    let needed = if open.needed.is_empty() { String::new() } else { format!("needed: {}", open.needed) };
    Finding {
        sort: Sort::Unknown,
        sentence: format!("not decided: {}", open.reason),
        remark: needed,
        excerpt: open.span.map_or(Vec::new(), |span| excerpt(span, &[], &shown.scan.sources)),
        ..base(open.span)
    }
}

/// `statement 0 "Base"`
fn statement(index: usize, id: Option<&str>) -> String {
    match id {
        Some(id) if !id.is_empty() => format!("statement {index} \"{id}\""),
        Some(_) | None => format!("statement {index}"),
    }
}

fn sentence(question: &Question, outcome: &Outcome) -> String {
    match question {
        Question::NoPublicAccess => "grants access to everyone".to_owned(),
        Question::NoExternalAccess { .. } => "grants access outside the zone of trust".to_owned(),
        Question::AccessNotGranted { .. } => "grants listed access".to_owned(),
        Question::NoNewAccess { bound: Bound::Before } => "grants access that it did not grant before".to_owned(),
        Question::NoNewAccess { bound: Bound::Reference(_) } => {
            let bound = outcome.existing.as_ref().map_or("the reference", |(name, _)| name.as_str());
            format!("grants more than {bound}")
        }
    }
}

/// What of the bound forbids it.
fn before(reason: &Reason, outcome: &Outcome) -> String {
    let bound = outcome.existing.as_ref().map_or("the bound", |(name, _)| name.as_str());
    let named = |index: usize, id: Option<&str>| format!("{} of {bound}", statement(index, id));
    let cause = match &reason.why_not_before {
        Cause::Granted => String::new(),
        Cause::NothingAllows => format!("nothing in {bound} allows it"),
        Cause::NothingInLayer { layer } => format!("nothing in the {layer} of {bound} allows it"),
        Cause::DeniedByOld { statement_index, statement_id, .. } => {
            format!("denied by {}", named(*statement_index, statement_id.as_deref()))
        }
        Cause::ConditionLoosened { statement_index, statement_id, .. } => {
            format!("allowed only under a condition by {}", named(*statement_index, statement_id.as_deref()))
        }
    };
    match (&reason.note, cause.is_empty()) {
        (None, _) => cause,
        (Some(note), true) => note.clone(),
        (Some(note), false) => format!("{cause}; {note}"),
    }
}
