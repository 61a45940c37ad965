//! The sentences of the service, byte for byte, and ours where none of the service's is known.

use crate::checks::{Access, Verdict};

/// Where a sentence is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Documentation of the service: user guide, blog, examples of the command line and the SDKs.
    Documented,
    /// Answers of the service recorded in test fixtures of the service's own policy validators.
    Recorded,
    /// No answer of the service is known; ours in the same style.
    Ours,
}

/// A sentence with its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// The text.
    pub text: &'static str,
    /// Where it is from.
    pub origin: Origin,
}

const fn documented(text: &'static str) -> Sentence {
    Sentence { text, origin: Origin::Documented }
}

const fn recorded(text: &'static str) -> Sentence {
    Sentence { text, origin: Origin::Recorded }
}

const fn ours(text: &'static str) -> Sentence {
    Sentence { text, origin: Origin::Ours }
}

/// What the sentence is about: the check, and for access-not-granted which lists were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// check-no-new-access.
    NewAccess,
    /// check-access-not-granted with actions only.
    Actions,
    /// check-access-not-granted with resources only.
    Resources,
    /// check-access-not-granted with both.
    Both,
    /// check-no-public-access.
    Public,
    /// check-no-external-access.
    External,
}

impl Subject {
    /// Which lists were given. Several accesses are one question: both, if actions and resources occur at all.
    pub fn of(access: &[Access]) -> Subject {
        let actions = access.iter().any(|a| !a.actions.is_empty());
        let resources = access.iter().any(|a| !a.resources.is_empty());
        match (actions, resources) {
            (true, true) => Subject::Both,
            (false, true) => Subject::Resources,
            (true, false) | (false, false) => Subject::Actions,
        }
    }
}

/// The `message` of an answer.
pub const fn message(subject: Subject, verdict: Verdict) -> Sentence {
    match (subject, verdict) {
        (Subject::NewAccess, Verdict::Fail) => {
            documented("The modified permissions grant new access compared to your existing policy.")
        }
        (Subject::NewAccess, Verdict::Pass) => {
            ours("The modified permissions do not grant new access compared to your existing policy.")
        }
        (Subject::NewAccess, Verdict::Unknown) => {
            ours("It is not known whether the modified permissions grant new access compared to your existing policy.")
        }
        (Subject::Actions, Verdict::Fail) => {
            documented("The policy document grants access to perform one or more of the listed actions.")
        }
        (Subject::Actions, Verdict::Pass) => {
            documented("The policy document does not grant access to perform one or more of the listed actions.")
        }
        (Subject::Actions, Verdict::Unknown) => ours(
            "It is not known whether the policy document grants access to perform one or more of the listed actions.",
        ),
        (Subject::Resources, Verdict::Fail) => {
            recorded("The policy document grants access to one or more of the listed resources.")
        }
        (Subject::Resources, Verdict::Pass) => {
            ours("The policy document does not grant access to one or more of the listed resources.")
        }
        (Subject::Resources, Verdict::Unknown) => {
            ours("It is not known whether the policy document grants access to one or more of the listed resources.")
        }
        (Subject::Both, Verdict::Fail) => recorded(
            "The policy document grants access to one or more listed resources to perform one or more listed actions.",
        ),
        (Subject::Both, Verdict::Pass) => ours(
            "The policy document does not grant access to one or more listed resources to perform one or more listed \
             actions.",
        ),
        (Subject::Both, Verdict::Unknown) => ours(
            "It is not known whether the policy document grants access to one or more listed resources to perform one \
             or more listed actions.",
        ),
        (Subject::External, Verdict::Fail) => ours("The policy document grants access outside the zone of trust."),
        (Subject::External, Verdict::Pass) => {
            ours("The policy document does not grant access outside the zone of trust.")
        }
        (Subject::External, Verdict::Unknown) => {
            ours("It is not known whether the policy document grants access outside the zone of trust.")
        }
        (Subject::Public, Verdict::Fail) => {
            documented("The resource policy grants public access for the given resource type.")
        }
        (Subject::Public, Verdict::Pass) => {
            documented("The resource policy does not grant public access for the given resource type.")
        }
        (Subject::Public, Verdict::Unknown) => {
            ours("It is not known whether the resource policy grants public access for the given resource type.")
        }
    }
}

/// The beginning of a reason's `description`; [`description`] completes it.
const fn description_stem(subject: Subject) -> Sentence {
    match subject {
        Subject::NewAccess => documented("New access in the statement with"),
        Subject::Actions => documented("One or more of the listed actions in the statement with"),
        Subject::Resources => recorded("One or more of the listed resources in the statement with"),
        Subject::Both => recorded("One or more of the listed actions and/or resources in the statement with"),
        Subject::External => ours("External access granted in the statement with"),
        Subject::Public => documented("Public access granted in the following statement with"),
    }
}

/// The `description` of a reason: by Sid where there is one that is not empty, by index otherwise.
pub fn description(subject: Subject, index: usize, id: Option<&str>) -> String {
    let stem = description_stem(subject).text;
    match id {
        Some(id) if !id.is_empty() => format!("{stem} sid: {id}."),
        Some(_) | None => format!("{stem} index: {index}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_take_the_sid_when_there_is_one() {
        let rows = [
            (Subject::NewAccess, None, "New access in the statement with index: 1."),
            (Subject::NewAccess, Some("S"), "New access in the statement with sid: S."),
            (Subject::NewAccess, Some(""), "New access in the statement with index: 1."),
            (Subject::Actions, None, "One or more of the listed actions in the statement with index: 1."),
            (Subject::Resources, None, "One or more of the listed resources in the statement with index: 1."),
            (Subject::Both, None, "One or more of the listed actions and/or resources in the statement with index: 1."),
            (Subject::Public, None, "Public access granted in the following statement with index: 1."),
            (Subject::Public, Some("S"), "Public access granted in the following statement with sid: S."),
        ];
        for (subject, id, expected) in rows {
            assert_eq!(description(subject, 1, id), expected);
        }
    }

    #[test]
    fn every_unknown_is_ours_and_every_fail_is_the_services() {
        for subject in [Subject::NewAccess, Subject::Actions, Subject::Resources, Subject::Both, Subject::Public] {
            assert_eq!(message(subject, Verdict::Unknown).origin, Origin::Ours);
            assert_ne!(message(subject, Verdict::Fail).origin, Origin::Ours);
        }
    }

    #[test]
    fn the_subject_follows_the_lists() {
        let access = |actions: &[&str], resources: &[&str]| Access {
            actions: actions.iter().map(|s| (*s).to_owned()).collect(),
            resources: resources.iter().map(|s| (*s).to_owned()).collect(),
        };
        assert_eq!(Subject::of(&[access(&["s3:*"], &[])]), Subject::Actions);
        assert_eq!(Subject::of(&[access(&[], &["arn:aws:s3:::b"])]), Subject::Resources);
        assert_eq!(Subject::of(&[access(&["s3:*"], &["arn:aws:s3:::b"])]), Subject::Both);
        assert_eq!(Subject::of(&[access(&["s3:*"], &[]), access(&[], &["arn:aws:s3:::b"])]), Subject::Both);
    }
}
