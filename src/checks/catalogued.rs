//! Questions about the requests that the catalogue knows (spec 10.4).

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::checks::question::unconditional;
use crate::checks::{Question, Requests, Settings};
use crate::policy::Effect;
use crate::request::Request;
use crate::semantics::concrete::Concrete;
use crate::semantics::document::{Position, Scope};
use crate::semantics::partial::Partial;
use crate::semantics::realistic::Combinations;
use crate::semantics::{Algebra, Field, action};

impl Question<'_> {
    /// The settings with the combinations of action, resource and keys that matter, if only those that the catalogue knows
    /// are to be looked at (spec 10.4).
    pub(super) fn settled(&self) -> Settings {
        let requests = match &self.settings.requests {
            Requests::Realistic => Requests::Among(Arc::new(self.combinations())),
            Requests::Free | Requests::Among(_) => self.settings.requests.clone(),
        };
        Settings { requests, ..self.settings.clone() }
    }

    fn combinations(&self) -> Combinations {
        let keys: BTreeSet<String> = self.footprint().keys.into_keys().collect();
        let request = Request::nothing();
        let mut wanted = Vec::new();
        for grant in self.asked.grants() {
            let scope =
                Scope { kind: grant.policy.kind, effect: Effect::Allow, position: Position::UnderTest, bounded: false };
            let mut open = Partial::new(Concrete::new(&request), Field::Action);
            wanted.push(action::applies(&mut open, scope, &grant.statement.action));
        }
        let any = unconditional(self.asked);
        let wanted = |name: &str| any || wanted.iter().any(|remains| remains.holds(name));
        Combinations::new(self.catalogue, &keys, wanted)
    }

    /// Whether the request is one that the catalogue knows, if it has to be.
    pub(super) fn is_catalogued<A: Algebra>(&self, a: &mut A) -> A::Truth {
        match &self.settings.requests {
            Requests::Among(combinations) => combinations.hold(a),
            Requests::Free | Requests::Realistic => a.constant(true),
        }
    }
}
