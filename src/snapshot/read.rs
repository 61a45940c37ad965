//! Reading a snapshot: one list after the other, then who holds which managed policy.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::json::{Node, Value};
use crate::policy::Kind;
use crate::policy::read::{ReadOptions, read_node};
use crate::snapshot::{Attachment, Entity, Found, Lack, Missing, Role, Snapshot, Sort};
use crate::source::{Sources, Span};

/// The lists of entities, with the members of their entries.
struct List {
    name: &'static str,
    sort: Sort,
    inline: &'static str,
    members: &'static [&'static str],
}

const LISTS: [List; 3] = [
    List {
        name: "RoleDetailList",
        sort: Sort::Role,
        inline: "RolePolicyList",
        members: &[
            "Path",
            "RoleName",
            "RoleId",
            "Arn",
            "CreateDate",
            "AssumeRolePolicyDocument",
            "InstanceProfileList",
            "RolePolicyList",
            "AttachedManagedPolicies",
            "PermissionsBoundary",
            "Tags",
            "RoleLastUsed",
            "Description",
            "MaxSessionDuration",
        ],
    },
    List {
        name: "GroupDetailList",
        sort: Sort::Group,
        inline: "GroupPolicyList",
        members: &["Path", "GroupName", "GroupId", "Arn", "CreateDate", "GroupPolicyList", "AttachedManagedPolicies"],
    },
    List {
        name: "UserDetailList",
        sort: Sort::User,
        inline: "UserPolicyList",
        members: &[
            "Path",
            "UserName",
            "UserId",
            "Arn",
            "CreateDate",
            "UserPolicyList",
            "GroupList",
            "AttachedManagedPolicies",
            "PermissionsBoundary",
            "Tags",
            "PasswordLastUsed",
        ],
    },
];

/// The members of the answer.
const TOP: [&str; 7] =
    ["RoleDetailList", "GroupDetailList", "UserDetailList", "Policies", "IsTruncated", "Marker", "NextToken"];

/// The members of a managed policy.
const MANAGED: [&str; 13] = [
    "PolicyName",
    "PolicyId",
    "Arn",
    "Path",
    "DefaultVersionId",
    "AttachmentCount",
    "PermissionsBoundaryUsageCount",
    "IsAttachable",
    "Description",
    "CreateDate",
    "UpdateDate",
    "PolicyVersionList",
    "Tags",
];

/// Reads the answer.
pub(super) fn snapshot(sources: &mut Sources, node: &Node<'_>, options: &ReadOptions) -> Snapshot {
    let mut reader =
        Reader { sources, options, snapshot: Snapshot::default(), managed: BTreeMap::new(), groups: BTreeMap::new() };
    if node.as_object().is_none() || !Snapshot::is_snapshot(node) {
        reader.wrong(node, "no snapshot of an account: the answer of `aws iam get-account-authorization-details`");
        return reader.snapshot;
    }
    reader.unknown_members(node, &TOP, "");
    if node.get("IsTruncated").is_some_and(|truncated| truncated.value == Value::Bool(true)) {
        reader.lack("", Lack::Rest, node.get("IsTruncated").map(|node| node.span));
    }
    reader.managed_policies(node);
    for list in &LISTS {
        reader.entities(node, list);
    }
    reader.snapshot
}

struct Reader<'s, 'o> {
    sources: &'s mut Sources,
    options: &'o ReadOptions,
    snapshot: Snapshot,
    /// Managed policies by ARN.
    managed: BTreeMap<String, usize>,
    /// Groups by name, as numbers of entities.
    groups: BTreeMap<String, usize>,
}

impl Reader<'_, '_> {
    fn wrong(&mut self, node: &Node<'_>, message: &str) {
        let found = format!("{} is {message}", node.describe());
        self.snapshot.diagnostics.push(Diagnostic::new(Code::BadValueType, Some(node.span), found).label("found here"));
    }

    /// Notes that something is missing; returns its number.
    fn lack(&mut self, address: &str, lack: Lack, span: Option<Span>) -> usize {
        self.snapshot.missing.push(Missing { address: address.to_owned(), lack, span });
        self.snapshot.missing.len().saturating_sub(1)
    }

    fn unknown_members(&mut self, node: &Node<'_>, known: &[&str], address: &str) -> Vec<usize> {
        let mut lacks = Vec::new();
        for member in node.as_object().unwrap_or_default() {
            if !known.contains(&member.key.as_ref()) {
                lacks.push(self.lack(address, Lack::Unknown(member.key.to_string()), Some(member.key_span)));
            }
        }
        lacks
    }

    /// The elements of a list that the answer must have.
    fn list<'n, 't>(&mut self, node: &'n Node<'t>, name: &'static str) -> &'n [Node<'t>] {
        match node.get(name) {
            None => {
                self.lack("", Lack::List(name), None);
                &[]
            }
            Some(list) => match list.as_array() {
                Some(elements) => elements,
                None => {
                    self.wrong(list, &format!("no list of `{name}`"));
                    &[]
                }
            },
        }
    }

    fn managed_policies(&mut self, node: &Node<'_>) {
        for entry in self.list(node, "Policies") {
            let Some(arn) = self.text(entry, "Arn", "") else { continue };
            self.unknown_members(entry, &MANAGED, &arn);
            if self.managed.contains_key(&arn) {
                self.lack(&arn, Lack::Twice, Some(entry.span));
                self.managed.insert(arn, usize::MAX);
                continue;
            }
            let versions = entry.get("PolicyVersionList").and_then(Node::as_array).unwrap_or_default();
            let default = entry.get("DefaultVersionId").and_then(Node::as_str);
            let in_force = |version: &&Node<'_>| {
                let id = version.get("VersionId").and_then(Node::as_str);
                let marked = version.get("IsDefaultVersion").is_some_and(|mark| mark.value == Value::Bool(true));
                if default.is_some() && id.is_some() { id == default } else { marked }
            };
            let Some(document) = versions.iter().find(in_force).and_then(|version| version.get("Document")) else {
                self.lack(&arn, Lack::DefaultVersion, Some(entry.span));
                continue;
            };
            let name = entry.get("PolicyName").and_then(Node::as_str).map(str::to_owned);
            let found = self.policy(document, &arn, name, Kind::Identity);
            self.managed.insert(arn, found);
        }
    }

    /// A text that the entry must have.
    fn text(&mut self, entry: &Node<'_>, name: &'static str, address: &str) -> Option<String> {
        let text = entry.get(name).and_then(Node::as_str).map(str::to_owned);
        if text.is_none() {
            self.lack(address, Lack::Member(name), Some(entry.span));
        }
        text
    }

    /// Reads a policy; returns its number.
    fn policy(&mut self, document: &Node<'_>, address: &str, name: Option<String>, kind: Kind) -> usize {
        let options = ReadOptions { kind: Some(kind), ..self.options.clone() };
        let outcome = read_node(self.sources, document, &options);
        self.snapshot.policies.push(Found {
            address: address.to_owned(),
            name,
            kind,
            span: document.span,
            policy: outcome.policy,
            diagnostics: outcome.diagnostics,
            attached_to: Vec::new(),
        });
        self.snapshot.policies.len().saturating_sub(1)
    }

    fn entities(&mut self, node: &Node<'_>, list: &List) {
        for entry in self.list(node, list.name) {
            let Some(arn) = self.text(entry, "Arn", "") else { continue };
            let missing = self.unknown_members(entry, list.members, &arn);
            let mut entity = Entity {
                arn: arn.clone(),
                sort: list.sort,
                span: entry.span,
                trust: None,
                identity: Vec::new(),
                boundary: None,
                missing,
            };
            if self.snapshot.entities.iter().any(|other| other.arn == arn) {
                let twice = self.lack(&arn, Lack::Twice, Some(entry.span));
                let others = self.snapshot.entities.iter_mut().filter(|other| other.arn == arn);
                others.for_each(|other| other.missing.push(twice));
                continue;
            }
            self.inline(entry, list, &mut entity);
            self.attached(entry, &mut entity);
            self.boundary(entry, &mut entity);
            match list.sort {
                Sort::Role => self.trust(entry, &mut entity),
                Sort::User => self.groups(entry, &mut entity),
                Sort::Group => {
                    let name = self.text(entry, "GroupName", &arn);
                    self.groups.extend(name.map(|name| (name, self.snapshot.entities.len())));
                }
            }
            self.snapshot.entities.push(entity);
        }
    }

    /// Lets an entity hold a policy.
    fn hold(&mut self, entity: &mut Entity, found: usize, role: Role) {
        let Some(policy) = self.snapshot.policies.get_mut(found) else { return };
        policy.attached_to.push(Attachment { holder: entity.arn.clone(), role });
        let (address, span, unreadable) = (policy.address.clone(), policy.span, policy.policy.is_none());
        if unreadable {
            entity.missing.push(self.lack(&address, Lack::Unreadable, Some(span)));
        }
        match role {
            Role::Identity if entity.identity.contains(&found) => {}
            Role::Identity => entity.identity.push(found),
            Role::Boundary => entity.boundary = Some(found),
            Role::Trust => entity.trust = Some(found),
        }
    }

    fn inline(&mut self, entry: &Node<'_>, list: &List, entity: &mut Entity) {
        let policies = entry.get(list.inline).and_then(Node::as_array).unwrap_or_default();
        for (at, policy) in policies.iter().enumerate() {
            let address = format!("{}.{}.{at}", entity.arn, list.inline);
            let name = policy.get("PolicyName").and_then(Node::as_str).map(str::to_owned);
            match policy.get("PolicyDocument") {
                Some(document) => {
                    let found = self.policy(document, &address, name, Kind::Identity);
                    self.hold(entity, found, Role::Identity);
                }
                None => {
                    let lack = self.lack(&address, Lack::Member("PolicyDocument"), Some(policy.span));
                    entity.missing.push(lack);
                }
            }
        }
    }

    fn attached(&mut self, entry: &Node<'_>, entity: &mut Entity) {
        let list = "AttachedManagedPolicies";
        for (at, policy) in entry.get(list).and_then(Node::as_array).unwrap_or_default().iter().enumerate() {
            let address = format!("{}.{list}.{at}", entity.arn);
            let Some(arn) = self.text(policy, "PolicyArn", &address) else {
                entity.missing.push(self.snapshot.missing.len().saturating_sub(1));
                continue;
            };
            match self.managed.get(&arn).copied().filter(|found| *found < self.snapshot.policies.len()) {
                Some(found) => self.hold(entity, found, Role::Identity),
                None => {
                    let lack = self.lack(&address, Lack::ManagedPolicy(arn), Some(policy.span));
                    entity.missing.push(lack);
                }
            }
        }
    }

    fn boundary(&mut self, entry: &Node<'_>, entity: &mut Entity) {
        let Some(boundary) = entry.get("PermissionsBoundary").filter(|node| node.value != Value::Null) else { return };
        let address = format!("{}.PermissionsBoundary", entity.arn);
        let Some(arn) = self.text(boundary, "PermissionsBoundaryArn", &address) else {
            entity.missing.push(self.snapshot.missing.len().saturating_sub(1));
            return;
        };
        match self.managed.get(&arn).copied().filter(|found| *found < self.snapshot.policies.len()) {
            Some(found) => self.hold(entity, found, Role::Boundary),
            None => {
                let lack = self.lack(&address, Lack::Boundary(arn), Some(boundary.span));
                entity.missing.push(lack);
            }
        }
    }

    fn trust(&mut self, entry: &Node<'_>, entity: &mut Entity) {
        let name = "AssumeRolePolicyDocument";
        let address = format!("{}.{name}", entity.arn);
        match entry.get(name) {
            Some(document) => {
                let found = self.policy(document, &address, None, Kind::Trust);
                self.hold(entity, found, Role::Trust);
            }
            None => {
                let lack = self.lack(&address, Lack::Member(name), Some(entry.span));
                entity.missing.push(lack);
            }
        }
    }

    /// A user has the policies of its groups; what its groups lack, it lacks.
    fn groups(&mut self, entry: &Node<'_>, entity: &mut Entity) {
        for (at, name) in entry.get("GroupList").and_then(Node::as_array).unwrap_or_default().iter().enumerate() {
            let group = name.as_str().and_then(|name| self.groups.get(name)).copied();
            let group = group.and_then(|group| self.snapshot.entities.get(group)).cloned();
            match group {
                Some(group) => {
                    for found in group.identity {
                        self.hold(entity, found, Role::Identity);
                    }
                    entity.missing.extend(group.missing);
                }
                None => {
                    let address = format!("{}.GroupList.{at}", entity.arn);
                    let lack = Lack::Group(name.as_str().unwrap_or_default().to_owned());
                    let lack = self.lack(&address, lack, Some(name.span));
                    entity.missing.push(lack);
                }
            }
        }
    }
}
