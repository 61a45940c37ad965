//! Whole stacks: every policy that applies to a request (spec 8.2 to 8.8).

use super::caller::{Caller, Class, federates};
use super::pattern::{glob, split_fields, tokens};
use super::{Decision, Kind, Question, Readings, Request, Role, list};
use serde_json::Value;

/// The services that resource control policies reach (spec 8.5).
const RCP_SERVICES: &str = "aoss appconfig appstream autoscaling autoscaling-plans budgets clouddirectory cloudfront \
    cloudsearch cloudtrail-data codeartifact codebuild codecommit codepipeline cognito-identity cognito-idp comprehend \
    comprehendmedical compute-optimizer cost-optimization-hub dax dsql dynamodb ecr ecr-public events firehose fis fms \
    gamelift health inspector-scan kendra kinesisvideo kms logs memorydb networkmonitor notifications opensearch \
    pca-connector-ad personalize polly pricing resource-groups rolesanywhere s3 secretsmanager servicediscovery signin \
    sqs sts support swf textract timestream-influxdb transcribe transfer translate wafv2 workspaces xray";

/// Requests that fail whatever the policies say: the resource, and the actions (spec 8.7).
const UNTOUCHABLE: [(&str, &str); 3] = [
    (
        "arn:*:iam::aws:policy/*",
        "iam:createpolicy iam:deletepolicy iam:createpolicyversion iam:deletepolicyversion \
         iam:setdefaultpolicyversion iam:tagpolicy iam:untagpolicy",
    ),
    (
        "arn:*:iam::*:role/aws-reserved/*",
        "iam:passrole iam:createrole iam:deleterole iam:updaterole iam:updateroledescription iam:updateassumerolepolicy \
         iam:attachrolepolicy iam:detachrolepolicy iam:putrolepolicy iam:deleterolepolicy \
         iam:putrolepermissionsboundary iam:deleterolepermissionsboundary iam:tagrole iam:untagrole",
    ),
    ("arn:*:kms:*:*:alias/aws/*", "kms:createalias kms:deletealias kms:updatealias"),
];

/// The decision of a whole stack (spec 8), `policies` being that member of a test vector.
pub(crate) fn evaluate(policies: &Value, request: &Value, readings: &Readings) -> Decision {
    evaluate_as(policies, request, readings, Role::UnderTest)
}

/// The same, on either side of a question.
pub(crate) fn evaluate_as(policies: &Value, request: &Value, readings: &Readings, role: Role) -> Decision {
    let request = Request::read(request);
    let question = Question { request: &request, readings, role, boundary: policies.get("boundary").is_some() };
    Stack { policies, question }.decide()
}

struct Stack<'a> {
    policies: &'a Value,
    question: Question<'a>,
}

impl Stack<'_> {
    fn decide(&self) -> Decision {
        if self.never_refused() {
            return Decision::Allowed;
        }
        if self.explicit() {
            return Decision::ExplicitlyDenied;
        }
        let guards = self.scp_allows() && self.endpoint_allows() && !self.never_granted();
        if guards && self.granted() { Decision::Allowed } else { Decision::ImplicitlyDenied }
    }

    fn request(&self) -> &Request {
        self.question.request
    }

    /// The documents of a member: one, or a list.
    fn documents(&self, member: &str) -> &[Value] {
        self.policies.get(member).filter(|value| !value.is_null()).map_or(&[], list)
    }

    fn levels(&self, member: &str) -> Vec<&[Value]> {
        self.documents(member).iter().map(list).collect()
    }

    fn is_root(&self) -> bool {
        matches!(self.request().caller, Caller::Root { .. })
    }

    /// The account that owns the resource: as given, else from its ARN, else the caller's.
    fn resource_account(&self) -> Option<String> {
        let request = self.request();
        let from_arn = || {
            let fields = split_fields(&request.resource, false);
            fields.get(4).filter(|field| field.len() == 12 && field.bytes().all(|b| b.is_ascii_digit())).cloned()
        };
        let own = || request.caller.home().map(|(_, account)| account.to_owned());
        request.resource_account.clone().or_else(from_arn).or_else(own)
    }

    fn is_management(&self, account: Option<&str>) -> bool {
        self.policies["managementAccount"].as_str().is_some_and(|management| Some(management) == account)
    }

    fn denied_by(&self, documents: &[Value], kind: Kind) -> bool {
        documents.iter().any(|document| self.question.denies(document, kind))
    }

    /// Whether an Allow matches with this class (spec 6.2, 8.2).
    fn allowed_by(&self, documents: &[Value], kind: Kind, class: Class) -> bool {
        documents.iter().any(|document| self.question.classes(document, kind, "Allow").contains(&class))
    }

    fn explicit(&self) -> bool {
        let iam = self.request().caller.home().is_some();
        let personal = [("identity", Kind::Identity), ("boundary", Kind::Boundary), ("session", Kind::Session)];
        // Identity policies, boundary and session policies bind no root user, service or stranger (spec 8.2, 8.3).
        let own = iam
            && !self.is_root()
            && personal.iter().any(|(member, kind)| self.denied_by(self.documents(member), *kind));
        own || self.denied_by(self.documents("resource"), Kind::Resource)
            || self.denied_by(self.documents("endpoint"), Kind::Vpce)
            || (self.scp_applies() && self.levels("scps").iter().any(|level| self.denied_by(level, Kind::Scp)))
            || (self.rcp_applies() && self.levels("rcps").iter().any(|level| self.denied_by(level, Kind::Rcp)))
    }

    /// spec 8.4
    fn scp_applies(&self) -> bool {
        let Some((_, account)) = self.request().caller.home() else {
            return false;
        };
        let management = self.request().principal_in_management || self.is_management(Some(account));
        !management && !self.request().caller.is_service_linked()
    }

    fn scp_allows(&self) -> bool {
        !self.scp_applies() || self.levels("scps").iter().all(|level| self.allowed_by(level, Kind::Scp, Class::Direct))
    }

    /// spec 8.5
    fn rcp_applies(&self) -> bool {
        let request = self.request();
        let service = request.action.split(':').next().unwrap_or("");
        let management = request.resource_in_management || self.is_management(self.resource_account().as_deref());
        !management
            && RCP_SERVICES.split_whitespace().any(|supported| supported == service)
            && request.action != "kms:retiregrant"
            && !request.caller.is_service_linked()
    }

    /// spec 8.8
    fn endpoint_allows(&self) -> bool {
        let endpoint = self.documents("endpoint");
        endpoint.is_empty()
            || endpoint.iter().any(|policy| self.question.class(policy, Kind::Vpce, "Allow") != Class::None)
    }

    /// Identity allow; the root user needs none (spec 8.2).
    fn identity(&self) -> bool {
        self.is_root() || self.allowed_by(self.documents("identity"), Kind::Identity, Class::Direct)
    }

    fn boundary(&self) -> bool {
        let documents = self.documents("boundary");
        self.is_root() || documents.is_empty() || self.allowed_by(documents, Kind::Boundary, Class::Direct)
    }

    /// No session policy restricts nothing, but leaves a federated user nothing (spec 8.2).
    fn session(&self) -> bool {
        let documents = self.documents("session");
        if documents.is_empty() {
            return !matches!(self.request().caller, Caller::FederatedUser { .. });
        }
        self.is_root() || self.allowed_by(documents, Kind::Session, Class::Direct)
    }

    fn granted(&self) -> bool {
        let resource = self.documents("resource");
        let class = |class| self.allowed_by(resource, Kind::Resource, class);
        let direct = class(Class::Direct) || class(Class::Session);
        let request = self.request();
        let Some((_, account)) = request.caller.home() else {
            // Services, strangers and federated callers: the resource policy alone (spec 8.3).
            let federated = matches!(request.caller, Caller::Federated(_));
            return direct && (!federated || federates(&request.action));
        };
        if self.resource_account().as_deref() != Some(account) {
            // spec 8.3
            let any = direct || class(Class::Role) || class(Class::Account);
            return any && self.identity() && self.boundary() && self.session();
        }
        // spec 8.2; the grant to the exact session is C5's.
        let filtered = self.question.readings.c5 && !self.documents("session").is_empty();
        let via_session = class(Class::Session) && (!filtered || self.session());
        let via_role = class(Class::Role) && self.boundary() && self.session();
        let trust = !self.needs_trust() || class(Class::Account);
        let via_identity = self.identity() && self.boundary() && self.session() && trust;
        class(Class::Direct) || via_session || via_role || via_identity
    }

    fn resource_is(&self, pattern: &str) -> bool {
        glob(&tokens(pattern, true), &self.request().resource)
    }

    /// KMS keys and role trust: the identity policy is not enough (spec 8.6).
    fn needs_trust(&self) -> bool {
        let action = self.request().action.as_str();
        let on_role = ["sts:assumerole", "sts:tagsession", "sts:setsourceidentity"].contains(&action);
        (action.starts_with("kms:") && self.resource_is("arn:*:kms:*:*:key/*"))
            || (on_role && self.resource_is("arn:*:iam::*:role/*"))
    }

    /// What no policy can refuse (spec 8.7).
    fn never_refused(&self) -> bool {
        let request = self.request();
        let signed = !matches!(request.caller, Caller::Anonymous | Caller::Federated(_));
        if signed && request.action == "sts:getcalleridentity" {
            return true;
        }
        let own = |account: &str| self.resource_account().as_deref() == Some(account);
        let owner_root = matches!(&request.caller, Caller::Root { account, .. } if own(account));
        let bucket_policy = ["s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"];
        let bucket = self.resource_is("arn:*:s3:::*") && !request.resource.contains('/');
        owner_root && bucket && bucket_policy.contains(&request.action.as_str())
    }

    /// What no policy can grant (spec 8.7).
    fn never_granted(&self) -> bool {
        let acts = |actions: &str| actions.split_whitespace().any(|action| action == self.request().action);
        UNTOUCHABLE.iter().any(|(resource, actions)| acts(actions) && self.resource_is(resource))
    }
}
