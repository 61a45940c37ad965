//! Reading scenario files: every problem is reported with its place, and none is passed over.

use crate::batch::read::{Parsers, Reader as Parts};
use crate::checks::Verdict;
use crate::diagnostic::{Diagnostic, Fault};
use crate::json::{self, Limits, Node};
use crate::request::read::repeated;
use crate::scenario::{Expectation, Scenario, Wanted};
use crate::semantics::authorization::Decision;
use crate::source::{FileId, Sources};

/// Members of a scenario. The last two are remarks of other tools beside the answers, which are passed over.
const MEMBERS: [&str; 11] =
    ["id", "rule", "note", "policies", "request", "check", "expected", "contested", "alt", "iamSimulate", "agree"];

/// What was read of a file.
#[derive(Clone, Debug, Default)]
pub struct Scenarios {
    /// Those that can be asked.
    pub scenarios: Vec<Scenario>,
    /// What is wrong with the others.
    pub faults: Vec<Fault>,
    /// What there is to say about the policies.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a text of the sources: a list of scenarios.
pub fn read(sources: &mut Sources, file: FileId, parsers: Parsers) -> Scenarios {
    let text = sources.shared(file);
    let parsed = json::parse(&text, file, Limits::CONTAINER);
    let mut reader = Reader { parts: Parts::new(sources, parsers), scenarios: Vec::new() };
    reader.parts.faults.extend(parsed.diagnostics.into_iter().map(Fault::from));
    match parsed.root.as_ref().map(|root| (root, root.as_array())) {
        Some((_, Some(nodes))) => nodes.iter().enumerate().for_each(|(number, node)| reader.scenario(number, node)),
        Some((root, None)) => {
            let message = format!("a scenario file holds a list of scenarios, not {}", root.describe());
            reader.parts.fault(root, message);
        }
        None => {}
    }
    let Reader { parts, scenarios } = reader;
    Scenarios { scenarios, faults: parts.faults, diagnostics: parts.diagnostics }
}

struct Reader<'a> {
    parts: Parts<'a>,
    scenarios: Vec<Scenario>,
}

impl Reader<'_> {
    fn scenario(&mut self, number: usize, node: &Node<'_>) {
        let before = self.parts.faults.len();
        repeated(node, &mut self.parts.faults);
        if !self.parts.members(node, "a scenario", &MEMBERS) {
            return;
        }
        let id = self.parts.text(node, "id").unwrap_or_else(|| number.to_string());
        let note = self.parts.text(node, "note");
        let expectation = match (node.get("request"), node.get("check")) {
            (Some(request), None) => self.request(node, request),
            (None, Some(check)) => self.check(node, check),
            (Some(_), Some(check)) => {
                self.parts.fault(check, "a scenario has a `request` or a `check`, not both");
                None
            }
            (None, None) => {
                self.parts.fault(node, "a scenario has neither `request` nor `check`");
                None
            }
        };
        if let Some(expectation) = expectation.filter(|_| self.parts.faults.len() == before) {
            self.scenarios.push(Scenario { id, note, span: node.span, expectation });
        }
    }

    fn request(&mut self, node: &Node<'_>, request: &Node<'_>) -> Option<Expectation> {
        let read = self.parts.request(request);
        let policies = self.parts.policies(node);
        let expected = self.parts.needed(node, "expected");
        let expected = self.wanted(node, "expected", expected);
        let other = self.parts.text(node, "alt");
        let other = self.wanted(node, "alt", other);
        let rule = self.parts.text(node, "contested").and_then(|text| rule(&text));
        Some(Expectation::Request {
            request: Box::new(read?),
            policies: policies?,
            expected: expected?,
            otherwise: rule.zip(other),
        })
    }

    fn wanted(&mut self, node: &Node<'_>, name: &str, text: Option<String>) -> Option<Wanted> {
        match text?.as_str() {
            "Allowed" => Some(Wanted::Exactly(Decision::Allowed)),
            "ImplicitlyDenied" => Some(Wanted::Exactly(Decision::ImplicitlyDenied)),
            "ExplicitlyDenied" => Some(Wanted::Exactly(Decision::ExplicitlyDenied)),
            "Denied" => Some(Wanted::Denied),
            _ => {
                let value = node.get(name).unwrap_or(node);
                self.parts.fault(value, "a request is `Allowed`, `ImplicitlyDenied`, `ExplicitlyDenied` or `Denied`");
                None
            }
        }
    }

    fn check(&mut self, node: &Node<'_>, check: &Node<'_>) -> Option<Expectation> {
        let expected = match self.parts.needed(node, "expected").as_deref() {
            Some("PASS") => Some(Verdict::Pass),
            Some("FAIL") => Some(Verdict::Fail),
            Some("UNKNOWN") => Some(Verdict::Unknown),
            Some(_) => {
                self.parts.fault(node.get("expected").unwrap_or(node), "a check gives `PASS`, `FAIL` or `UNKNOWN`");
                None
            }
            None => None,
        };
        let before = self.parts.diagnostics.len();
        let check = self.parts.check(check);
        let diagnostics = self.parts.diagnostics.get(before..).unwrap_or_default().to_vec();
        Some(Expectation::Check { check: Box::new(check?), expected: expected?, diagnostics })
    }
}

/// `C5` of `C5: a session policy …`
fn rule(text: &str) -> Option<String> {
    let word: String = text.chars().take_while(char::is_ascii_alphanumeric).collect();
    let digits = word.strip_prefix('C')?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(word)
}
