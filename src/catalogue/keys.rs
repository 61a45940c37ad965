//! Condition keys: types, values and spelling (spec 7); the table of global keys is written by hand (spec 7.1).

use super::lists::is_session_only;

/// The documented type of a key's values. Meaning comes from the operator (spec 1); the type serves checks, domains and
/// the printing of counterexamples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyType {
    /// Text.
    String,
    /// An ARN.
    Arn,
    /// `true` or `false`.
    Bool,
    /// A decimal number.
    Numeric,
    /// An instant.
    Date,
    /// An IP address.
    Ip,
    /// Bytes in base64.
    Binary,
}

/// Which texts a key's values are (spec 6.5(14)). Whatever a document names is in the domain too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyDomain {
    /// Any text.
    Text,
    /// 12 digits.
    AccountId,
    /// 12 digits, or `anonymous` for an unsigned request (`aws:PrincipalAccount`, spec 6.1).
    CallerAccount,
    /// `o-` and 10 to 32 of `[a-z0-9]`.
    OrgId,
    /// `o-.../r-.../ou-.../`: an organisation id and `/` first, `/` last (spec 6.5(4)).
    OrgPath,
    /// `vpc-` and 8 or 17 of `[0-9a-f]`.
    VpcId,
    /// `vpce-` and 8 or 17 of `[0-9a-f]`.
    VpceId,
    /// `true` or `false`.
    Bool,
    /// A decimal number (spec 5.6).
    Number,
    /// A date (spec 5.7).
    Date,
    /// A date as whole seconds of the epoch: a number as well (`aws:EpochTime`, spec 5.6).
    EpochSeconds,
    /// An IP address (spec 5.9).
    Ip,
    /// A well-formed ARN.
    Arn,
    /// Bytes in base64.
    Base64,
    /// `Account`, `User`, `AssumedRole`, `FederatedUser` or `Anonymous`, as the caller's kind says (spec 6.1); any text
    /// for services and federated callers, so the domain alone proves nothing.
    PrincipalType,
    /// Any text; a witness had better be a region's name.
    Region,
    /// Any text; a witness had better be a service's name, `x.amazonaws.com`.
    ServiceName,
}

impl KeyDomain {
    /// Whether proofs may rest on it. The other domains are any text: they only guide the choice of witnesses.
    pub fn binds(self) -> bool {
        match self {
            KeyDomain::Text | KeyDomain::Region | KeyDomain::ServiceName | KeyDomain::PrincipalType => false,
            KeyDomain::AccountId | KeyDomain::CallerAccount | KeyDomain::OrgId | KeyDomain::OrgPath => true,
            KeyDomain::VpcId | KeyDomain::VpceId | KeyDomain::Bool | KeyDomain::Number | KeyDomain::Date => true,
            KeyDomain::EpochSeconds | KeyDomain::Ip | KeyDomain::Arn | KeyDomain::Base64 => true,
        }
    }

    /// The type of a key with this domain.
    fn key_type(self) -> KeyType {
        match self {
            KeyDomain::Text | KeyDomain::AccountId | KeyDomain::CallerAccount | KeyDomain::OrgId => KeyType::String,
            KeyDomain::OrgPath | KeyDomain::VpcId | KeyDomain::VpceId | KeyDomain::PrincipalType => KeyType::String,
            KeyDomain::Region | KeyDomain::ServiceName => KeyType::String,
            KeyDomain::Bool => KeyType::Bool,
            KeyDomain::Number => KeyType::Numeric,
            KeyDomain::Date | KeyDomain::EpochSeconds => KeyType::Date,
            KeyDomain::Ip => KeyType::Ip,
            KeyDomain::Arn => KeyType::Arn,
            KeyDomain::Base64 => KeyType::Binary,
        }
    }
}

/// What is known of a condition key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// The documented type.
    pub key_type: KeyType,
    /// Whether it can carry several values. For an unknown key the documents decide (spec 6.5(15)): false here.
    pub multivalued: bool,
    /// Whether some table lists it; otherwise it is a free text (spec 6.5(15)). `aws:ARN` counts as unknown (spec 7.1).
    pub known: bool,
    /// The name as AWS spells it, with the user's part (a tag key) as given.
    pub spelling: String,
    /// Whether the empty string is among its values (spec 6.5(14)).
    pub may_be_empty: bool,
    /// Its values.
    pub domain: KeyDomain,
}

/// Values of a key: of which domain, and whether several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    domain: KeyDomain,
    multivalued: bool,
}

impl Shape {
    /// Reads `S` or `S*`.
    pub(super) fn read(text: &str) -> Option<Shape> {
        let (letter, multivalued) = text.strip_suffix('*').map_or((text, false), |letter| (letter, true));
        let domain = match letter {
            "S" => KeyDomain::Text,
            "A" => KeyDomain::Arn,
            "B" => KeyDomain::Bool,
            "N" => KeyDomain::Number,
            "D" => KeyDomain::Date,
            "I" => KeyDomain::Ip,
            "X" => KeyDomain::Base64,
            _ => return None,
        };
        Some(Shape { domain, multivalued })
    }
}

const fn one(domain: KeyDomain) -> Shape {
    Shape { domain, multivalued: false }
}

const fn many(domain: KeyDomain) -> Shape {
    Shape { domain, multivalued: true }
}

/// Global keys (spec 7.1), and service keys about which spec 7.1, 7.2 say more than the data. `$`: the user's part.
#[rustfmt::skip]
const TABLE: &[(Shape, &str)] = &[
    // The caller.
    (one(KeyDomain::Arn), "aws:PrincipalArn"),
    (one(KeyDomain::CallerAccount), "aws:PrincipalAccount"),
    (one(KeyDomain::OrgId), "aws:PrincipalOrgID"),
    (many(KeyDomain::OrgPath), "aws:PrincipalOrgPaths"),
    (one(KeyDomain::Text), "aws:PrincipalTag/$"),
    (one(KeyDomain::Bool), "aws:PrincipalIsAWSService"),
    (one(KeyDomain::ServiceName), "aws:PrincipalServiceName"),
    (many(KeyDomain::ServiceName), "aws:PrincipalServiceNamesList"),
    (one(KeyDomain::PrincipalType), "aws:PrincipalType"),
    (one(KeyDomain::Text), "aws:userid"),
    (one(KeyDomain::Text), "aws:username"),
    // His session.
    (one(KeyDomain::Bool), "aws:AssumedRoot"),
    (one(KeyDomain::Text), "aws:FederatedProvider"),
    (one(KeyDomain::Date), "aws:TokenIssueTime"),
    (one(KeyDomain::Arn), "aws:SignInSessionArn"),
    (one(KeyDomain::Number), "aws:MultiFactorAuthAge"),
    (one(KeyDomain::Bool), "aws:MultiFactorAuthPresent"),
    (one(KeyDomain::Arn), "aws:ChatbotSourceArn"),
    (one(KeyDomain::VpcId), "aws:Ec2InstanceSourceVpc"),
    (one(KeyDomain::Ip), "aws:Ec2InstanceSourcePrivateIPv4"),
    (one(KeyDomain::Text), "aws:SourceIdentity"),
    (one(KeyDomain::Number), "ec2:RoleDelivery"),
    (one(KeyDomain::Arn), "ec2:SourceInstanceARN"),
    (one(KeyDomain::ServiceName), "glue:RoleAssumedBy"),
    (one(KeyDomain::ServiceName), "glue:CredentialIssuingService"),
    (one(KeyDomain::Arn), "codebuild:BuildArn"),
    (one(KeyDomain::Arn), "codebuild:ProjectArn"),
    (one(KeyDomain::Arn), "lambda:SourceFunctionArn"),
    (one(KeyDomain::Arn), "ssm:SourceInstanceARN"),
    (one(KeyDomain::Text), "identitystore:UserId"),
    // The network.
    (one(KeyDomain::Ip), "aws:SourceIp"),
    (one(KeyDomain::VpcId), "aws:SourceVpc"),
    (one(KeyDomain::VpceId), "aws:SourceVpce"),
    (one(KeyDomain::Arn), "aws:SourceVpcArn"),
    (one(KeyDomain::AccountId), "aws:VpceAccount"),
    (one(KeyDomain::OrgId), "aws:VpceOrgID"),
    (many(KeyDomain::OrgPath), "aws:VpceOrgPaths"),
    (one(KeyDomain::Ip), "aws:VpcSourceIp"),
    // The resource.
    (one(KeyDomain::AccountId), "aws:ResourceAccount"),
    (one(KeyDomain::OrgId), "aws:ResourceOrgID"),
    (many(KeyDomain::OrgPath), "aws:ResourceOrgPaths"),
    (one(KeyDomain::Text), "aws:ResourceTag/$"),
    // The request.
    (many(KeyDomain::ServiceName), "aws:CalledVia"),
    (one(KeyDomain::ServiceName), "aws:CalledViaFirst"),
    (one(KeyDomain::ServiceName), "aws:CalledViaLast"),
    (one(KeyDomain::Text), "aws:CalledViaAWSMCP"),
    (one(KeyDomain::Bool), "aws:ViaAWSMCPService"),
    (one(KeyDomain::Bool), "aws:IsMcpServiceAction"),
    (one(KeyDomain::Bool), "aws:ViaAWSService"),
    (one(KeyDomain::Date), "aws:CurrentTime"),
    (one(KeyDomain::EpochSeconds), "aws:EpochTime"),
    (one(KeyDomain::Text), "aws:referer"),
    (one(KeyDomain::Region), "aws:RequestedRegion"),
    (one(KeyDomain::Text), "aws:RequestTag/$"),
    (many(KeyDomain::Text), "aws:TagKeys"),
    (one(KeyDomain::Bool), "aws:SecureTransport"),
    (one(KeyDomain::AccountId), "aws:SourceAccount"),
    (one(KeyDomain::Arn), "aws:SourceArn"),
    (one(KeyDomain::OrgId), "aws:SourceOrgID"),
    (many(KeyDomain::OrgPath), "aws:SourceOrgPaths"),
    (one(KeyDomain::AccountId), "aws:SourceOwner"),
    (one(KeyDomain::Text), "aws:UserAgent"),
    // Service keys (spec 7.2).
    (one(KeyDomain::AccountId), "s3:ResourceAccount"),
    (one(KeyDomain::AccountId), "s3:DataAccessPointAccount"),
    (one(KeyDomain::ServiceName), "iam:PassedToService"),
    (one(KeyDomain::ServiceName), "iam:AWSServiceName"),
    (one(KeyDomain::ServiceName), "sts:AWSServiceName"),
    (one(KeyDomain::ServiceName), "kms:ViaService"),
    (one(KeyDomain::AccountId), "kms:CallerAccount"),
    (many(KeyDomain::Text), "cognito-identity.amazonaws.com:amr"),
];

/// Keys that can hold the empty string (spec 6.5(14)): headers and S3's list parameters. Tags and `x-amz-` headers too.
const MAY_BE_EMPTY: &[&str] = &["aws:referer", "aws:useragent", "s3:prefix", "s3:delimiter"];

/// Facts of a key in the table.
pub(super) fn global(name: &str) -> Option<KeyFacts> {
    best(name, TABLE.iter().copied()).map(|(shape, spelling)| facts(shape, spelling))
}

/// Whether a key is in requests to any service: a global key that no service needs to support.
pub(super) fn in_every_service(name: &str) -> bool {
    let of_services = ["aws:RequestTag/$", "aws:ResourceTag/$", "aws:TagKeys"];
    let global = TABLE.iter().filter(|(_, pattern)| pattern.starts_with("aws:"));
    global.filter(|(_, pattern)| !of_services.contains(pattern)).any(|(_, pattern)| member(pattern, name).is_some())
        || is_session_only(name)
}

/// The listed key that fits best, with the spelling of `name` by it: the exact name, else the member of the family with
/// the longest name.
pub(super) fn best<'p>(name: &str, listed: impl Iterator<Item = (Shape, &'p str)>) -> Option<(Shape, String)> {
    let fitting = listed.filter_map(|(shape, pattern)| {
        let fixed = if pattern.contains('$') { pattern.len() } else { usize::MAX };
        member(pattern, name).map(|spelling| (fixed, shape, spelling))
    });
    // The first of equals: `max_by_key` would take the last.
    let best = fitting.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map(|(_, shape, spelling)| (shape, spelling))
}

/// The spelling of `name` by a pattern with at most one `$`, if it fits. The user's part is not empty.
pub(super) fn member(pattern: &str, name: &str) -> Option<String> {
    let Some((head, tail)) = pattern.split_once('$') else {
        return same_name(pattern, name).then(|| pattern.to_owned());
    };
    let user = name.get(head.len()..name.len().checked_sub(tail.len())?)?;
    let (front, back) = (name.get(..head.len())?, name.get(head.len() + user.len()..)?);
    let fits = !user.is_empty() && same_name(head, front) && same_name(tail, back);
    fits.then(|| format!("{head}{user}{tail}"))
}

/// Names of keys are equal in any letter case (spec 2.7).
pub(super) fn same_name(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// A claim of an identity provider: `host[/path]:claim` (spec 7.2). A host has a dot, a service prefix has none.
pub(super) fn federation(name: &str) -> Option<KeyFacts> {
    let (provider, claim) = name.rsplit_once(':')?;
    let host = provider.split('/').next().unwrap_or(provider);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    // A port: `host:8443/path:claim`.
    let host = host.split(':').next().unwrap_or(host);
    let is_host =
        host.split('.').count() > 1 && host.split('.').all(|label| !label.is_empty()) && host.bytes().all(allowed);
    // `amr` lists the ways a user has proved who he is.
    let shape = if same_name(claim, "amr") { many(KeyDomain::Text) } else { one(KeyDomain::Text) };
    (is_host && !claim.is_empty()).then(|| facts(shape, name.to_owned()))
}

/// A key of no table: any text, empty too (spec 6.5(15)).
pub(super) fn unknown(name: &str) -> KeyFacts {
    KeyFacts { known: false, may_be_empty: true, ..facts(one(KeyDomain::Text), name.to_owned()) }
}

/// The facts of a listed key.
pub(super) fn facts(shape: Shape, spelling: String) -> KeyFacts {
    let Shape { domain, multivalued } = shape;
    KeyFacts {
        key_type: domain.key_type(),
        multivalued,
        known: true,
        may_be_empty: may_be_empty(&spelling),
        spelling,
        domain,
    }
}

/// Tag values, S3's list parameters and headers (spec 6.5(14)).
fn may_be_empty(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let family = lower.split_once('/').map_or("", |(family, _)| family);
    let tag = family.ends_with("tag") || family.ends_with("tags");
    let header = lower.starts_with("s3:x-amz-") || family.ends_with(":requestheader");
    tag || header || MAY_BE_EMPTY.contains(&lower.as_str())
}
