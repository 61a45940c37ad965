//! The stable codes of diagnostics, each with its page (spec 2.9); names are the specification's in kebab-case.

use super::Severity;

/// The page of a code: what `explain` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The kebab-case name.
    pub name: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// A document that triggers it; the same file lies in `corpus/diagnostics`.
    pub example: &'static str,
    /// What to write instead.
    pub instead: &'static str,
}

/// The table below as an enum, so that a code without a page cannot exist.
macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident $severity:ident $name:literal $summary:literal, $why:literal, $instead:literal;)*) => {
        /// Stable codes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $code,)* }

        impl Code {
            /// Every code, in the order of the specification's grammar.
            pub const ALL: &'static [Code] = &[$(Code::$code,)*];

            /// The usual severity; some codes are worse in some kinds of policy.
            pub fn severity(self) -> Severity {
                match self { $(Code::$code => Severity::$severity,)* }
            }

            /// The page.
            pub fn page(self) -> Page {
                match self { $(Code::$code => Page {
                    name: $name,
                    summary: $summary,
                    why: $why,
                    example: include_str!(concat!("../../corpus/diagnostics/", $name, ".json")),
                    instead: $instead,
                },)* }
            }
        }
    };
}

codes! {
    /// The text is not JSON.
    JsonSyntax Fatal "json-syntax"
        "the text is not JSON",
        "The services refuse such a text. Comments, trailing commas and single quotes are not part of JSON, even though many editors accept them.",
        "JSON as the service stores it; keep remarks in `Sid` or outside the document.";
    /// The text is not UTF-8.
    NotUtf8 Fatal "not-utf8"
        "the text is not UTF-8",
        "Policy documents are UTF-8. A file saved in another encoding means different characters to different readers.",
        "The same text saved as UTF-8; in this example the name would be at fault if the file were saved as Latin-1.";
    /// The text begins with a byte-order mark.
    Bom Error "bom"
        "the text begins with a byte-order mark",
        "Some services require `{` as the first byte, and editors do not show the mark.",
        "The file saved as UTF-8 without a byte-order mark.";
    /// A character that this kind of policy cannot hold.
    BadCharacters Error "bad-characters"
        "a character that this kind of policy cannot hold",
        "IAM accepts tab, line feed, carriage return and U+0020 to U+00FF in a document, nothing else.",
        "The character as a JSON escape or, better, a name without it.";
    /// The document begins with white space.
    LeadingSpace Suggestion "leading-space"
        "the document begins with white space",
        "S3 requires `{` as the first byte of a bucket policy.",
        "The document without the blanks before its first brace.";
    /// Lists and objects are nested too deep.
    TooDeep Fatal "too-deep"
        "lists and objects are nested too deep",
        "No policy needs more than a few levels; a guard against hostile input.",
        "A document nested at most 64 deep.";
    /// The document is too large.
    TooLarge Fatal "too-large"
        "the document is too large",
        "The largest quota of any policy is far below 1 MiB; a guard against hostile input.",
        "A document of at most 1 MiB; this example would be at fault if it were that long.";
    /// So many problems that the rest is not shown.
    TooManyProblems Fatal "too-many-problems"
        "so many problems that the rest is not shown",
        "After a thousand diagnostics the reader stops collecting them.",
        "Repair the first ones and look again.";
    /// An envelope that holds no policy.
    BadWrapper Fatal "bad-wrapper"
        "an envelope that holds no policy",
        "Command-line tools answer with the policy inside another object, sometimes as text or URL-encoded. This one could not be opened.",
        "The policy document itself.";
    /// A member name occurs twice in one object.
    DupKey Fatal "dup-key"
        "a member name occurs twice in one object",
        "Readers of JSON disagree on which of the two counts, so the document means different things to different tools.",
        "One member; several values go into a list.";
    /// An element that does not exist here.
    UnknownElement Fatal "unknown-element"
        "an element that does not exist here",
        "Element names are exact, capitals included. The services refuse unknown ones; ignoring one would change the meaning.",
        "The element's exact name: `Version`, `Id`, `Statement`; in a statement `Sid`, `Effect`, `Principal`, `Action`, `Resource`, `Condition` and their `Not` forms.";
    /// A language version that does not exist.
    BadVersion Fatal "bad-version"
        "a language version that does not exist",
        "There are two: 2012-10-17, and the older 2008-10-17 in which `${...}` is plain text. The value is not the date of the document.",
        "`\"Version\": \"2012-10-17\"`";
    /// No `Version` element.
    MissingVersion Warning "missing-version"
        "no `Version` element",
        "The document is then read as version 2008-10-17, in which policy variables are plain text.",
        "`\"Version\": \"2012-10-17\"` as the first element.";
    /// This kind of policy is written in version 2012-10-17.
    VersionRequired Warning "version-required"
        "this kind of policy is written in version 2012-10-17",
        "Service and resource control policies are written in version 2012-10-17; resource control policies are refused otherwise.",
        "`\"Version\": \"2012-10-17\"`";
    /// No `Statement` element.
    MissingStatement Fatal "missing-statement"
        "no `Statement` element",
        "A document without statements says nothing, and the services refuse it.",
        "`Statement` with at least one statement.";
    /// An empty list of statements.
    EmptyStatement Error "empty-statement"
        "an empty list of statements",
        "The services refuse such a document. Read as it stands it grants and forbids nothing.",
        "At least one statement.";
    /// `Id` in a policy of an identity.
    IdInIdentity Warning "id-in-identity"
        "`Id` in a policy of an identity",
        "`Id` is for resource policies. It has no effect.",
        "The document without `Id`.";
    /// A statement without `Effect`.
    MissingEffect Fatal "missing-effect"
        "a statement without `Effect`",
        "There is no default: a statement must say whether it allows or denies.",
        "`\"Effect\": \"Allow\"` or `\"Effect\": \"Deny\"`";
    /// An `Effect` that is neither `Allow` nor `Deny`.
    BadEffect Fatal "bad-effect"
        "an `Effect` that is neither `Allow` nor `Deny`",
        "The two words are exact, capitals included.",
        "`\"Effect\": \"Allow\"` or `\"Effect\": \"Deny\"`";
    /// An `Effect` that this kind of policy cannot have.
    EffectForbidden Fatal "effect-forbidden"
        "an `Effect` that this kind of policy cannot have",
        "Resource control policies only deny; the one that allows everything is attached by the service itself.",
        "A `Deny` of what must not happen.";
    /// A statement without `Action` or `NotAction`.
    MissingAction Fatal "missing-action"
        "a statement without `Action` or `NotAction`",
        "A statement must say which actions it is about.",
        "`Action` with one action or a list.";
    /// Both `Action` and `NotAction`.
    BothActionNotaction Fatal "both-action-notaction"
        "both `Action` and `NotAction`",
        "A statement has exactly one of the two.",
        "Two statements, or one of the elements.";
    /// Both `Resource` and `NotResource`.
    BothResourceNotresource Fatal "both-resource-notresource"
        "both `Resource` and `NotResource`",
        "A statement has at most one of the two.",
        "Two statements, or one of the elements.";
    /// Both `Principal` and `NotPrincipal`.
    BothPrincipalNotprincipal Fatal "both-principal-notprincipal"
        "both `Principal` and `NotPrincipal`",
        "A statement has at most one of the two.",
        "Two statements, or one of the elements.";
    /// `NotAction` in a kind of policy that cannot have it.
    NotactionForbidden Fatal "notaction-forbidden"
        "`NotAction` in a kind of policy that cannot have it",
        "Resource control policies list what they deny.",
        "`Action` with the actions that are denied.";
    /// `*` as the action of a resource control policy.
    ActionStarForbidden Fatal "action-star-forbidden"
        "`*` as the action of a resource control policy",
        "A resource control policy must name the services that it is about.",
        "`s3:*`, or the list of the services' actions.";
    /// A statement without `Resource` or `NotResource`.
    MissingResource Fatal "missing-resource"
        "a statement without `Resource` or `NotResource`",
        "Policies that are not attached to a resource must say which resources they are about.",
        "`Resource` with an ARN, a list of them, or `*`.";
    /// `Resource` in a role trust policy.
    ResourceForbidden Fatal "resource-forbidden"
        "`Resource` in a role trust policy",
        "The resource of a trust policy is the role itself.",
        "The statement without `Resource`.";
    /// `Principal` in a kind of policy that cannot have it.
    PrincipalForbidden Fatal "principal-forbidden"
        "`Principal` in a kind of policy that cannot have it",
        "The principal of an identity policy, a boundary, a session policy or a service control policy is whoever it is attached to.",
        "The statement without `Principal`; or state the kind of the policy if it is attached to a resource.";
    /// A statement without `Principal`.
    PrincipalRequired Fatal "principal-required"
        "a statement without `Principal`",
        "A policy that is attached to a resource must say whom each statement is about.",
        "`\"Principal\": {\"AWS\": \"arn:aws:iam::111122223333:role/reader\"}`, or `\"*\"` for everyone.";
    /// A resource control policy whose principal is not `*`.
    PrincipalNotStar Fatal "principal-not-star"
        "a resource control policy whose principal is not `*`",
        "Resource control policies are about every principal; narrow them by `Condition`.",
        "`\"Principal\": \"*\"`";
    /// A kind of principal that does not exist.
    BadPrincipalKey Fatal "bad-principal-key"
        "a kind of principal that does not exist",
        "The kinds are `AWS`, `Service`, `Federated` and `CanonicalUser`, capitals included.",
        "One of the four names.";
    /// A principal without its kind.
    PrincipalBareString Warning "principal-bare-string"
        "a principal without its kind",
        "The services refuse a bare text other than `*`. It is read as if it stood under `AWS`.",
        "`\"Principal\": {\"AWS\": \"111122223333\"}`";
    /// A text that names no principal.
    BadPrincipal Error "bad-principal"
        "a text that names no principal",
        "Under `AWS` stand `*`, an account id of 12 digits, or the ARN of a root user, user, role, role session or federated user. This matches nobody.",
        "For example `\"arn:aws:iam::111122223333:role/reader\"`.";
    /// A wildcard inside a principal.
    PrincipalWildcard Error "principal-wildcard"
        "a wildcard inside a principal",
        "Only `*` alone is allowed as a principal. The text is taken literally and so matches nobody.",
        "The account, narrowed by a condition: `ArnLike` on `aws:PrincipalArn`.";
    /// Several `*` as a principal.
    PrincipalStars Warning "principal-stars"
        "several `*` as a principal",
        "It is read as `*`: everyone.",
        "`\"Principal\": \"*\"`";
    /// A wildcard as a service principal.
    ServiceWildcard Error "service-wildcard"
        "a wildcard as a service principal",
        "Services are named one by one; the service refuses a wildcard here, so nothing is proved from it.",
        "The services' names, such as `sns.amazonaws.com`.";
    /// A wildcard as a federation provider.
    FederatedWildcard Error "federated-wildcard"
        "a wildcard as a federation provider",
        "It lets the users of every provider in.",
        "The ARN of the provider, or its host name.";
    /// A kind of principal that this kind of policy cannot have.
    UnsupportedPrincipal Error "unsupported-principal"
        "a kind of principal that this kind of policy cannot have",
        "`Federated` is for role trust policies.",
        "The role that federated users assume.";
    /// An empty principal.
    EmptyPrincipal Suggestion "empty-principal"
        "an empty principal",
        "The statement matches nobody and has no effect.",
        "The principals that are meant, or no such statement.";
    /// An empty `NotPrincipal`.
    EmptyNotprincipal Error "empty-notprincipal"
        "an empty `NotPrincipal`",
        "The statement is about everyone, since nobody is excepted.",
        "`\"Principal\": \"*\"`";
    /// `Allow` with `NotPrincipal`.
    AllowNotprincipal Error "allow-notprincipal"
        "`Allow` with `NotPrincipal`",
        "It grants to everyone else in the world, anonymous callers included. The services no longer support it.",
        "`Principal` with those who are meant.";
    /// `NotPrincipal` in a kind of policy that cannot have it.
    NotprincipalForbidden Fatal "notprincipal-forbidden"
        "`NotPrincipal` in a kind of policy that cannot have it",
        "Trust policies and resource control policies list whom they are about.",
        "`Principal`, narrowed by a condition.";
    /// `*` as the principal of a role trust policy.
    TrustStar Error "trust-star"
        "`*` as the principal of a role trust policy",
        "Everyone who satisfies the conditions may become this role. The service reports it as unsupported.",
        "The accounts, roles or services that may assume the role.";
    /// A principal given by its unique id.
    UniqueIdPrincipal Warning "unique-id-principal"
        "a principal given by its unique id",
        "The service shows an id in place of an ARN when the user or role was deleted; one made anew under the same name does not match.",
        "The ARN of the user or role that is meant.";
    /// A `Sid` with characters that it cannot have.
    BadSid Error "bad-sid"
        "a `Sid` with characters that it cannot have",
        "In policies of IAM a `Sid` has letters and digits only.",
        "`ReadReports` for `Read reports`.";
    /// A `Sid` used twice.
    DupSid Error "dup-sid"
        "a `Sid` used twice",
        "Statements are told apart by it.",
        "Different names.";
    /// An empty `Sid`.
    EmptySid Suggestion "empty-sid"
        "an empty `Sid`",
        "It has no effect.",
        "A name that says what the statement is for, or no `Sid`.";
    /// An empty list.
    EmptyList Suggestion "empty-list"
        "an empty list",
        "The statement matches nothing and has no effect.",
        "The actions or resources that are meant, or no such statement.";
    /// An empty `NotAction` or `NotResource`.
    EmptyNotList Error "empty-not-list"
        "an empty `NotAction` or `NotResource`",
        "Nothing is excepted, so the statement is about everything.",
        "`\"Action\": \"*\"` or `\"Resource\": \"*\"`, if that is meant.";
    /// A wildcard before the colon of an action.
    ActionVendorWildcard Error "action-vendor-wildcard"
        "a wildcard before the colon of an action",
        "The part before the colon names one service. IAM refuses a wildcard there.",
        "One action for each service that is meant.";
    /// A text that is no action.
    BadAction Error "bad-action"
        "a text that is no action",
        "An action is `service:Name` with one colon and neither blanks nor commas. This matches nothing.",
        "`s3:GetObject`; several actions go into a list.";
    /// An action that no service is known to have.
    UnknownAction Error "unknown-action"
        "an action that no service is known to have",
        "It may be misspelt, or newer than the catalogue.",
        "The action's name as the service documents it.";
    /// An action without use in a role trust policy.
    TrustAction Warning "trust-action"
        "an action without use in a role trust policy",
        "A role can be assumed, tagged and given a source identity; nothing else is asked of its trust policy.",
        "`sts:AssumeRole`, `sts:AssumeRoleWithSAML`, `sts:AssumeRoleWithWebIdentity`, `sts:TagSession`, `sts:SetSourceIdentity` or `sts:SetContext`.";
    /// A resource that is neither `*` nor an ARN.
    BadArn Error "bad-arn"
        "a resource that is neither `*` nor an ARN",
        "An ARN begins with `arn:`. This matches nothing.",
        "`arn:aws:s3:::reports/*`";
    /// An ARN with fewer than six fields.
    ShortArn Warning "short-arn"
        "an ARN with fewer than six fields",
        "An ARN is `arn:partition:service:region:account:resource`. What a shorter one covers depends on the kind of policy; in a condition it matches nothing.",
        "All six fields; `*` where any value will do.";
    /// A policy variable before the fifth colon of an ARN.
    VariableInEarlyField Error "variable-in-early-field"
        "a policy variable before the fifth colon of an ARN",
        "Variables are replaced only in the last field of a resource. Here it is plain text, so this matches nothing.",
        "A condition such as `aws:ResourceAccount`.";
    /// A policy variable under an operator that has none.
    VariableOperator Error "variable-operator"
        "a policy variable under an operator that has none",
        "Variables are replaced under String and ARN operators only. Here it is plain text.",
        "A String or ARN operator.";
    /// A policy variable where none is replaced.
    VariableElsewhere Error "variable-elsewhere"
        "a policy variable where none is replaced",
        "Variables are replaced in resources and condition values, not in actions, principals or key names. Here it is plain text.",
        "The value itself.";
    /// A policy variable in a document of version 2008-10-17.
    VariableUnder2008 Warning "variable-under-2008"
        "a policy variable in a document of version 2008-10-17",
        "Under that version (also when `Version` is absent) `${...}` is plain text.",
        "`\"Version\": \"2012-10-17\"`";
    /// A policy variable without its closing brace.
    UnclosedVariable Error "unclosed-variable"
        "a policy variable without its closing brace",
        "It is read as plain text.",
        "`${aws:username}`; a plain `${` is written `${$}{`.";
    /// A policy variable without a name.
    EmptyVariable Error "empty-variable"
        "a policy variable without a name",
        "The entry matches nothing.",
        "The key whose value is meant.";
    /// A policy variable that is not well formed.
    BadVariable Error "bad-variable"
        "a policy variable that is not well formed",
        "Inside `${...}` stands a key without blanks, or a key, a comma, one blank and a default in single quotes. Read otherwise it has no value.",
        "`${aws:PrincipalTag/team, 'none'}`";
    /// A condition operator that does not exist.
    UnknownOperator Fatal "unknown-operator"
        "a condition operator that does not exist",
        "The services refuse it, and what it should mean cannot be guessed.",
        "One of the documented operators; a negation is `StringNotEquals`, `StringNotLike`, `ArnNotLike` and so on.";
    /// A set prefix that does not exist.
    SetOperatorUnknown Fatal "set-operator-unknown"
        "a set prefix that does not exist",
        "The prefixes are `ForAllValues:` and `ForAnyValue:`.",
        "`ForAnyValue:StringEquals`";
    /// `NullIfExists`.
    NullIfexists Fatal "null-ifexists"
        "`NullIfExists`",
        "`Null` itself asks whether the key exists; the suffix is refused.",
        "`Null`";
    /// A condition operator in other capitals.
    OperatorCase Error "operator-case"
        "a condition operator in other capitals",
        "Operators are exact, capitals included; some services refuse this one.",
        "The name as documented.";
    /// A value of the wrong JSON type.
    BadValueType Fatal "bad-value-type"
        "a value of the wrong JSON type",
        "Elements take texts, lists of texts or objects as documented; `null`, nested lists and objects are no values.",
        "A text, or a list of texts.";
    /// A condition key twice under one operator.
    DupConditionKey Fatal "dup-condition-key"
        "a condition key twice under one operator",
        "Key names do not differ by case, and which of the two would count is not documented.",
        "One key with a list of values.";
    /// A condition key without a service prefix, or with a wildcard.
    BadConditionKey Warning "bad-condition-key"
        "a condition key without a service prefix, or with a wildcard",
        "Keys are `prefix:Name`, taken literally. The services set no other key, so this one is absent from every request.",
        "`aws:SourceIp`, `s3:prefix`";
    /// A condition that asks nothing.
    EmptyCondition Suggestion "empty-condition"
        "a condition that asks nothing",
        "It is true of every request.",
        "The condition that is meant, or none.";
    /// A condition without values.
    EmptyValues Warning "empty-values"
        "a condition without values",
        "Nothing equals a value of an empty list: a plain operator is false, a negated one true.",
        "The values that are meant; `Null` to ask for a key's absence.";
    /// Values of different JSON types in one list.
    MixedTypes Warning "mixed-types"
        "values of different JSON types in one list",
        "All are read as text.",
        "All values in double quotes.";
    /// A wildcard under an operator that takes it literally.
    WildcardWithoutLike Warning "wildcard-without-like"
        "a wildcard under an operator that takes it literally",
        "`StringEquals` and its relatives compare the text as it stands; `*` and `?` match only themselves.",
        "`StringLike`, or `${*}` if the character itself is meant.";
    /// A set prefix on a key that carries one value.
    SetOnSingleKey Warning "set-on-single-key"
        "a set prefix on a key that carries one value",
        "The prefix changes what happens when the key is absent: `ForAllValues` is then true.",
        "The operator without its prefix.";
    /// A key with several values without a set prefix.
    MultiWithoutSet Warning "multi-without-set"
        "a key with several values without a set prefix",
        "How the services compare several values without `ForAllValues` or `ForAnyValue` is not documented.",
        "`ForAnyValue:` if one value suffices, `ForAllValues:` if every value must satisfy.";
    /// `ForAllValues` in an `Allow` also holds when the key is absent.
    ForallAllowWithoutNull Warning "forall-allow-without-null"
        "`ForAllValues` in an `Allow` also holds when the key is absent",
        "A request without the key satisfies it, so the statement grants more than the list suggests.",
        "`\"Null\": {\"aws:TagKeys\": \"false\"}` beside it.";
    /// A value that is no number.
    BadNumber Warning "bad-number"
        "a value that is no number",
        "Numbers are decimal, with sign and point but without exponent. Nothing equals this value.",
        "`10`, `-2.5`";
    /// A value that is no date.
    BadDate Warning "bad-date"
        "a value that is no date",
        "Dates are `2030-01-31`, `2030-01-31T08:00:00Z` or seconds of the epoch. Nothing equals this value.",
        "`2030-01-31T00:00:00Z`";
    /// Four digits as a date.
    AmbiguousDate Warning "ambiguous-date"
        "four digits as a date",
        "They are read as seconds of the epoch; a year may be meant. Which of the two the service takes is not documented.",
        "`2030-01-01T00:00:00Z`";
    /// A value that is no IP address or block.
    BadCidr Warning "bad-cidr"
        "a value that is no IP address or block",
        "Blocks are `203.0.113.0/24` or `2001:db8::/32`, without wildcards. Nothing equals this value.",
        "`203.0.113.0/24`";
    /// An IPv6 address without a prefix length.
    Ipv6WithoutPrefix Warning "ipv6-without-prefix"
        "an IPv6 address without a prefix length",
        "It is read as one address; the documentation can be read as a /32 block.",
        "`2001:db8::1/128`";
    /// An IPv4 address written as IPv6.
    MappedAddress Error "mapped-address"
        "an IPv4 address written as IPv6",
        "Whether the services treat `::ffff:a.b.c.d` in a policy as the IPv4 address is not documented. It is read so.",
        "The IPv4 address.";
    /// A private address as the source of a request.
    PrivateSourceIp Warning "private-source-ip"
        "a private address as the source of a request",
        "`aws:SourceIp` is a public address; requests through an endpoint do not carry the key.",
        "`aws:VpcSourceIp`, or the public addresses of the network.";
    /// A value that is neither `true` nor `false`.
    BadBool Warning "bad-bool"
        "a value that is neither `true` nor `false`",
        "Nothing equals this value.",
        "`\"true\"` or `\"false\"`";
    /// A value that is not base64.
    BadBase64 Warning "bad-base64"
        "a value that is not base64",
        "Binary values are compared after decoding. Nothing equals this value.",
        "The bytes in base64, padding included.";
    /// `Null` with a set prefix.
    NullWithSetOperator Warning "null-with-set-operator"
        "`Null` with a set prefix",
        "`ForAllValues:Null` is always true and `ForAnyValue:Null` always false.",
        "`Null` without prefix.";
    /// Any role can be passed to a service.
    PassRoleStar Warning "pass-role-star"
        "any role can be passed to a service",
        "Whoever may pass a role to a service can make the service act with it. With `*` as the resource that is every role of the account, administrators' roles among them. Reported by `validate-policy`.",
        "The ARNs of the roles that are meant, or a condition on `iam:PassedToService`.";
    /// A part that changes nothing.
    Redundant Suggestion "redundant"
        "a part that changes nothing",
        "The document means the same without it: it can never apply, or the rest of the document says it already. This is proved for every request. Reported by `validate-policy` and `explain`.",
        "The document without it, as `keyaki explain --minify` prints it.";
    /// Longer than the service stores.
    OverQuota Warning "over-quota"
        "longer than the service stores",
        "Each kind of policy has a size quota. The meaning of the document is unaffected.",
        "Fewer or shorter statements, or several policies.";
}

impl Code {
    /// The kebab-case name: `dup-key`.
    pub fn name(self) -> &'static str {
        self.page().name
    }

    /// The code with this name; capitals and underscores are accepted.
    pub fn from_name(name: &str) -> Option<Code> {
        let name = name.to_ascii_lowercase().replace('_', "-");
        Code::ALL.iter().copied().find(|code| code.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn names_are_unique_and_found() {
        for code in Code::ALL {
            assert_eq!(Code::from_name(code.name()), Some(*code));
            let page = code.page();
            assert!(!page.why.is_empty() && !page.instead.is_empty() && !page.example.is_empty(), "{}", page.name);
        }
        assert_eq!(Code::from_name("DUP_KEY"), Some(Code::DupKey));
        assert_eq!(Code::from_name("nothing"), None);
    }
}
