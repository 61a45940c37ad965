//! Which well-known condition keys carry several values, for the warnings about set prefixes (spec 7.1, 7.2).

/// Keys documented with several values, in lower case.
const SEVERAL: [&str; 19] = [
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:principalservicenameslist",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:tagkeys",
    "aws:vpceorgpaths",
    "cognito-identity.amazonaws.com:amr",
    "dynamodb:attributes",
    "dynamodb:leadingkeys",
    "events:detail-type",
    "events:source",
    "kms:encryptioncontextkeys",
    "kms:grantoperations",
    "kms:resourcealiases",
    "s3:requestobjecttagkeys",
    "saml:edupersonaffiliation",
    "sts:requestcontextproviders",
    "sts:transitivetagkeys",
];

/// Keys documented with one value, in lower case.
const ONE: [&str; 38] = [
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:currenttime",
    "aws:epochtime",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalservicename",
    "aws:principaltype",
    "aws:referer",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceidentity",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:userid",
    "aws:username",
    "aws:viaawsservice",
    "aws:vpcsourceip",
    "iam:awsservicename",
    "iam:passedtoservice",
    "kms:calleraccount",
    "kms:viaservice",
    "s3:prefix",
    "sts:externalid",
    "sts:rolesessionname",
];

/// Families of keys with one value each: tags.
const FAMILIES: [&str; 3] = ["aws:principaltag/", "aws:resourcetag/", "aws:requesttag/"];

/// Whether the key (lower case) is known to carry several values.
pub(super) fn has_several_values(key: &str) -> bool {
    SEVERAL.binary_search(&key).is_ok()
}

/// Whether the key (lower case) is known to carry one value.
pub(super) fn has_one_value(key: &str) -> bool {
    ONE.binary_search(&key).is_ok() || FAMILIES.iter().any(|family| key.starts_with(family))
}

#[cfg(test)]
mod tests {
    use super::{ONE, SEVERAL};

    #[test]
    fn tables_are_sorted() {
        assert!(ONE.is_sorted() && SEVERAL.is_sorted());
    }
}
