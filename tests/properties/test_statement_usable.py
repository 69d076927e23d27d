"""
Which statements nobody can use, and which odd-looking ones somebody can.
"""

from __future__ import annotations

import pytest

import trustproof

Json = dict[str, object]
MFA: Json = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ACCOUNT: Json = {"AWS": "111122223333"}
OTHER: Json = {"AWS": "444455556666"}
ROLE: Json = {"AWS": "arn:aws:iam::111122223333:role/app"}
USER: Json = {"AWS": "arn:aws:iam::111122223333:user/alice"}
SERVICE: Json = {"Service": "scheduler.amazonaws.com"}
ROLES_ANYWHERE: Json = {"Service": "rolesanywhere.amazonaws.com"}
OF_CERTIFICATES = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
SAML: Json = {"Federated": "arn:aws:iam::111122223333:saml-provider/idp"}
GITHUB = "token.actions.githubusercontent.com"
OIDC: Json = {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{GITHUB}"}
PERMISSION_SET = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*"

ASSUME, WITH_SAML, WITH_TOKEN = "sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"


def allow(principal: Json, condition: Json | None = None, action: object = ASSUME) -> Json:
    """An Allow statement of a trust policy."""
    more = {"Condition": condition} if condition is not None else {}
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def deny(condition: Json | None = None, principal: object = "*", action: object = "sts:*") -> Json:
    """A Deny statement of a trust policy."""
    return {**allow(ACCOUNT, condition, action), "Effect": "Deny", "Principal": principal}


def one(key: str, value: object, operator: str = "StringEquals") -> Json:
    """A condition with one test."""
    return {operator: {key: value}}


def token(host: str, subject: str) -> Json:
    """An Allow for the tokens of a provider with some subject."""
    provider = f"arn:aws:iam::111122223333:oidc-provider/{host}"
    return allow({"Federated": provider}, one(f"{host}:sub", subject, "StringLike"), WITH_TOKEN)


EKS = "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789"
SUBJECTS = [
    ("repo:my-org/app:ref:refs/heads/main", "proved"),
    ("repo:my-org/app:pull_request", "proved"),
    ("repo:my-org/app", "proved"),
    ("repo:my-org/*", "proved"),
    ("repo:my-org*", "proved"),
    ("repo:my-org@123/app@456:*", "proved"),
    ("repository_owner:my-org", "proved"),
    ("repo_property_team:ours:repo:my-org/app", "proved"),
    ("*my-org/*", "proved"),
    ("REPO:my-org/*", "refuted"),
    ("repo:my-org", "refuted"),
    ("repo:/*", "refuted"),
    ("repo:my-org/app:refs/heads/main", "refuted"),
    ("repo:my-org@123/app:*", "refuted"),
    ("my-org/app:*", "refuted"),
]
SERVICE_ACCOUNTS = [
    ("system:serviceaccount:prod:app", "proved"),
    ("system:serviceaccount:*", "proved"),
    ("system:serviceaccount:prod/app", "refuted"),
    ("system:serviceaccount:prod", "refuted"),
    ("serviceaccount:prod:app", "refuted"),
]

PROVIDERS = "arn:aws:iam::111122223333:oidc-provider/"
#: Of which claims STS makes condition keys.
CLAIMS = [
    (GITHUB, "environment", "proved"),
    (GITHUB, "REF", "proved"),
    (f"{GITHUB}/octo", "repository_id", "proved"),
    ("token.actions.octo.ghe.com", "repository_id", "proved"),
    # Not documented, so not reported.
    ("github.example.com/_services/token", "repository_id", "proved"),
    (GITHUB, "event_name", "refuted"),
    (GITHUB, "repository_owner", "refuted"),
    (GITHUB, "runner_environment", "refuted"),
    ("gitlab.com", "runner_environment", "proved"),
    ("gitlab.com", "project_path", "refuted"),
    # Only for GitLab.com.
    ("gitlab.example.com", "namespace_id", "refuted"),
    ("gitlab.example.com", "email", "proved"),
    ("app.terraform.io", "terraform_organization_id", "refuted"),
    ("agent.buildkite.com", "pipeline_slug", "proved"),
    ("agent.buildkite.com", "step_key", "refuted"),
    ("oidc.circleci.com/org/1", "oidc.circleci.com/project-id", "proved"),
    ("idcs-abc.identity.oraclecloud.com", "rpst_id", "proved"),
    ("login.example.com", "groups", "refuted"),
    ("login.example.com", "oaud", "proved"),
]

#: A statement that somebody can use has its twin that nobody can use next to it.
CASES: list[tuple[str, list[Json], str]] = [
    ("MFA of people", [allow(ACCOUNT, MFA)], "proved"),
    ("MFA of a user", [allow(USER, MFA)], "proved"),
    ("MFA of a role", [allow(ROLE, MFA)], "refuted"),
    ("MFA of roles, by condition", [allow(ACCOUNT, {**MFA, **one("aws:PrincipalType", "AssumedRole")})], "refuted"),
    ("MFA of users, by condition", [allow(ACCOUNT, {**MFA, **one("aws:PrincipalType", "User")})], "proved"),
    ("MFA of a service", [allow(SERVICE, MFA)], "refuted"),
    (
        "MFA of a service, if it exists",
        [allow(SERVICE, one("aws:MultiFactorAuthPresent", "true", "BoolIfExists"))],
        "proved",
    ),
    ("MFA of an assertion", [allow(SAML, MFA, WITH_SAML)], "refuted"),
    ("MFA of a token", [allow(OIDC, MFA, WITH_TOKEN)], "refuted"),
    (
        "MFA of Identity Center",
        [allow(ACCOUNT, {**MFA, **one("aws:PrincipalArn", PERMISSION_SET, "ArnLike")})],
        "refuted",
    ),
    ("Identity Center", [allow(ACCOUNT, one("aws:PrincipalArn", PERMISSION_SET, "ArnLike"))], "proved"),
    ("no MFA asked for", [allow(ACCOUNT, one("aws:MultiFactorAuthPresent", "false", "Bool"))], "proved"),
    ("an age without MFA", [allow(ROLE, one("aws:MultiFactorAuthAge", "3600", "NumericLessThan"))], "refuted"),
    ("a negative age", [allow(ACCOUNT, one("aws:MultiFactorAuthAge", "0", "NumericLessThan"))], "refuted"),
    ("an age of nothing", [allow(ACCOUNT, one("aws:MultiFactorAuthAge", "0", "NumericLessThanEquals"))], "proved"),
    ("an age in words", [allow(ACCOUNT, one("aws:MultiFactorAuthAge", "1h", "NumericLessThan"))], "refuted"),
    (
        "an age in words, or none",
        [allow(ACCOUNT, one("aws:MultiFactorAuthAge", "1h", "NumericLessThanIfExists"))],
        "proved",
    ),
    ("an age, or words", [allow(ACCOUNT, one("aws:MultiFactorAuthAge", ["1h", "60"], "NumericLessThan"))], "proved"),
    ("no age in words", [allow(ACCOUNT, one("aws:MultiFactorAuthAge", "1h", "NumericNotEquals"))], "proved"),
    ("a tag in words", [allow(ACCOUNT, one("aws:PrincipalTag/level", "high", "NumericEquals"))], "unknown"),
    (
        "denied by a test of words",
        [allow(ACCOUNT), deny(one("aws:MultiFactorAuthAge", "1h", "NumericNotEquals"))],
        "unknown",
    ),
    ("MFA and no key", [allow(ACCOUNT, {**MFA, **one("aws:MultiFactorAuthPresent", "true", "Null")})], "refuted"),
    ("MFA and some key", [allow(ACCOUNT, {**MFA, **one("aws:MultiFactorAuthPresent", "false", "Null")})], "proved"),
    (
        "age without the MFA key",
        [
            allow(
                ACCOUNT,
                {
                    **one("aws:MultiFactorAuthAge", "9", "NumericLessThan"),
                    **one("aws:MultiFactorAuthPresent", "false", "Bool"),
                },
            )
        ],
        "refuted",
    ),
    ("a user name where roles come", [allow(ROLE, one("aws:username", "alice"))], "refuted"),
    ("a user name where users come", [allow(ACCOUNT, one("aws:username", "alice"))], "proved"),
    (
        "the user's name as session",
        [allow(ACCOUNT, one("sts:RoleSessionName", "${aws:username}", "StringLike"))],
        "proved",
    ),
    (
        "the user's name of a role",
        [allow(ROLE, one("sts:RoleSessionName", "${aws:username}", "StringLike"))],
        "refuted",
    ),
    ("a name of one character", [allow(ACCOUNT, one("sts:RoleSessionName", "x"))], "refuted"),
    ("a name of two characters", [allow(ACCOUNT, one("sts:RoleSessionName", "xy"))], "proved"),
    ("a blank in a name", [allow(ACCOUNT, one("sts:RoleSessionName", "my session"))], "refuted"),
    ("an external id", [allow(ACCOUNT, one("sts:ExternalId", "customer:1/2"))], "proved"),
    ("a number sign in an external id", [allow(ACCOUNT, one("sts:ExternalId", "customer#1"))], "refuted"),
    ("an external id of a token", [allow(OIDC, one("sts:ExternalId", "customer"), WITH_TOKEN)], "refuted"),
    (
        "a reserved source identity",
        [allow(ACCOUNT, one("sts:SourceIdentity", "aws:alice"), [ASSUME, "sts:SetSourceIdentity"])],
        "refuted",
    ),
    (
        "a source identity",
        [allow(ACCOUNT, one("sts:SourceIdentity", "alice"), [ASSUME, "sts:SetSourceIdentity"])],
        "proved",
    ),
    ("a source identity that may not be set", [allow(ACCOUNT, one("sts:SourceIdentity", "alice"))], "refuted"),
    ("a tag that may not be passed", [allow(ACCOUNT, one("aws:RequestTag/team", "red"))], "refuted"),
    ("a tag", [allow(ACCOUNT, one("aws:RequestTag/team", "red"), [ASSUME, "sts:TagSession"])], "proved"),
    ("a duration", [allow(ACCOUNT, one("sts:DurationSeconds", "3600", "NumericLessThanEquals"))], "refuted"),
    (
        "a duration, if it exists",
        [allow(ACCOUNT, one("sts:DurationSeconds", "3600", "NumericLessThanEqualsIfExists"))],
        "proved",
    ),
    (
        "a wildcard in an exact operator",
        [allow(ACCOUNT, one("aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"))],
        "refuted",
    ),
    *(
        (f"a wildcard in StringEquals {key}", [allow(principal, one(key, value), action)], "refuted")
        for key, value, principal, action in (
            ("aws:PrincipalAccount", "1111*", ACCOUNT, ASSUME),
            ("aws:PrincipalOrgID", "o-*", ACCOUNT, ASSUME),
            ("aws:PrincipalTag/team", "red-?", ACCOUNT, ASSUME),
            ("aws:PrincipalType", "Us*", ACCOUNT, ASSUME),
            ("aws:RequestedRegion", "eu-*", ACCOUNT, ASSUME),
            ("aws:SourceVpc", "vpc-*", ACCOUNT, ASSUME),
            ("aws:SourceVpce", "vpce-*", ACCOUNT, ASSUME),
            ("aws:CalledViaFirst", "*.amazonaws.com", ACCOUNT, ASSUME),
            ("aws:username", "dev-*", ACCOUNT, ASSUME),
            ("aws:userid", "*:me", ACCOUNT, ASSUME),
            ("sts:RoleSessionName", "me-*", ACCOUNT, ASSUME),
            ("sts:ExternalId", "customer-*", ACCOUNT, ASSUME),
            ("aws:SourceAccount", "1111*", SERVICE, ASSUME),
            ("aws:SourceArn", "arn:aws:scheduler:*:111122223333:schedule-group/*", SERVICE, ASSUME),
            ("aws:SourceOrgID", "o-*", SERVICE, ASSUME),
            ("SAML:aud", "https://*.signin.aws.amazon.com/saml", SAML, WITH_SAML),
            ("SAML:sub", "dev-*", SAML, WITH_SAML),
            (f"{GITHUB}:aud", "sts.*", OIDC, WITH_TOKEN),
            (f"{GITHUB}:repository", "org/*", OIDC, WITH_TOKEN),
        )
    ),
    (
        "a wildcard in StringEqualsIgnoreCase",
        [allow(ACCOUNT, one("aws:SourceVpc", "VPC-*", "StringEqualsIgnoreCase"))],
        "refuted",
    ),
    (
        "a wildcard in every value",
        [allow(ACCOUNT, one("aws:CalledVia", ["a*", "b?"], "ForAnyValue:StringEquals"))],
        "refuted",
    ),
    ("a wildcard in one of two values", [allow(ACCOUNT, one("aws:SourceVpce", ["vpce-*", "vpce-1"]))], "proved"),
    ("a wildcard, if it exists", [allow(ACCOUNT, one("aws:SourceVpce", "vpce-*", "StringEqualsIfExists"))], "proved"),
    ("a wildcard in StringLike", [allow(ACCOUNT, one("aws:SourceVpce", "vpce-*", "StringLike"))], "proved"),
    # Callers write these as they please.
    ("a wildcard in a user agent", [allow(ACCOUNT, one("aws:UserAgent", "app/*"))], "proved"),
    ("a wildcard in a referer", [allow(ACCOUNT, one("aws:Referer", "https://example.com/*"))], "proved"),
    # SageMaker calls its sources so, and no other service does.
    (
        "a wildcard in a source of SageMaker",
        [allow({"Service": "sagemaker.amazonaws.com"}, one("aws:SourceArn", "arn:aws:sagemaker:*:111122223333:*"))],
        "proved",
    ),
    *(
        (
            f"a wildcard in a source of {name}",
            [
                allow(
                    {"Service": f"{name}.amazonaws.com"},
                    one("aws:SourceArn", f"arn:aws:{name}:us-east-1:111122223333:*"),
                )
            ],
            "refuted",
        )
        for name in ("codebuild", "states")
    ),
    (
        "a wildcard in ArnEquals",
        [allow(ACCOUNT, one("aws:PrincipalArn", "arn:aws:iam::111122223333:role/*", "ArnEquals"))],
        "proved",
    ),
    (
        "a session as PrincipalArn",
        [allow(ACCOUNT, one("aws:PrincipalArn", "arn:aws:sts::111122223333:assumed-role/app/me", "ArnLike"))],
        "refuted",
    ),
    # A service has no tags, but what Roles Anywhere reads in certificates.
    ("a tag of a service", [allow(SERVICE, one("aws:PrincipalTag/team", "red"))], "refuted"),
    (
        "a tag of a service, if it exists",
        [allow(SERVICE, one("aws:PrincipalTag/team", "red", "StringEqualsIfExists"))],
        "proved",
    ),
    ("a tag of a service, or not", [allow(SERVICE, one("aws:PrincipalTag/team", "red", "StringNotEquals"))], "proved"),
    (
        "a tag of a certificate",
        [allow(ROLES_ANYWHERE, one("aws:PrincipalTag/x509Subject/CN", "app"), OF_CERTIFICATES)],
        "proved",
    ),
    ("a certificate, of which nothing may be passed", [allow(ROLES_ANYWHERE)], "refuted"),
    ("a certificate without source identity", [allow(ROLES_ANYWHERE, None, OF_CERTIFICATES[:2])], "refuted"),
    ("a certificate without tags", [allow(ROLES_ANYWHERE, None, OF_CERTIFICATES[::2])], "refuted"),
    (
        "a certificate, by two statements",
        [allow(ROLES_ANYWHERE), allow(ROLES_ANYWHERE, None, OF_CERTIFICATES[1:])],
        "proved",
    ),
    ("a pod, which passes tags", [allow({"Service": "pods.eks.amazonaws.com"}, None, OF_CERTIFICATES[:2])], "proved"),
    ("a pod that may pass no tags", [allow({"Service": "pods.eks.amazonaws.com"})], "refuted"),
    ("a pod, or a certificate", [allow({"Service": ["pods.eks.amazonaws.com", ROLES_ANYWHERE["Service"]]})], "refuted"),
    ("a certificate, or a service", [allow({"Service": [ROLES_ANYWHERE["Service"], SERVICE["Service"]]})], "proved"),
    (
        "a tag of a service or of an account",
        [allow({**SERVICE, **ACCOUNT}, one("aws:PrincipalTag/team", "red"))],
        "proved",
    ),
    (
        "a tag of a service, or of a certificate",
        [
            allow(
                {"Service": ["scheduler.amazonaws.com", "rolesanywhere.amazonaws.com"]},
                one("aws:PrincipalTag/team", "a"),
            )
        ],
        "proved",
    ),
    ("another account than the principal's", [allow(ACCOUNT, one("aws:PrincipalAccount", "222233334444"))], "refuted"),
    (
        "two names",
        [allow(ACCOUNT, {**one("aws:username", "alice"), **one("aws:username", "b*", "StringLike")})],
        "refuted",
    ),
    (
        "a wildcard in the exact one of two operators",
        [allow(ACCOUNT, {**one("aws:username", "al*", "StringLike"), **one("aws:username", "*ce")})],
        "refuted",
    ),
    ("a key of KMS, which no request to STS carries", [allow(ACCOUNT, one("kms:ViaService", "x"))], "refuted"),
    ("a key of S3, which no request to STS carries", [allow(ACCOUNT, one("s3:prefix", "x"))], "refuted"),
    ("a key of S3 that must not be a value", [allow(ACCOUNT, one("s3:prefix", "x", "StringNotEquals"))], "proved"),
    ("a key of EC2, of which nothing is concluded", [allow(ACCOUNT, one("ec2:ResourceTag/x", "x"))], "proved"),
    ("a misspelt key", [allow(ACCOUNT, one("aws:MultiFactorAuthPresnt", "true", "Bool"))], "refuted"),
    (
        "a misspelt key, if it exists",
        [allow(ACCOUNT, one("aws:MultiFactorAuthPresnt", "true", "BoolIfExists"))],
        "proved",
    ),
    ("a key in another case", [allow(ACCOUNT, one("AWS:multifactorauthpresent", "true", "Bool"))], "proved"),
    ("the source account of a service", [allow(SERVICE, one("aws:SourceAccount", "111122223333"))], "proved"),
    ("the source account of a role", [allow(ROLE, one("aws:SourceAccount", "111122223333"))], "refuted"),
    (
        "the source ARN of a token",
        [allow(OIDC, one("aws:SourceArn", "arn:aws:sns:*:111122223333:*", "ArnLike"), WITH_TOKEN)],
        "refuted",
    ),
    (
        "a source that contradicts its account",
        [
            allow(
                SERVICE,
                {
                    **one("aws:SourceAccount", "111122223333"),
                    **one("aws:SourceArn", "arn:aws:scheduler:*:222233334444:*", "ArnLike"),
                },
            )
        ],
        "refuted",
    ),
    ("the organization of a service", [allow(SERVICE, one("aws:PrincipalOrgID", "o-aaaabbbbcc"))], "refuted"),
    ("the organization of a token", [allow(OIDC, one("aws:PrincipalOrgID", "o-aaaabbbbcc"), WITH_TOKEN)], "refuted"),
    ("the organization of an account", [allow(ACCOUNT, one("aws:PrincipalOrgID", "o-aaaabbbbcc"))], "proved"),
    (
        "an organization without its path",
        [
            allow(
                ACCOUNT,
                {
                    **one("aws:PrincipalOrgID", "o-aaaabbbbcc"),
                    **one("aws:PrincipalOrgPaths", "o-zzzzzzzzzz/*", "ForAnyValue:StringLike"),
                },
            )
        ],
        "refuted",
    ),
    ("an organization that is no id", [allow(ACCOUNT, one("aws:PrincipalOrgID", "my-organization"))], "refuted"),
    ("AssumeRole of an assertion", [allow(SAML, None, ASSUME)], "refuted"),
    ("AssumeRoleWithSAML of a token", [allow(OIDC, None, WITH_SAML)], "refuted"),
    ("AssumeRoleWithWebIdentity of an account", [allow(ACCOUNT, None, WITH_TOKEN)], "refuted"),
    ("every action of a token", [allow(OIDC, None, "sts:*")], "proved"),
    ("a source identity of a session", [allow(ROLE, one("aws:SourceIdentity", "op"))], "refuted"),
    ("one that goes on", [allow(ROLE, one("aws:SourceIdentity", "op"), [ASSUME, "sts:SetSourceIdentity"])], "proved"),
    ("one of a user", [allow(USER, one("aws:SourceIdentity", "op"), [ASSUME, "sts:SetSourceIdentity"])], "refuted"),
    # These are asked for as a part of the call that gets credentials, and never by themselves.
    ("TagSession alone", [allow(ACCOUNT, None, "sts:TagSession")], "refuted"),
    ("TagSession of a token alone", [allow(OIDC, None, "sts:TagSession")], "refuted"),
    ("TagSession of a token", [allow(OIDC, None, WITH_TOKEN), allow(OIDC, None, "sts:TagSession")], "proved"),
    ("SetContext alone", [allow(ACCOUNT, None, ["sts:SetContext", "sts:SetSourceIdentity"])], "refuted"),
    ("TagSession of others", [allow(OTHER, None, "sts:TagSession"), allow(ACCOUNT)], "refuted"),
    ("TagSession of the same", [allow(ACCOUNT, None, "sts:TagSession"), allow(ACCOUNT, MFA)], "proved"),
    (
        "TagSession with a tag that the call may not have",
        [
            allow(ACCOUNT, one("aws:RequestTag/team", "red"), "sts:TagSession"),
            allow(ACCOUNT, one("aws:RequestTag/team", "blue")),
        ],
        "refuted",
    ),
    ("everything but the call", [{"Effect": "Allow", "Principal": ACCOUNT, "NotAction": ASSUME}], "refuted"),
    (
        "everything but another call",
        [{"Effect": "Allow", "Principal": ACCOUNT, "NotAction": "sts:AssumeRoleWith*"}],
        "proved",
    ),
    (
        "a tag that others may pass",
        [allow(ACCOUNT, one("aws:RequestTag/team", "red")), allow(OTHER, None, "sts:TagSession")],
        "refuted",
    ),
    (
        "a claim of another provider",
        [allow(OIDC, one("gitlab.com:sub", "project_path:group/app:*", "StringLike"), WITH_TOKEN)],
        "refuted",
    ),
    ("a claim of the provider", [allow(OIDC, one(f"{GITHUB}:sub", "repo:org/*", "StringLike"), WITH_TOKEN)], "proved"),
    ("a principal with a wildcard", [allow({"AWS": "arn:aws:iam::111122223333:role/*"})], "refuted"),
    ("a group as principal", [allow({"AWS": "arn:aws:iam::111122223333:group/admins"})], "refuted"),
    ("a session as principal", [allow({"AWS": "arn:aws:sts::111122223333:assumed-role/app/me"})], "proved"),
    ("a deleted user", [allow({"AWS": "AIDAEXAMPLE0000000001"})], "proved"),
    ("everything is denied", [allow(ACCOUNT), deny()], "refuted"),
    (
        "people without MFA are denied",
        [allow(ACCOUNT), deny(one("aws:MultiFactorAuthPresent", "false", "BoolIfExists"))],
        "proved",
    ),
    (
        "a service next to an MFA Deny",
        [allow(SERVICE), deny(one("aws:MultiFactorAuthPresent", "false", "BoolIfExists"))],
        "refuted",
    ),
    (
        "a service next to an MFA Deny of users",
        [allow(SERVICE), deny(one("aws:MultiFactorAuthPresent", "false", "BoolIfExists"), {"AWS": "*"})],
        "proved",
    ),
    ("what is allowed is denied", [allow(USER), deny(None, USER)], "refuted"),
    ("another is denied", [allow(USER), deny(None, ROLE)], "proved"),
    ("MFA is denied, and asked for", [allow(ACCOUNT, MFA), deny(MFA)], "refuted"),
    ("a second statement that nobody can use", [allow(ACCOUNT, MFA), allow(SERVICE, MFA)], "refuted"),
    (
        "times that exclude each other",
        [
            allow(
                ACCOUNT,
                {
                    **one("aws:CurrentTime", "2034-01-01T00:00:00Z", "DateGreaterThan"),
                    **one("aws:CurrentTime", "2033-01-01T00:00:00Z", "DateLessThan"),
                },
            )
        ],
        "refuted",
    ),
    (
        "a time that is over",
        [allow(ACCOUNT, one("aws:CurrentTime", "2020-01-01T00:00:00Z", "DateLessThan"))],
        "refuted",
    ),
    ("a second that is over", [allow(ACCOUNT, one("aws:EpochTime", "1577836800", "NumericLessThan"))], "refuted"),
    ("a time to come", [allow(ACCOUNT, one("aws:CurrentTime", "2035-01-01T00:00:00Z", "DateLessThan"))], "proved"),
    ("a time that has begun", [allow(ACCOUNT, one("aws:EpochTime", "1577836800", "DateGreaterThan"))], "proved"),
    (
        "a Deny that is over",
        [allow(USER), deny(one("aws:CurrentTime", "2020-01-01T00:00:00Z", "DateLessThan"))],
        "proved",
    ),
    (
        "a Deny that has begun",
        [allow(USER), deny(one("aws:CurrentTime", "2020-01-01T00:00:00Z", "DateGreaterThan"))],
        "refuted",
    ),
    (
        "a window of time",
        [
            allow(
                ACCOUNT,
                {
                    **one("aws:CurrentTime", "2033-01-01T00:00:00Z", "DateGreaterThan"),
                    **one("aws:CurrentTime", "2034-01-01T00:00:00Z", "DateLessThan"),
                },
            )
        ],
        "proved",
    ),
    ("a private address", [allow(ACCOUNT, one("aws:SourceIp", ["10.0.0.0/8", "fd00::/8"], "IpAddress"))], "refuted"),
    ("a public address too", [allow(ACCOUNT, one("aws:SourceIp", ["10.0.0.0/8", "192.0.2.7"], "IpAddress"))], "proved"),
    ("no private address", [allow(ACCOUNT, one("aws:SourceIp", "10.0.0.0/8", "NotIpAddress"))], "proved"),
    ("a private address of a VPC", [allow(ACCOUNT, one("aws:VpcSourceIp", "10.0.0.0/8", "IpAddress"))], "proved"),
    ("without TLS", [allow(ACCOUNT, one("aws:SecureTransport", "false", "Bool"))], "refuted"),
    ("a service without TLS", [allow(SERVICE, one("aws:SecureTransport", "false", "Bool"))], "proved"),
    (
        "no address",
        [
            allow(
                ACCOUNT,
                {**one("aws:SourceIp", "192.0.2.0/24", "IpAddress"), "NotIpAddress": {"aws:SourceIp": "192.0.2.0/23"}},
            )
        ],
        "refuted",
    ),
    (
        "an address through an endpoint",
        [allow(ACCOUNT, {**one("aws:SourceIp", "192.0.2.0/24", "IpAddress"), **one("aws:SourceVpce", "vpce-1")})],
        "refuted",
    ),
    *((f"a subject {sub}", [token(GITHUB, sub)], expected) for sub, expected in SUBJECTS),
    *((f"a subject {sub}", [token(EKS, sub)], expected) for sub, expected in SERVICE_ACCOUNTS),
    ("a subject without an organization", [token("app.terraform.io", "project:p:*")], "refuted"),
    ("a subject with an organization", [token("app.terraform.io", "organization:o:*")], "proved"),
    # A person who signs in to GitLab is a number there.
    (
        "a provider of another account",
        [allow({"Federated": f"arn:aws:iam::444455556666:oidc-provider/{GITHUB}"}, None, WITH_TOKEN)],
        "refuted",
    ),
    (
        "a provider of another account, and one of ours",
        [allow({"Federated": [*OIDC.values(), f"arn:aws:iam::444455556666:oidc-provider/{GITHUB}"]}, None, WITH_TOKEN)],
        "proved",
    ),
    ("a built-in provider", [allow({"Federated": "accounts.google.com"}, None, WITH_TOKEN)], "proved"),
    ("anybody with a token", [allow({"AWS": "*"}, None, "sts:*")], "proved"),
    *(
        (
            f"{claim} of {host}",
            [allow({"Federated": PROVIDERS + host}, one(f"{host}:{claim}", "1"), WITH_TOKEN)],
            expected,
        )
        for host, claim, expected in CLAIMS
    ),
    ("a number as a subject", [token("gitlab.com", "4711")], "proved"),
    ("no values", [allow(ACCOUNT, one("aws:username", []))], "refuted"),
]


@pytest.mark.parametrize(("statements", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_verdict(statements: list[Json], expected: str) -> None:
    """The verdict is the one of the table; a proof is a request, and a refutation has none that is let in."""
    policy = {"Version": "2012-10-17", "Statement": statements}
    found = trustproof.prove(policy, "statement-usable", account="111122223333")
    assert found.verdict == expected
    assert found.counterexample is None or found.counterexample.refused


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("aws:RequestTag/team", "a,b", "refuted"),
        ("aws:RequestTag/team", "a b/c@d", "proved"),
        ("aws:RequestTag/team", "équipe", "proved"),
        ("aws:RequestTag/team", ["a;b", "ab"], "proved"),
        ("aws:RequestTag/te,am", "a", "refuted"),
        ("aws:PrincipalTag/team", "a,b", "refuted"),
        ("aws:PrincipalTag/team", "a" * 257, "refuted"),
        ("aws:ResourceTag/team", "a,", "refuted"),
    ],
)
def test_values_that_no_tag_has(key: str, value: str | list[str], expected: str) -> None:
    """What needs a tag that IAM and STS do not take is of no use; MFA is asked of nobody by it."""
    condition = {"StringEquals": {key: value}}
    statement = allow({"AWS": "arn:aws:iam::111122223333:user/u"}, condition, ["sts:AssumeRole", "sts:TagSession"])
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    assert trustproof.prove(policy, "statement-usable", account="111122223333").verdict == expected
    # What another tool may put in the place of a comma is no value that nobody has.
    of_mfa = "unknown" if "," in value else "proved"
    assert trustproof.prove(policy, "mfa-required", account="111122223333").verdict == (
        "refuted" if expected == "proved" else of_mfa
    )


def test_tags_of_certificates() -> None:
    """Of what a service passes for a certificate it is not known which characters it has."""
    key = "aws:PrincipalTag/x509Subject/O"
    condition = {"StringEquals": {key: "Acme, Inc.", "aws:SourceAccount": "111122223333"}}
    statement = allow(ROLES_ANYWHERE, condition, OF_CERTIFICATES)
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    assert trustproof.prove(policy, "statement-usable", account="111122223333").verdict == "proved"


def test_a_provider_where_the_account_is_not_known() -> None:
    """A policy may go to the account that the provider is in."""
    statement = allow({"Federated": f"arn:aws:iam::444455556666:oidc-provider/{GITHUB}"}, None, WITH_TOKEN)
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    assert trustproof.prove(policy, "statement-usable").verdict == "proved"


def test_variable_needs_the_new_language() -> None:
    """Without `Version`, a policy variable is text that no session is called."""
    statement = allow(ACCOUNT, one("sts:RoleSessionName", "${aws:username}"))
    assert trustproof.prove({"Version": "2012-10-17", "Statement": [statement]}, "statement-usable").verdict == "proved"
    assert trustproof.prove({"Statement": [statement]}, "statement-usable").verdict == "refuted"


def test_each_resource_of_one_body_has_its_own_statements() -> None:
    """That somebody can use what one body of ``Fn::ForEach`` gives one role or user says nothing of the other one."""
    look = {"Fn::FindInMap": ["M", {"Ref": "A"}, "value"]}

    def refuted(body: Json, first: str, second: str) -> list[str]:
        template = {
            "Transform": "AWS::LanguageExtensions",
            "Mappings": {"M": {"aa": {"value": first}, "bb": {"value": second}}},
            "Resources": {"Fn::ForEach::R": ["A", ["aa", "bb"], {"R${A}": body}]},
        }
        report = trustproof.check([template], properties=["statement-usable"])
        assert {one.logical_id for one in report.verdicts} == {"Raa", "Rbb"}
        return [one.logical_id for one in report.verdicts if one.verdict == "refuted"]

    trust = {"Version": "2012-10-17", "Statement": [allow({"AWS": look})]}
    role: Json = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    nobody = "arn:aws:sts::111122223333:federated-user/x"
    assert refuted(role, "111122223333", nobody) == ["Rbb"]
    assert refuted(role, nobody, "111122223333") == ["Raa"]
    own = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": look, "Resource": "arn:aws:s3:::b/*"}]}
    user: Json = {"Type": "AWS::IAM::User", "Properties": {"Policies": [{"PolicyName": "o", "PolicyDocument": own}]}}
    assert refuted(user, "s3:GetObject", "iam:CreateUser") == ["Rbb"]


@pytest.mark.parametrize(
    ("action", "deny_without_mfa", "verdict"),
    [
        # A session that carries MFA begins no other session, and a long-term key carries none.
        ("sts:GetFederationToken", True, "refuted"),
        ("sts:GetFederationToken", False, "proved"),
        ("sts:GetCallerIdentity", True, "proved"),
    ],
)
def test_a_session_begins_no_session(action: str, deny_without_mfa: bool, verdict: str) -> None:
    """A Deny without MFA stops the calls of which nobody who has used MFA is capable."""
    statements: list[Json] = [{"Effect": "Allow", "Action": action, "Resource": "*"}]
    if deny_without_mfa:
        without = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
        statements.append({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": without})
    document = {"Version": "2012-10-17", "Statement": statements}
    group = {"Type": "AWS::IAM::Group", "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": document}]}}
    report = trustproof.check([{"Resources": {"Group": group}}], properties=["statement-usable"])
    assert [one.verdict for one in report.results if one.property == "statement-usable"] in ([verdict], [])
    if deny_without_mfa:
        assert report.results[0].verdict == verdict


@pytest.mark.parametrize(("name", "verdict"), [("a", "refuted"), ("al", "proved")])
def test_a_user_name_may_be_too_short_for_a_source_identity(name: str, verdict: str) -> None:
    """A name of one character is none that AWS STS takes for a source identity, and the reason says so."""
    condition: Json = {"StringEquals": {"sts:SourceIdentity": "${aws:username}"}}
    user: Json = {"AWS": f"arn:aws:iam::111122223333:user/{name}"}
    statement = allow(user, condition, [ASSUME, "sts:SetSourceIdentity"])
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}
    report = trustproof.check([{"Resources": {"R": role}}], account="111122223333", properties=["statement-usable"])
    assert [one.verdict for one in report.results] == [verdict]
    if verdict == "refuted":
        assert "a value of sts:SourceIdentity has 2 to 64 characters" in str(report.results[0])


@pytest.mark.parametrize("asked", [{}, {"Condition": one("aws:ResourceOrgID", "${aws:PrincipalOrgID}")}], ids=str)
def test_a_change_of_two_statements_is_words(asked: Json) -> None:
    """
    A diff that bounds the Allow and leaves the Deny as it is would put nothing right; and of an account that may be in
    an organization nobody says that it is in none.
    """
    statements = [
        {"Effect": "Allow", "Action": ASSUME, "Resource": "*", **asked},
        {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": one("aws:MultiFactorAuthPresent", "false", "BoolIfExists"),
        },
    ]
    properties = {
        "InstanceArn": "arn:aws:sso:::instance/ssoins-1",
        "Name": "Dev",
        "InlinePolicy": {"Version": "2012-10-17", "Statement": statements},
    }
    template = {"Resources": {"Set": {"Type": "AWS::SSO::PermissionSet", "Properties": properties}}}
    report = trustproof.check([template], account="111122223333", config={}, properties=["statement-usable"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.remedy is not None
    assert "keep the Deny to users" in found.remedy.text
    assert bool(found.remedy.edits) is bool(asked)
    assert "aws:PrincipalOrgID is never" not in str(found)


@pytest.mark.parametrize("default", ["<<substitute_region>>", "a b", "eu-west-1"])
def test_a_default_that_is_in_no_name_is_no_name(default: str) -> None:
    """IAM takes no such name, so whoever deploys gives another one; what the role may do then can be used."""
    region = one("aws:RequestedRegion", "eu-west-1")
    reads = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": region}
    says = {"Version": "2012-10-17", "Statement": [reads]}
    trust = {"Version": "2012-10-17", "Statement": [allow({"Service": "ec2.amazonaws.com"})]}
    properties = {
        "RoleName": {"Fn::Sub": "discovery-${P}"},
        "AssumeRolePolicyDocument": trust,
        "Policies": [{"PolicyName": "p", "PolicyDocument": says}],
    }
    template = {
        "Parameters": {"P": {"Type": "String", "Default": default}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}},
    }
    report = trustproof.check([template], config={}, properties=["statement-usable"])
    assert {found.verdict for found in report.results} == {"proved"}


def test_an_external_id_that_is_to_be_given_is_asked_of_whoever_deploys() -> None:
    """What the default of a parameter makes useless is a note, and the parameter is to get a value."""
    condition = {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": "222233334444"},
        "Action": "sts:AssumeRole",
        "Condition": condition,
    }
    document = {"Version": "2012-10-17", "Statement": trust}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    template = {"Parameters": {"ExternalId": {"Type": "String", "Default": ""}}, "Resources": {"R": role}}
    report = trustproof.check([template], account="111122223333", config={})
    (found,) = (one for one in report.results if one.property == "statement-usable")
    assert (found.verdict, found.severity) == ("refuted", "note")
    assert found.remedy is not None
    assert found.remedy.text.startswith("give ExternalId a")
    assert not any(" is ," in line for line in found.why)


def test_a_resource_that_stands_for_none_is_of_one_form_only() -> None:
    """What a statement says where it is switched off need not be usable, and where it says nothing else it is not."""
    off, key = "arn:aws:sqs:eu-west-2:000000000000:not-used", "arn:aws:kms:eu-west-2:111122223333:key/k"
    for resource, verdict in (({"Fn::If": ["On", key, off]}, "proved"), (off, "refuted")):
        held = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": resource}],
        }
        template = {
            "Parameters": {"On": {"Type": "String", "AllowedValues": ["yes", "no"]}},
            "Conditions": {"On": {"Fn::Equals": [{"Ref": "On"}, "yes"]}},
            "Resources": {
                "U": {
                    "Type": "AWS::IAM::User",
                    "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": held}]},
                }
            },
        }
        report = trustproof.check([template], properties=["statement-usable"])
        assert [one.verdict for one in report.results] == [verdict]


def test_a_value_that_a_parameter_gives_is_to_be_another_one() -> None:
    """Where a parameter is empty for off, no remedy takes out the key that is compared with it."""
    statement = allow({"AWS": "*"}, one("aws:PrincipalOrgPaths", {"Ref": "Paths"}, "ForAnyValue:StringEquals"))
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    template = {
        "Parameters": {"Paths": {"Type": "CommaDelimitedList", "Default": ""}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}},
    }
    report = trustproof.check([template], properties=["statement-usable"])
    remedy = "give Paths a value; where there is none, leave the statement out"
    assert [str(found.remedy) for found in report.results] == [remedy]


@pytest.mark.parametrize(
    ("value", "wanted", "severity"),
    [
        ("False", "True", "note"),
        ("off", ["on"], "note"),
        ("red", "blue", "error"),
        ("True", "False", "error"),
        ("False", ["True", "maybe"], "error"),
    ],
)
def test_a_tag_that_is_off_is_a_note(value: str, wanted: object, severity: str) -> None:
    """Break-glass access is written so: whoever needs it sets the tag."""
    statement = allow(ACCOUNT, one("aws:ResourceTag/Enabled", wanted, "StringEquals"))
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    properties = {"AssumeRolePolicyDocument": trust, "Tags": [{"Key": "Enabled", "Value": value}]}
    template = {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}}
    (found,) = trustproof.check([template], properties=["statement-usable"], account="111122223333", config={}).results
    assert (found.verdict, found.severity) == ("refuted", severity)


def test_what_a_template_makes_itself_has_an_arn_of_its_kind() -> None:
    """A group of schedules, and the revision of a definition of tasks that runs in a cluster without a name."""
    trust = {"Version": "2012-10-17", "Statement": [allow(SERVICE, {"ArnLike": {"aws:SourceArn": _arn("Group")}})]}
    runs = {
        "Effect": "Allow",
        "Action": "ecs:RunTask",
        "Resource": {"Ref": "Tasks"},
        "Condition": {"ArnEquals": {"ecs:cluster": _arn("Cluster")}},
    }
    policy = {"Version": "2012-10-17", "Statement": [runs]}
    template = {
        "Resources": {
            "Group": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": "nightly"}},
            "Tasks": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Family": "report"}},
            "Cluster": {"Type": "AWS::ECS::Cluster"},
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": trust,
                    "Policies": [{"PolicyName": "p", "PolicyDocument": policy}],
                },
            },
        }
    }
    report = trustproof.check([template], properties=["statement-usable"])
    assert [one.verdict for one in report.results] == ["proved", "proved"]


def _arn(logical_id: str) -> Json:
    return {"Fn::GetAtt": [logical_id, "Arn"]}
