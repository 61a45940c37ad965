//! The truth of a whole stack of policies (spec 8).

mod exceptions;

use exceptions::{always_allowed, untouchable};

use crate::policy::{Effect, Policy};
use crate::request::CallerKind;
use crate::semantics::document::{self, Position, Scope};
use crate::semantics::principal::{self, iam};
use crate::semantics::variable::{arn_glob, glob, literal};
use crate::semantics::{Algebra, Contested, Field, NOWHERE, Part, Pattern, Side};

/// Everything that applies to a request. An absent boundary, session, SCP, RCP or endpoint layer restricts nothing; an
/// absent identity or resource policy grants nothing.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    /// Policies of the caller; their union.
    pub identity: Vec<Policy>,
    /// The policy of the resource, or the trust policy of the role.
    pub resource: Option<Policy>,
    /// Service control policies by level, root first. A level without policy allows nothing.
    pub scps: Vec<Vec<Policy>>,
    /// Resource control policies by level, root first.
    pub rcps: Vec<Vec<Policy>>,
    /// The caller's permissions boundary.
    pub boundary: Option<Policy>,
    /// Session policies; their union.
    pub session: Vec<Policy>,
    /// The policy of the VPC endpoint the request passes.
    pub endpoint: Option<Policy>,
    /// The organisation's management account, 12 digits.
    pub management_account: Option<String>,
}

/// What comes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outcome<Truth> {
    /// Allowed.
    pub allowed: Truth,
    /// Not allowed because a Deny statement applies.
    pub explicit_deny: Truth,
}

/// The three results of spec 0.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// Allowed.
    Allowed,
    /// Some Deny statement applies.
    ExplicitlyDenied,
    /// No Deny applies, but nothing allows it.
    ImplicitlyDenied,
}

impl Outcome<bool> {
    /// The result for one request.
    pub fn decision(self) -> Decision {
        match self {
            Outcome { allowed: true, .. } => Decision::Allowed,
            Outcome { explicit_deny: true, .. } => Decision::ExplicitlyDenied,
            Outcome { .. } => Decision::ImplicitlyDenied,
        }
    }
}

/// Services whose resources RCPs cover (spec 8.5; copy of October 2026). The list grows.
pub const RCP_SERVICES: &str = "\
    aoss appconfig appstream autoscaling autoscaling-plans budgets clouddirectory cloudfront cloudsearch \
    cloudtrail-data codeartifact codebuild codecommit codepipeline cognito-identity cognito-idp comprehend \
    comprehendmedical compute-optimizer cost-optimization-hub dax dsql dynamodb ecr ecr-public events firehose \
    fis fms gamelift health inspector-scan kendra kinesisvideo kms logs memorydb networkmonitor notifications \
    opensearch pca-connector-ad personalize polly pricing resource-groups rolesanywhere s3 secretsmanager \
    servicediscovery signin sqs sts support swf textract timestream-influxdb transcribe transfer translate wafv2 \
    workspaces xray";

/// Requests that fail whatever the policies say (spec 8.7): actions, and the resources they cannot touch.
const UNTOUCHABLE: [(&str, &str); 3] = [
    (
        "iam:createpolicy iam:deletepolicy iam:createpolicyversion iam:deletepolicyversion iam:setdefaultpolicyversion \
         iam:tagpolicy iam:untagpolicy",
        "arn:*:iam::aws:policy/*",
    ),
    (
        "iam:passrole iam:createrole iam:deleterole iam:updaterole iam:updateroledescription \
         iam:updateassumerolepolicy iam:attachrolepolicy iam:detachrolepolicy iam:putrolepolicy iam:deleterolepolicy \
         iam:putrolepermissionsboundary iam:deleterolepermissionsboundary iam:tagrole iam:untagrole",
        "arn:*:iam::*:role/aws-reserved/*",
    ),
    ("kms:createalias kms:deletealias kms:updatealias", "arn:*:kms:*:*:alias/aws/*"),
];

/// Bucket-policy actions that the owner's root user always has (spec 8.7).
const BUCKET_POLICY: &str = "s3:getbucketpolicy s3:putbucketpolicy s3:deletebucketpolicy";

/// Actions that a role's trust policy must delegate (spec 8.6).
const ASSUME: &str = "sts:assumerole sts:tagsession sts:setsourceidentity";

/// The lists of actions that the evaluation itself tells apart (spec 6.3, 8.5–8.7), each in one text.
pub(crate) const BUILT_IN_ACTIONS: [&str; 9] = [
    UNTOUCHABLE[0].0,
    UNTOUCHABLE[1].0,
    UNTOUCHABLE[2].0,
    BUCKET_POLICY,
    ASSUME,
    "kms:*",
    "kms:retiregrant",
    "sts:getcalleridentity",
    "sts:assumerolewith* sts:tagsession sts:setsourceidentity sts:setcontext",
];

/// Kinds of resource that it tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Special {
    /// Policies that AWS manages.
    ManagedPolicy,
    /// Roles that AWS reserves.
    ReservedRole,
    /// Aliases of keys that AWS manages.
    ManagedAlias,
    /// Buckets.
    Bucket,
    /// KMS keys.
    Key,
    /// Roles.
    Role,
}

impl Special {
    /// All of them.
    pub(crate) const ALL: [Special; 6] = [
        Special::ManagedPolicy,
        Special::ReservedRole,
        Special::ManagedAlias,
        Special::Bucket,
        Special::Key,
        Special::Role,
    ];

    /// Whether the resource is one.
    pub(crate) fn holds<A: Algebra>(self, a: &mut A) -> A::Truth {
        resource_like(
            a,
            match self {
                Special::ManagedPolicy => UNTOUCHABLE[0].1,
                Special::ReservedRole => UNTOUCHABLE[1].1,
                Special::ManagedAlias => UNTOUCHABLE[2].1,
                Special::Bucket => BUCKETS,
                Special::Key => KEYS,
                Special::Role => ROLES,
            },
        )
    }
}

/// Resources of the rules of spec 8.6 and 8.7.
const BUCKETS: &str = "arn:*:s3:::*";
const KEYS: &str = "arn:*:kms:*:*:key/*";
const ROLES: &str = "arn:*:iam::*:role/*";

/// Whether the caller is a session of a service-linked role.
pub(crate) fn is_service_linked<A: Algebra>(a: &mut A) -> A::Truth {
    let caller = Kinds::of(a);
    service_linked(a, &caller)
}

/// Whether the stack allows the request, and whether a Deny keeps it from that.
pub fn authorize<A: Algebra>(a: &mut A, stack: &Stack, position: Position) -> Outcome<A::Truth> {
    let caller = Kinds::of(a);
    let layers = Layers::of(a, stack, position, &caller);
    let granted = granted(a, stack, &caller, &layers);
    let untouchable = untouchable(a);
    let touchable = a.not(untouchable);
    let undenied = a.not(layers.denied.clone());
    let by_policy = a.all(vec![undenied.clone(), touchable, layers.guard, granted]);
    let always = always_allowed(a, &caller);
    let allowed = a.any(vec![always.clone(), by_policy]);
    let not_always = a.not(always);
    Outcome { allowed, explicit_deny: a.all(vec![not_always, layers.denied]) }
}

/// The kinds of caller that the evaluation tells apart.
struct Kinds<Truth> {
    iam: Truth,
    root: Truth,
    /// Users, sessions and federated users: those that identity policies and boundaries are attached to.
    attached: Truth,
    session: Truth,
    federated_user: Truth,
    federated: Truth,
    /// Service principals and anonymous callers.
    other: Truth,
}

impl<Truth: Clone> Kinds<Truth> {
    fn of<A: Algebra<Truth = Truth>>(a: &mut A) -> Self {
        let [user, session, federated_user] =
            [CallerKind::User, CallerKind::Session, CallerKind::FederatedUser].map(|kind| a.kind(kind));
        let other = [CallerKind::Service, CallerKind::Anonymous].map(|kind| a.kind(kind));
        Self {
            iam: iam(a),
            root: a.kind(CallerKind::Root),
            attached: a.any(vec![user, session.clone(), federated_user.clone()]),
            session,
            federated_user,
            federated: a.kind(CallerKind::Federated),
            other: a.any(other.into()),
        }
    }
}

/// To whom the layers apply.
pub(crate) struct Reach<Truth> {
    /// Identity policies, boundary and session policies.
    pub(crate) attached: Truth,
    /// Service control policies.
    pub(crate) scps: Truth,
    /// Resource control policies.
    pub(crate) rcps: Truth,
}

impl<Truth: Clone> Reach<Truth> {
    /// For the callers of a stack.
    pub(crate) fn of_stack<A: Algebra<Truth = Truth>>(a: &mut A, stack: &Stack) -> Self {
        let caller = Kinds::of(a);
        Self::of(a, stack, &caller)
    }

    fn of<A: Algebra<Truth = Truth>>(a: &mut A, stack: &Stack, caller: &Kinds<Truth>) -> Self {
        let linked = service_linked(a, caller);
        Self {
            attached: caller.attached.clone(),
            scps: scp_applies(a, stack, caller, linked.clone()),
            rcps: rcp_applies(a, stack, linked),
        }
    }
}

/// What each layer says.
struct Layers<Truth> {
    /// Some Deny applies.
    denied: Truth,
    /// SCPs and endpoint let it through.
    guard: Truth,
    /// allow(I) of spec 8.2.
    identity: Truth,
    /// allow(B)
    boundary: Truth,
    /// allow(S)
    session: Truth,
    /// allow(R) by match class
    resource: Grants<Truth>,
}

impl<Truth: Clone> Layers<Truth> {
    fn of<A: Algebra<Truth = Truth>>(a: &mut A, stack: &Stack, position: Position, caller: &Kinds<Truth>) -> Self {
        let layer = |policies| Layer { policies, position, bounded: false };
        let identity = layer(stack.identity.iter().collect());
        let boundary = layer(stack.boundary.iter().collect());
        let session = layer(stack.session.iter().collect());
        let resource = Layer { bounded: stack.boundary.is_some(), ..layer(stack.resource.iter().collect()) };
        let endpoint = layer(stack.endpoint.iter().collect());
        let reach = Reach::of(a, stack, caller);
        let scps = layer(stack.scps.iter().flatten().collect());
        let rcps = layer(stack.rcps.iter().flatten().collect());
        let denied = vec![
            identity.denies(a, Some(&reach.attached)),
            boundary.denies(a, Some(&reach.attached)),
            session.denies(a, Some(&reach.attached)),
            resource.denies(a, None),
            endpoint.denies(a, None),
            scps.denies(a, Some(&reach.scps)),
            rcps.denies(a, Some(&reach.rcps)),
        ];
        let exempt = a.not(reach.scps);
        let by_scps = all_levels(a, &stack.scps, position);
        let by_scps = a.any(vec![exempt, by_scps]);
        let by_endpoint = endpoint.allows_if_given(a);
        Self {
            denied: a.any(denied),
            guard: a.all(vec![by_scps, by_endpoint]),
            identity: allow_identity(a, &identity, caller),
            boundary: allow_boundary(a, &boundary, caller),
            session: allow_session(a, &session, caller),
            resource: Grants::of(a, stack.resource.as_ref(), position),
        }
    }
}

/// Policies of one layer.
struct Layer<'p> {
    policies: Vec<&'p Policy>,
    position: Position,
    bounded: bool,
}

impl Layer<'_> {
    /// Whether some policy denies; `who` has the layer at all.
    fn denies<A: Algebra>(&self, a: &mut A, who: Option<&A::Truth>) -> A::Truth {
        let mut parts = Vec::new();
        for policy in &self.policies {
            parts.push(document::some_of(a, policy, Effect::Deny, self.position, self.bounded));
        }
        let some = a.any(parts);
        match who {
            Some(who) => a.all(vec![who.clone(), some]),
            None => some,
        }
    }

    fn allows<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let mut parts = Vec::new();
        for policy in &self.policies {
            parts.push(document::allow(a, policy, self.position));
        }
        a.any(parts)
    }

    /// An absent layer restricts nothing.
    fn allows_if_given<A: Algebra>(&self, a: &mut A) -> A::Truth {
        if self.policies.is_empty() { a.constant(true) } else { self.allows(a) }
    }
}

/// Identity policies allow; the root user needs none (spec 8.2).
fn allow_identity<A: Algebra>(a: &mut A, identity: &Layer<'_>, caller: &Kinds<A::Truth>) -> A::Truth {
    let allows = identity.allows(a);
    let attached = a.all(vec![caller.attached.clone(), allows]);
    a.any(vec![caller.root.clone(), attached])
}

/// The boundary allows; the root user has none.
fn allow_boundary<A: Algebra>(a: &mut A, boundary: &Layer<'_>, caller: &Kinds<A::Truth>) -> A::Truth {
    let allows = boundary.allows_if_given(a);
    a.any(vec![caller.root.clone(), allows])
}

/// Session policies allow; without any a federated user has no permissions of his own (spec 8.2). The root user has no
/// session.
fn allow_session<A: Algebra>(a: &mut A, session: &Layer<'_>, caller: &Kinds<A::Truth>) -> A::Truth {
    if !session.policies.is_empty() {
        let allows = session.allows(a);
        return a.any(vec![caller.root.clone(), allows]);
    }
    let unlisted = a.unlisted_session_policy();
    let not_federated = a.not(caller.federated_user.clone());
    a.any(vec![not_federated, unlisted])
}

/// Every level has a policy that allows (spec 8.4).
fn all_levels<A: Algebra>(a: &mut A, levels: &[Vec<Policy>], position: Position) -> A::Truth {
    let mut parts = Vec::new();
    for level in levels {
        let layer = Layer { policies: level.iter().collect(), position, bounded: false };
        parts.push(layer.allows(a));
    }
    a.all(parts)
}

/// Allow statements of the resource policy by match class (spec 6.2).
struct Grants<Truth> {
    /// DIRECT, but not by the ARN of the session.
    direct: Truth,
    /// DIRECT by the ARN of the session (C5).
    session: Truth,
    role: Truth,
    account: Truth,
}

impl<Truth: Clone> Grants<Truth> {
    fn of<A: Algebra<Truth = Truth>>(a: &mut A, policy: Option<&Policy>, position: Position) -> Self {
        let [mut direct, mut session, mut role, mut account] = [const { Vec::new() }; 4];
        let statements =
            policy.iter().flat_map(|policy| policy.statements.iter().map(|statement| (policy.kind, statement)));
        for (kind, statement) in statements.filter(|(_, statement)| statement.effect == Effect::Allow) {
            let scope = Scope { kind, effect: Effect::Allow, position, bounded: false };
            let classes = principal::classes(a, scope, statement.principal.as_ref());
            let rest = document::beside_principal(a, scope, statement);
            let own = a.any(vec![classes.everyone.clone(), classes.itself.clone()]);
            direct.push(a.all(vec![own, rest.clone()]));
            session.push(a.all(vec![classes.session.clone(), rest.clone()]));
            role.push(a.all(vec![classes.role.clone(), rest.clone()]));
            account.push(a.all(vec![classes.account.clone(), rest.clone()]));
            let any = classes.any(a);
            let matched = a.all(vec![any, rest]);
            a.mark(Part::Statement, statement.span, matched);
        }
        Self { direct: a.any(direct), session: a.any(session), role: a.any(role), account: a.any(account) }
    }
}

/// The grant of spec 8.2, 8.3, before any Deny.
fn granted<A: Algebra>(a: &mut A, stack: &Stack, caller: &Kinds<A::Truth>, layers: &Layers<A::Truth>) -> A::Truth {
    let grants = &layers.resource;
    let direct = a.any(vec![grants.direct.clone(), grants.session.clone()]);
    let within = same_account(a, stack, layers);
    let across = vec![grants.role.clone(), grants.account.clone(), direct.clone()];
    let across = a.any(across);
    let across = a.all(vec![across, layers.identity.clone(), layers.boundary.clone(), layers.session.clone()]);
    let same = a.same_account();
    let other = a.not(same.clone());
    let federating = principal::federating(a);
    let parts = vec![
        a.all(vec![caller.iam.clone(), same, within]),
        a.all(vec![caller.iam.clone(), other, across]),
        a.all(vec![caller.federated.clone(), federating, direct.clone()]),
        a.all(vec![caller.other.clone(), direct]),
    ];
    a.any(parts)
}

/// Caller and resource in one account (spec 8.2).
fn same_account<A: Algebra>(a: &mut A, stack: &Stack, layers: &Layers<A::Truth>) -> A::Truth {
    let grants = &layers.resource;
    // C5, other reading: a session policy also limits a grant to the session's ARN
    let session = a.choose(Contested::C5, !stack.session.is_empty(), |a, other| {
        let limit = if other { layers.session.clone() } else { a.constant(true) };
        a.all(vec![grants.session.clone(), limit])
    });
    let inside = a.all(vec![layers.boundary.clone(), layers.session.clone()]);
    let trust = trusted(a, &grants.account);
    let parts = vec![
        grants.direct.clone(),
        session,
        a.all(vec![grants.role.clone(), inside.clone()]),
        a.all(vec![layers.identity.clone(), inside, trust]),
    ];
    a.any(parts)
}

/// KMS keys and roles: identity policies count only where the resource's policy delegates to the account (spec 8.6).
fn trusted<A: Algebra>(a: &mut A, delegated: &A::Truth) -> A::Truth {
    let keys = [action_in(a, "kms:*"), resource_like(a, KEYS)];
    let roles = [action_in(a, ASSUME), resource_like(a, ROLES)];
    let (key, role) = (a.all(keys.into()), a.all(roles.into()));
    let needed = a.any(vec![key, role]);
    let free = a.not(needed);
    a.any(vec![free, delegated.clone()])
}

/// SCPs apply to IAM callers of member accounts but service-linked roles (spec 8.4).
fn scp_applies<A: Algebra>(a: &mut A, stack: &Stack, caller: &Kinds<A::Truth>, linked: A::Truth) -> A::Truth {
    let member = member(a, stack, Side::Caller, Field::CallerAccount);
    let ordinary = a.not(linked);
    a.all(vec![caller.iam.clone(), member, ordinary])
}

/// RCPs apply to resources of member accounts in the services they cover, whoever calls but service-linked roles (spec
/// 8.5). That AWS managed keys are exempt cannot be seen in a request.
fn rcp_applies<A: Algebra>(a: &mut A, stack: &Stack, linked: A::Truth) -> A::Truth {
    let member = member(a, stack, Side::Resource, Field::ResourceAccount);
    let patterns: Vec<_> = RCP_SERVICES.split(' ').map(|service| glob(&format!("{service}:*"))).collect();
    let action = a.field(Field::Action);
    let covered = a.matches(&action, &patterns);
    let retiring = action_in(a, "kms:retiregrant");
    let (not_retiring, ordinary) = (a.not(retiring), a.not(linked));
    a.all(vec![member, covered, not_retiring, ordinary])
}

/// Whether the account of this side is a member account: not the management account.
fn member<A: Algebra>(a: &mut A, stack: &Stack, side: Side, field: Field) -> A::Truth {
    let member = a.member(side);
    let Some(management) = &stack.management_account else { return member };
    let account = a.field(field);
    let is_management = a.matches(&account, &[Pattern { tokens: literal(management), span: NOWHERE }]);
    let other = a.not(is_management);
    a.all(vec![member, other])
}

/// A session of a role under `/aws-service-role/` (spec 8.4).
fn service_linked<A: Algebra>(a: &mut A, caller: &Kinds<A::Truth>) -> A::Truth {
    let role = a.field(Field::RoleArn);
    let linked = a.matches(&role, &[arn_glob("arn:*:iam::*:role/aws-service-role/*")]);
    a.all(vec![caller.session.clone(), linked])
}

/// Whether the action matches one of the patterns, which blanks separate.
fn action_in<A: Algebra>(a: &mut A, patterns: &str) -> A::Truth {
    let patterns: Vec<_> = patterns.split(' ').map(glob).collect();
    let action = a.field(Field::Action);
    a.matches(&action, &patterns)
}

fn resource_like<A: Algebra>(a: &mut A, arn: &str) -> A::Truth {
    let resource = a.field(Field::Resource);
    a.matches(&resource, &[arn_glob(arn)])
}
