//! Snapshots of an account as a scan sees them: every policy in force, and what the file lacks.

use crate::json::Node;
use crate::policy::Kind;
use crate::scan::Skipped;
use crate::scan::found::{Before, Found, Written};
use crate::scan::read::{Options, Seen, malformed, skipped};
use crate::snapshot::{Lack, Role, Snapshot};
use crate::source::Sources;
use crate::stack::Document;

/// The policies of a snapshot, then what is missing.
pub(super) fn read(sources: &mut Sources, file: &str, root: &Node<'_>, options: &Options) -> Vec<Seen> {
    let snapshot = Snapshot::of_node(sources, root, &options.read_options());
    let mut seen = Vec::new();
    for policy in snapshot.policies {
        let Some(document) = policy.policy else {
            let skip = malformed(file, Some(policy.address), policy.diagnostics);
            seen.push(Seen::Skipped(Skipped { span: skip.span.or(Some(policy.span)), ..skip }));
            continue;
        };
        let bounds = |attachment: &crate::snapshot::Attachment| attachment.role == Role::Boundary;
        let only_bounds = !policy.attached_to.is_empty() && policy.attached_to.iter().all(bounds);
        let kind = if only_bounds { Kind::Boundary } else { policy.kind };
        seen.push(Seen::Found(Box::new(Found {
            file: file.to_owned(),
            address: policy.address,
            kind: Some(kind),
            resource_type: (kind == Kind::Trust).then_some("AWS::IAM::AssumeRolePolicyDocument"),
            span: Some(policy.span),
            document: Written::Whole(Box::new(Document::Policy(Box::new(crate::policy::Policy { kind, ..document })))),
            before: Before::Unasked,
            supposed: None,
            diagnostics: policy.diagnostics,
        })));
    }
    for missing in snapshot.missing {
        if missing.lack == Lack::Unreadable {
            continue; // its policy is among them
        }
        let address = Some(missing.address).filter(|address| !address.is_empty());
        let skip = skipped(file, missing.lack.in_words());
        seen.push(Seen::Skipped(Skipped { address, span: missing.span, ..skip }));
    }
    seen
}
