//! What no policy decides: requests that are allowed even when denied, and those that fail whatever is allowed (spec 8.7).

use crate::request::CallerKind;
use crate::semantics::Algebra;
use crate::semantics::authorization::{BUCKET_POLICY, BUCKETS, Kinds, UNTOUCHABLE, action_in, resource_like};

/// What is allowed even when denied (spec 8.7).
pub(super) fn always_allowed<A: Algebra>(a: &mut A, caller: &Kinds<A::Truth>) -> A::Truth {
    let service = a.kind(CallerKind::Service);
    let signed = a.any(vec![caller.iam.clone(), service]);
    let asks_own_name = action_in(a, "sts:getcalleridentity");
    let owner = a.same_account();
    let bucket_policy = [action_in(a, BUCKET_POLICY), resource_like(a, BUCKETS)];
    let bucket_policy = a.all(bucket_policy.into());
    let parts = vec![a.all(vec![signed, asks_own_name]), a.all(vec![caller.root.clone(), owner, bucket_policy])];
    a.any(parts)
}

/// What fails whatever the policies say (spec 8.7).
pub(super) fn untouchable<A: Algebra>(a: &mut A) -> A::Truth {
    let mut parts = Vec::new();
    for (actions, resource) in UNTOUCHABLE {
        let both = [action_in(a, actions), resource_like(a, resource)];
        parts.push(a.all(both.into()));
    }
    a.any(parts)
}
