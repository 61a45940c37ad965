//! Claims of federated callers: which of them an outsider cannot have (spec 9.3).

use std::collections::BTreeMap;

use crate::semantics::outsider::name::{Mark, Value};
use crate::semantics::outsider::provider::{PROVIDERS, Provider};
use crate::semantics::variable::glob;
use crate::semantics::{Algebra, Field, Pattern};

/// The claims that some documents speak of, with the values that are no outsider's.
#[derive(Clone, Debug, Default)]
pub(super) struct Claims {
    /// Claims of providers that anyone can join: those that name a customer.
    of_tenants: BTreeMap<String, Vec<Mark>>,
    /// Claims of any other host: what is pinned there is pinned.
    of_others: BTreeMap<String, Vec<Mark>>,
}

/// `HOST[/path]:claim` (spec 7.2), in lower case.
fn host_and_claim(key: &str) -> Option<(&str, &str)> {
    let (host, claim) = key.rsplit_once(':')?;
    (host.contains('.') && !host.contains(':')).then_some((host, claim))
}

impl Claims {
    /// Adds a key with the values that it is compared with, if it is a claim.
    pub(super) fn add(&mut self, key: &str, given: &[Value]) {
        let Some((host, claim)) = host_and_claim(key) else { return };
        let Some(provider) = Provider::of(host) else {
            let pinned = given.iter().filter(|value| value.whole || !value.literal.is_empty());
            let marks = pinned.map(|value| match value.whole {
                true => whole(value),
                false => Mark::Begins(value.literal.clone()),
            });
            return self.of_others.entry(key.to_owned()).or_default().extend(marks);
        };
        let Some(segments) = provider.tenant_segments(claim) else { return };
        let marks = self.of_tenants.entry(key.to_owned()).or_default();
        for value in given {
            match value.segments(segments) {
                Some(tenant) => marks.push(Mark::Begins(tenant)),
                None if value.whole => marks.push(whole(value)),
                None => {}
            }
        }
    }

    /// Whether a federated caller may be an outsider: a user of a provider that anyone can join, and nobody's customer;
    /// or of an own provider none of whose claims is pinned. Never of a SAML provider.
    pub(super) fn free<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let name = a.field(Field::CallerName);
        let arn = a.matches(&name, &[glob("arn:*")]);
        let social = a.not(arn);
        let listed: Vec<Pattern<A::Text>> = PROVIDERS
            .iter()
            .flat_map(|provider| ["", "/*"].map(|rest| glob(&format!("arn:*:oidc-provider/{}{rest}", provider.host))))
            .collect();
        let listed = a.matches(&name, &listed);
        let open = a.any(vec![social, listed.clone()]);
        let own = a.matches(&name, &[glob("arn:*:oidc-provider/*")]);
        let unlisted = a.not(listed);
        let tenants = fresh(a, &self.of_tenants);
        let others = fresh(a, &self.of_others);
        let joined = a.all(vec![open, tenants]);
        let unpinned = a.all(vec![own, unlisted, others]);
        a.any(vec![joined, unpinned])
    }
}

fn whole(value: &Value) -> Mark {
    if value.folded { Mark::IsFolded(value.literal.clone()) } else { Mark::Is(value.literal.clone()) }
}

fn fresh<A: Algebra>(a: &mut A, claims: &BTreeMap<String, Vec<Mark>>) -> A::Truth {
    let mut parts = Vec::new();
    for (key, marks) in claims.iter().filter(|(_, marks)| !marks.is_empty()) {
        let patterns: Vec<Pattern<A::Text>> = marks.iter().map(Mark::pattern).collect();
        let pinned = a.some(key, &mut |a, value| a.matches(&value, &patterns));
        parts.push(a.not(pinned));
    }
    a.all(parts)
}
