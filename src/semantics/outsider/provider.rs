//! Identity providers that anyone can join (spec 9.3): a shipped list, with the claims that tell their customers apart.

/// A provider that serves many customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Provider {
    /// Its host, perhaps with the beginning of a path.
    pub(super) host: &'static str,
    /// Claims that say whose the token is, with the segments (ended by `:` or `/`) that name the customer. With 0 a
    /// pattern never names one: only whole values do.
    pub(super) tenant: &'static [(&'static str, usize)],
}

/// The list. A claim that is not listed, `aud` above all, is taken to be the outsider's choice.
pub(super) const PROVIDERS: [Provider; 13] = [
    Provider { host: "accounts.google.com", tenant: &[("sub", 0), ("email", 0), ("hd", 0)] },
    Provider { host: "graph.facebook.com", tenant: &[("id", 0)] },
    Provider { host: "www.amazon.com", tenant: &[("user_id", 0)] },
    Provider { host: "cognito-identity.amazonaws.com", tenant: &[("sub", 0)] },
    Provider {
        host: "token.actions.githubusercontent.com",
        tenant: &[
            ("sub", 2),
            ("repository", 1),
            ("repository_id", 0),
            ("repository_owner", 0),
            ("repository_owner_id", 0),
            ("enterprise", 0),
            ("enterprise_id", 0),
        ],
    },
    Provider {
        host: "gitlab.com",
        tenant: &[("sub", 2), ("namespace_id", 0), ("namespace_path", 1), ("project_id", 0), ("project_path", 1)],
    },
    Provider { host: "oidc.circleci.com", tenant: &[("sub", 2)] },
    Provider {
        host: "app.terraform.io",
        tenant: &[("sub", 2), ("terraform_organization_id", 0), ("terraform_organization_name", 0)],
    },
    Provider { host: "agent.buildkite.com", tenant: &[("sub", 2), ("organization_slug", 0), ("organization_id", 0)] },
    Provider { host: "api.bitbucket.org", tenant: &[("sub", 1), ("workspaceuuid", 0), ("repositoryuuid", 0)] },
    Provider { host: "oidc.vercel.com", tenant: &[("sub", 2), ("owner_id", 0), ("project_id", 0)] },
    Provider { host: "api.pulumi.com", tenant: &[("sub", 4)] },
    Provider { host: "vstoken.dev.azure.com", tenant: &[("sub", 3)] },
];

impl Provider {
    /// The listed provider of a host, perhaps with a path.
    pub(super) fn of(host: &str) -> Option<&'static Provider> {
        PROVIDERS.iter().find(|provider| {
            let rest = host.strip_prefix(provider.host);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// The segments of a claim that name the customer; `None` for a claim that names none.
    pub(super) fn tenant_segments(&self, claim: &str) -> Option<usize> {
        // where a claim's name is a path, its last part names it
        let claim = claim.rsplit('/').next().unwrap_or(claim);
        self.tenant.iter().find(|(name, _)| *name == claim).map(|(_, segments)| *segments)
    }
}

#[cfg(test)]
mod tests {
    use super::Provider;

    #[test]
    fn hosts_with_and_without_path() {
        let host = |text: &str| Provider::of(text).map(|provider| provider.host);
        assert_eq!(host("oidc.circleci.com/org/1234"), Some("oidc.circleci.com"));
        assert_eq!(host("gitlab.com"), Some("gitlab.com"));
        assert_eq!(host("gitlab.company.example"), None);
        assert_eq!(host("gitlab.com.example"), None);
    }

    #[test]
    fn claims_that_name_a_customer() {
        let github = Provider::of("token.actions.githubusercontent.com").unwrap();
        assert_eq!(github.tenant_segments("sub"), Some(2));
        assert_eq!(github.tenant_segments("aud"), None);
        assert_eq!(github.tenant_segments("job_workflow_ref"), None);
    }
}
