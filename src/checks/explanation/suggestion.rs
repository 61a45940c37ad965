//! Suggestions on a FAIL: one small edit a reason, offered only after the check was asked of the edited document.

use crate::checks::explanation::{Oracle, copy, edit};
use crate::checks::{Cause, Disagreement, Edit, Part, Reason, Report, Side, StatementAt, Suggestion, Verdict};
use crate::policy::condition::Clause;
use crate::policy::{Policy, Statement};
use crate::source::Span;
use crate::stack::{self, Document};

/// Reasons that get one: those that are shown in full.
const MOST_REASONS: usize = 5;
/// Rounds of leaving out entries for one reason: a list may have several guilty ones.
const MOST_ROUNDS: usize = 6;

/// What came of an edit.
enum After {
    /// The check passes.
    Passes,
    /// Other statements are still guilty, this one is not.
    Innocent,
    /// It still is, by these entries.
    Guilty(Vec<Span>),
    /// Nobody knows.
    Untold,
}

/// Adds a suggestion to the first reasons, and says if all of them together make the check pass.
pub(super) fn add(oracle: &Oracle<'_>, report: &mut Report) -> Result<(), Disagreement> {
    let document = copy(oracle.question.asked);
    for reason in report.reasons.iter_mut().take(MOST_REASONS) {
        reason.suggestion = of(oracle, &document, reason)?;
    }
    let edits: Vec<(&Reason, &Suggestion)> =
        report.reasons.iter().filter_map(|reason| Some((reason, reason.suggestion.as_ref()?))).collect();
    let partial = edits.len() > 1 && edits.len() == report.reasons.len() && edits.iter().all(|(_, s)| !s.passes);
    if !partial {
        return Ok(());
    }
    let all = edits.iter().try_fold(document.clone(), |document, (reason, suggestion)| {
        applied(oracle, &document, reason, &suggestion.edit)
    });
    if let Some(all) = all
        && oracle.ask(&all)?.is_some_and(|after| after.verdict == Verdict::Pass)
    {
        let drops: Vec<String> = edits
            .iter()
            .filter_map(|(_, suggestion)| match &suggestion.edit {
                Edit::DropStatement(place) => Some(place.statement_index.to_string()),
                Edit::DropEntries(_) | Edit::RestoreDeny(_) | Edit::RestoreConditions(_) => None,
            })
            .collect();
        report.remarks.push(match drops.split_last() {
            Some((last, first)) if drops.len() == edits.len() => {
                format!("without statements {} and {last} the check passes (re-checked)", first.join(", "))
            }
            _ => "with all of these edits the check passes (re-checked)".to_owned(),
        });
    }
    Ok(())
}

fn of(oracle: &Oracle<'_>, document: &Document, reason: &Reason) -> Result<Option<Suggestion>, Disagreement> {
    let edit = match &reason.why_not_before {
        Cause::DeniedByOld { statement_index, statement_id, span, .. } => {
            let place =
                StatementAt { statement_index: *statement_index, statement_id: statement_id.clone(), span: *span };
            Edit::RestoreDeny(place)
        }
        Cause::ConditionLoosened { spans, .. } => Edit::RestoreConditions(spans.clone()),
        Cause::NothingAllows | Cause::Granted => return without_entries(oracle, document, reason),
        Cause::NothingInLayer { layer } => {
            let Some(needed) = reason.also.iter().find(|needed| needed.layer == *layer) else { return Ok(None) };
            Edit::DropEntries(needed.entries.clone())
        }
    };
    tried(oracle, document, reason, edit)
}

/// The edit, if it removes the violation.
fn tried(
    oracle: &Oracle<'_>,
    document: &Document,
    reason: &Reason,
    edit: Edit,
) -> Result<Option<Suggestion>, Disagreement> {
    let Some(edited) = applied(oracle, document, reason, &edit) else { return Ok(None) };
    Ok(match after(oracle, &edited, reason)? {
        After::Passes => Some(Suggestion { edit, passes: true }),
        After::Innocent => Some(Suggestion { edit, passes: false }),
        After::Guilty(_) | After::Untold => None,
    })
}

/// Leaves out the guilty entries, and those that are guilty then; the statement, if nothing of the list is left.
fn without_entries(
    oracle: &Oracle<'_>,
    document: &Document,
    reason: &Reason,
) -> Result<Option<Suggestion>, Disagreement> {
    let mut spans: Vec<Span> = Vec::new();
    let mut guilty = match reason.part {
        Part::Action | Part::Resource | Part::Principal => reason.guilty.clone(),
        Part::Condition | Part::Nothing => Vec::new(),
    };
    for _ in 0..MOST_ROUNDS {
        if guilty.is_empty() {
            break;
        }
        spans.append(&mut guilty);
        let Some(edited) = edit::without_entries(document, &spans) else { break };
        match after(oracle, &edited, reason)? {
            After::Passes => return Ok(Some(Suggestion { edit: Edit::DropEntries(spans), passes: true })),
            After::Innocent => return Ok(Some(Suggestion { edit: Edit::DropEntries(spans), passes: false })),
            After::Guilty(more) => guilty = more.into_iter().filter(|span| !spans.contains(span)).collect(),
            After::Untold => return Ok(None),
        }
    }
    if reason.part == Part::Nothing {
        return Ok(None);
    }
    let place = StatementAt {
        statement_index: reason.statement_index,
        statement_id: reason.statement_id.clone(),
        span: reason.span,
    };
    tried(oracle, document, reason, Edit::DropStatement(place))
}

fn after(oracle: &Oracle<'_>, edited: &Document, reason: &Reason) -> Result<After, Disagreement> {
    let Some(report) = oracle.ask(edited)? else { return Ok(After::Untold) };
    if report.verdict == Verdict::Pass {
        return Ok(After::Passes);
    }
    let within =
        |span: Span| span.file == reason.span.file && reason.span.start <= span.start && span.end <= reason.span.end;
    if report.unknown.iter().any(|open| open.span.is_none_or(within)) {
        return Ok(After::Untold);
    }
    let still = report.reasons.iter().find(|each| each.span == reason.span);
    Ok(still.map_or(After::Innocent, |each| After::Guilty(each.guilty.clone())))
}

/// The document after the edit; `None` if it cannot be made.
fn applied(oracle: &Oracle<'_>, document: &Document, reason: &Reason, edit: &Edit) -> Option<Document> {
    match edit {
        Edit::DropEntries(spans) => edit::without_entries(document, spans),
        Edit::DropStatement(place) => Some(edit::without_statements(document, &[place.span])),
        Edit::RestoreDeny(place) => {
            let (layer, statement) = statement(oracle.question.existing?, place.span)?;
            edit::with_statement(document, layer.as_deref(), statement)
        }
        Edit::RestoreConditions(spans) => {
            let clauses = clauses(oracle.question.existing?, spans);
            (clauses.len() == spans.len()).then(|| edit::with_clauses(document, reason.span, &clauses))
        }
    }
}

/// A statement of a side and, in a stack, its layer.
fn statement(side: Side<'_>, span: Span) -> Option<(Option<String>, &Statement)> {
    let find = |policy: &'_ Policy| policy.statements.iter().position(|statement| statement.span == span);
    match side {
        Side::Document(policy) => Some((None, policy.statements.get(find(policy)?)?)),
        Side::Stack(of) => stack::places(of)
            .into_iter()
            .find_map(|(place, policy)| Some((Some(place), policy.statements.get(find(policy)?)?))),
    }
}

fn clauses(side: Side<'_>, spans: &[Span]) -> Vec<Clause> {
    let documents = side.documents();
    let all = documents.iter().flat_map(|policy| &policy.statements).flat_map(|statement| &statement.conditions);
    all.filter(|clause| spans.contains(&clause.span)).cloned().collect()
}
