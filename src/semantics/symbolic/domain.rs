//! The domains of request variables as shapes (spec 3.1, 3.2, 6.5(14)).

use std::collections::{BTreeMap, BTreeSet};

use solver::chars::CharClass;
use solver::record::{Form, Run, Shape};

use crate::catalogue::{Catalogue, Colons, KeyDomain, KeyFacts};
use crate::policy::template::{Piece, Template};

fn class(ranges: &[(char, char)]) -> CharClass {
    CharClass::of(ranges)
}

fn digits() -> CharClass {
    class(&[('0', '9')])
}

fn some(class: CharClass) -> Shape {
    Shape::runs(vec![Run::at_least(1, class)])
}

/// 12 digits.
pub(super) fn account() -> Shape {
    Shape::runs(vec![Run::exactly(12, digits())])
}

/// The shape, and what the templates name beyond it: a text that is not of the shape becomes a word; a pattern whose
/// characters the shape does not have becomes any text over them (spec 3.2, last paragraph).
pub(super) fn admitting(mut shape: Shape, named: &[&Template]) -> Shape {
    let mut words: BTreeSet<String> = BTreeSet::new();
    for template in named {
        if template.pieces().any(|piece| matches!(piece, Piece::Variable(_) | Piece::Nothing)) {
            continue;
        }
        match template.pieces().map(Piece::char).collect::<Option<String>>() {
            Some(text) if !shape.contains(&text) => drop(words.insert(text)),
            Some(_) => {}
            None if can_meet(&shape, template) => {}
            None => {
                let wide = Run::at_least(0, widened_class(&shape, template));
                shape = shape.or(Shape::runs(vec![wide]));
            }
        }
    }
    if words.is_empty() { shape } else { shape.or(Shape::words(words.iter().map(String::as_str))) }
}

/// Whether some text of the shape may match the pattern: its characters occur in one alternative, in a number that
/// fits. Saying no too often only widens the domain.
fn can_meet(shape: &Shape, template: &Template) -> bool {
    let literals: Vec<char> = template.pieces().filter_map(Piece::char).collect();
    shape.alternatives.iter().any(|runs| match runs.as_slice() {
        [run] => {
            literals.iter().all(|c| run.class.contains(*c))
                && run.max.is_none_or(|max| template_minimum(template) <= max as usize)
        }
        _ => literals.is_empty(),
    })
}

fn template_minimum(template: &Template) -> usize {
    template.pieces().filter(|piece| *piece != Piece::Many).count()
}

fn widened_class(shape: &Shape, template: &Template) -> CharClass {
    let named: String = template.pieces().filter_map(Piece::char).collect();
    let classes = shape.alternatives.iter().flatten().map(|run| &run.class);
    classes.fold(CharClass::chars(&named), |all, class| all.with(class))
}

/// `service:name` (spec 3.1), as two fields; lengths are not bounded.
pub(super) fn action(named: &BTreeSet<char>) -> Form {
    let extra: String = named.iter().filter(|c| **c != ':').collect();
    let extra = CharClass::chars(&extra);
    let service = class(&[('a', 'z'), ('0', '9'), ('-', '-')]).with(&extra);
    let name = service.with(&CharClass::chars("_."));
    vec![some(service), some(name)]
}

/// The first five fields of an ARN after `arn`, one shape each: partition, service, region, account, rest.
pub(super) struct ArnShapes {
    partition: Shape,
    service: Shape,
    region: Shape,
    account_words: Shape,
    rest: Shape,
}

impl ArnShapes {
    /// The shapes of spec 3.2 with what the patterns name.
    pub(super) fn new(patterns: &[Vec<Template>]) -> Self {
        let named = |field: usize| -> Vec<&Template> { patterns.iter().filter_map(|f| f.get(field)).collect() };
        let lower = class(&[('a', 'z'), ('-', '-')]);
        let dashed = class(&[('a', 'z'), ('0', '9'), ('-', '-')]);
        let word = Shape::runs(vec![Run::exactly(1, class(&[('a', 'z')])), Run::at_least(0, lower.clone())])
            .or(Shape::words([""]));
        let accounts: Vec<&Template> = named(4).into_iter().filter(|t| !can_meet(&account(), t)).collect();
        let rest = u32::from(!named(5).iter().any(|template| template.is_empty()));
        Self {
            partition: admitting(Shape::runs(vec![Run::at_least(0, lower)]), &named(1)),
            service: admitting(some(dashed.clone()), &named(2)),
            region: admitting(Shape::runs(vec![Run::at_least(0, dashed)]), &named(3)),
            account_words: admitting(word, &accounts),
            rest: Shape::runs(vec![Run::at_least(rest, CharClass::any())]),
        }
    }

    fn form(&self, service: Shape, account: Shape) -> Form {
        vec![self.partition.clone(), service, self.region.clone(), account, self.rest.clone()]
    }

    /// ARNs of any kind.
    pub(super) fn any(&self) -> Vec<Form> {
        vec![self.form(self.service.clone(), account().or(self.account_words.clone()))]
    }

    /// ARNs whose account field is the account that owns the resource: 12 digits, and not an S3 access point (spec 6.5(6)).
    pub(super) fn owned(&self) -> Vec<Form> {
        vec![self.form(self.service.clone().without(["s3"]), account())]
    }

    /// The other ARNs.
    pub(super) fn ownerless(&self) -> Vec<Form> {
        vec![self.form(self.service.clone(), self.account_words.clone()), self.form(Shape::words(["s3"]), account())]
    }

    /// The forms again, with the number of colons in the rest bounded by service (spec 3.2).
    pub(super) fn budgeted(forms: &[Form], budgets: &Budgets) -> Vec<Form> {
        let mut bounded = Vec::new();
        for form in forms {
            let [partition, service, region, account, rest] = form.as_slice() else { continue };
            let bounded_names = budgets.services.keys().map(String::as_str);
            bounded.push(vec![
                partition.clone(),
                service.clone().without(bounded_names),
                region.clone(),
                account.clone(),
                rest.clone(),
            ]);
            let minimum = rest.alternatives.first().and_then(|runs| runs.first()).map_or(0, |run| run.min);
            for (colons, services) in budgets.by_colons() {
                let allowed: Vec<&str> = services.into_iter().filter(|name| service.contains(name)).collect();
                if !allowed.is_empty() {
                    let rest = with_colons(minimum, colons);
                    let (partition, region) = (partition.clone(), region.clone());
                    bounded.push(vec![partition, Shape::words(allowed), region, account.clone(), rest]);
                }
            }
            for (name, prefix) in &budgets.free_text {
                if service.contains(name) {
                    let (partition, region) = (partition.clone(), region.clone());
                    let service = Shape::words([name.as_str()]);
                    bounded.push(vec![partition, service, region, account.clone(), beginning_with(prefix)]);
                }
            }
        }
        bounded
    }
}

/// Texts with at most so many colons, at least `minimum` characters long (0 or 1).
fn with_colons(minimum: u32, colons: u32) -> Shape {
    let part = || Run::at_least(0, CharClass::except(':'));
    let mut alternatives = Vec::new();
    for count in 0..=colons {
        let mut runs = vec![part()];
        for _ in 0..count {
            runs.push(Run::exactly(1, CharClass::chars(":")));
            runs.push(part());
        }
        if count == 0 && minimum > 0 {
            runs = vec![Run::at_least(minimum, CharClass::except(':'))];
        }
        alternatives.push(runs);
    }
    Shape { alternatives, except: Vec::new() }
}

fn beginning_with(prefix: &str) -> Shape {
    let mut buffer = [0u8; 4];
    let mut runs: Vec<Run> =
        prefix.chars().map(|c| Run::exactly(1, CharClass::chars(c.encode_utf8(&mut buffer)))).collect();
    runs.push(Run::at_least(0, CharClass::any()));
    Shape { alternatives: vec![runs], except: Vec::new() }
}

/// The colon budgets of the services that the patterns name (spec 3.2). Services that no pattern names are not bounded:
/// no pattern tells them from a service that does not exist yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Budgets {
    services: BTreeMap<String, u32>,
    free_text: Vec<(String, String)>,
}

impl Budgets {
    pub(super) fn new(patterns: &[Vec<Template>], catalogue: &Catalogue) -> Self {
        let spelled = |template: &Template| template.pieces().map(Piece::char).collect::<Option<String>>();
        let mut budgets = Budgets::default();
        let names: BTreeSet<String> = patterns.iter().filter_map(|fields| fields.get(2).and_then(spelled)).collect();
        for name in names {
            let Colons::AtMost(colons) = catalogue.resource_colons(&name) else { continue };
            let named = patterns.iter().filter(|fields| fields.get(2).is_some_and(|t| may_spell(t, &name)));
            let most = named.filter_map(|fields| fields.get(5)).map(count_colons).max().unwrap_or(0);
            let prefixes = catalogue.free_text_resources(&name).iter();
            budgets.free_text.extend(prefixes.map(|prefix| (name.clone(), (*prefix).to_owned())));
            budgets.services.insert(name, colons.max(most));
        }
        budgets
    }

    /// Whether nothing is bounded.
    pub(super) fn is_empty(&self) -> bool {
        self.services.is_empty()
    }

    fn by_colons(&self) -> BTreeMap<u32, Vec<&str>> {
        let mut groups: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        for (name, colons) in &self.services {
            groups.entry(*colons).or_default().push(name);
        }
        groups
    }
}

fn count_colons(template: &Template) -> u32 {
    let colons = template.pieces().filter(|piece| *piece == Piece::Char(':')).count();
    u32::try_from(colons).unwrap_or(u32::MAX)
}

/// Whether the service field may stand for the service.
fn may_spell(template: &Template, name: &str) -> bool {
    let mut states: BTreeSet<usize> = BTreeSet::from([0]);
    let close = |states: &mut BTreeSet<usize>| {
        for at in 0..template.len() {
            if states.contains(&at) && template.get(at) == Some(Piece::Many) {
                states.insert(at + 1);
            }
        }
    };
    close(&mut states);
    for c in name.chars() {
        let mut next = BTreeSet::new();
        for at in states {
            match template.get(at) {
                Some(Piece::Many) => drop(next.insert(at)),
                Some(Piece::One) => drop(next.insert(at + 1)),
                Some(Piece::Char(d)) if d == c => drop(next.insert(at + 1)),
                Some(Piece::Char(_) | Piece::Variable(_) | Piece::Nothing) | None => {}
            }
        }
        states = next;
        close(&mut states);
    }
    states.contains(&template.len())
}

/// The texts of a condition key. `typed`: relation 6.5(14) is in force.
pub(super) fn key(facts: &KeyFacts, named: &[&Template], typed: bool) -> Shape {
    let minimum = u32::from(!facts.may_be_empty);
    if !typed {
        return Shape::any();
    }
    let hex = || class(&[('0', '9'), ('a', 'f')]);
    let after = |prefix: &str, run: Run| {
        let mut shape = beginning_with(prefix);
        if let Some(last) = shape.alternatives.first_mut().and_then(|runs| runs.last_mut()) {
            *last = run;
        }
        shape
    };
    let id = |prefix: &str| after(prefix, Run::exactly(8, hex())).or(after(prefix, Run::exactly(17, hex())));
    let organisation = class(&[('a', 'z'), ('0', '9')]);
    let shape = match facts.domain {
        KeyDomain::Text | KeyDomain::Region | KeyDomain::ServiceName | KeyDomain::PrincipalType => {
            Shape::runs(vec![Run::at_least(minimum, CharClass::any())])
        }
        KeyDomain::AccountId => account(),
        KeyDomain::CallerAccount => account().or(Shape::words(["anonymous"])),
        KeyDomain::OrgId => after("o-", Run { class: organisation, min: 10, max: Some(32) }),
        KeyDomain::OrgPath => after("o-", Run::at_least(1, CharClass::any())),
        KeyDomain::VpcId => id("vpc-"),
        KeyDomain::VpceId => id("vpce-"),
        KeyDomain::Bool => Shape::words(["true", "false"]),
        KeyDomain::Arn => {
            let part = || Run::at_least(0, CharClass::except(':'));
            let colon = || Run::exactly(1, CharClass::chars(":"));
            let mut runs = vec![Run::exactly(1, CharClass::chars("a")), Run::exactly(1, CharClass::chars("r"))];
            runs.push(Run::exactly(1, CharClass::chars("n")));
            for _ in 0..4 {
                runs.extend([colon(), part()]);
            }
            runs.extend([colon(), Run::at_least(0, CharClass::any())]);
            Shape::runs(runs)
        }
        // numbers, dates and addresses live on ordered variables; as texts they are any text
        KeyDomain::Number | KeyDomain::Date | KeyDomain::EpochSeconds | KeyDomain::Ip | KeyDomain::Base64 => {
            Shape::any()
        }
    };
    admitting_key(shape, facts.domain, named)
}

/// Prefixed shapes meet any pattern that may start with the prefix; free and ARN shapes only need named texts.
fn admitting_key(shape: Shape, domain: KeyDomain, named: &[&Template]) -> Shape {
    match domain {
        KeyDomain::Arn | KeyDomain::OrgId | KeyDomain::OrgPath | KeyDomain::VpcId | KeyDomain::VpceId => {
            let spelled = |t: &&&Template| t.is_literal();
            let exact: Vec<&Template> = named.iter().filter(spelled).copied().collect();
            let shape = admitting(shape, &exact);
            let strange = |t: &&&Template| !spelled(t) && !begins_like(t, domain);
            match named.iter().any(|t| strange(&t)) {
                true => Shape::any(),
                false => shape,
            }
        }
        KeyDomain::Text
        | KeyDomain::AccountId
        | KeyDomain::CallerAccount
        | KeyDomain::Bool
        | KeyDomain::Number
        | KeyDomain::Date
        | KeyDomain::EpochSeconds
        | KeyDomain::Ip
        | KeyDomain::Base64
        | KeyDomain::PrincipalType
        | KeyDomain::Region
        | KeyDomain::ServiceName => admitting(shape, named),
    }
}

/// Whether a pattern with wildcards surely meets the domain: only a literal beginning of the usual form, then `*` to the
/// end (or, for ARNs, five colons).
fn begins_like(template: &Template, domain: KeyDomain) -> bool {
    let literal: String = template.pieces().map_while(Piece::char).collect();
    let rest: Vec<Piece<'_>> = template.pieces().skip(literal.chars().count()).collect();
    let only_star = rest.iter().all(|piece| *piece == Piece::Many);
    let compatible = |prefix: &str| prefix.starts_with(&literal) || literal.starts_with(prefix);
    match domain {
        KeyDomain::OrgId | KeyDomain::OrgPath => compatible("o-") && only_star && literal.len() < 12,
        KeyDomain::VpcId => compatible("vpc-") && only_star && literal.len() < 12,
        KeyDomain::VpceId => compatible("vpce-") && only_star && literal.len() < 13,
        KeyDomain::Arn => {
            let colons = template.pieces().filter(|piece| *piece == Piece::Char(':')).count();
            compatible("arn:") && (colons >= 5 || only_star || rest.contains(&Piece::Many))
        }
        _ => false,
    }
}
