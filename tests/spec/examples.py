"""
One realistic request of every kind of caller, for tests to start from.
"""

from __future__ import annotations

from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SAML,
    SERVICE,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    USERS,
    WEB_IDENTITY,
    Caller,
    ContextValue,
    Request,
)
from trustproof.spec.realism import principal_keys

ROLE = "arn:aws:iam::111111111111:role/Deployer"
ALICE = "arn:aws:iam::222222222222:user/people/alice"
WORKER = "arn:aws:iam::222222222222:role/ci/Worker"
IDENTITY_CENTER_ROLE = (
    "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef"
)
SAML_PROVIDER = "arn:aws:iam::111111111111:saml-provider/Corp"
OIDC_PROVIDER = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"

CALLERS: dict[str, Caller] = {
    **{kind: Caller(kind, ALICE, userid="AIDAEXAMPLEALICE") for kind in USERS},
    ROLE_SESSION: Caller(ROLE_SESSION, WORKER, "build-7", "AROAEXAMPLEWORKER:build-7"),
    IDENTITY_CENTER: Caller(IDENTITY_CENTER, IDENTITY_CENTER_ROLE, "alice@corp", "AROAEXAMPLESSO:alice@corp"),
    SAML: Caller(SAML, SAML_PROVIDER),
    WEB_IDENTITY: Caller(WEB_IDENTITY, OIDC_PROVIDER),
    FEDERATED_USER: Caller(FEDERATED_USER, "arn:aws:sts::222222222222:federated-user/bo", userid="222222222222:bo"),
    SERVICE: Caller(SERVICE, "scheduler.amazonaws.com"),
    ROOT: Caller(ROOT, "arn:aws:iam::222222222222:root", userid="222222222222"),
    ANONYMOUS: Caller(ANONYMOUS),
}

#: Callers that can assume roles, and the action they do it with.
ASSUMING = {
    **dict.fromkeys((*USERS, ROLE_SESSION, IDENTITY_CENTER, SERVICE), "sts:AssumeRole"),
    SAML: "sts:AssumeRoleWithSAML",
    WEB_IDENTITY: "sts:AssumeRoleWithWebIdentity",
}

_ALWAYS: dict[str, ContextValue] = {
    "aws:currenttime": "2026-12-01T10:30:00Z",
    "aws:epochtime": "1796121000",
    "aws:securetransport": "true",
    "aws:viaawsservice": "false",
    "aws:requestedregion": "eu-west-1",
}
_OF_KIND: dict[str, dict[str, ContextValue]] = {
    USER_KEY_MFA: {"aws:multifactorauthage": "3"},
    USER_SESSION: {"aws:tokenissuetime": "2026-12-01T10:00:00Z"},
    USER_SESSION_MFA: {"aws:tokenissuetime": "2026-12-01T10:00:00Z", "aws:multifactorauthage": "1800"},
    ROLE_SESSION: {"aws:tokenissuetime": "2026-12-01T10:00:00Z"},
    IDENTITY_CENTER: {"aws:tokenissuetime": "2026-12-01T10:00:00Z"},
    FEDERATED_USER: {"aws:tokenissuetime": "2026-12-01T10:00:00Z"},
    SAML: {
        "saml:aud": "https://signin.aws.amazon.com/saml",
        "saml:iss": "https://idp.example.com",
        "saml:namequalifier": "dGVzdA==",
        "saml:sub": "alice",
        "saml:sub_type": "persistent",
    },
    WEB_IDENTITY: {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": "repo:example/app:ref:refs/heads/main",
        "sts:roleauthorizedbyidp": "false",
    },
}


def request(kind: str = USER_KEY, action: str | None = None, **changes: ContextValue | None) -> Request:
    """
    A request that a caller of this kind really could send; None removes a key, ``__`` stands for ``:``.
    """
    action = action if action is not None else ASSUMING.get(kind, "s3:GetObject")
    context = {**_ALWAYS, **_OF_KIND.get(kind, {}), **principal_keys(CALLERS[kind])}
    if kind == WEB_IDENTITY and "WebIdentity" not in action:
        context.pop("sts:roleauthorizedbyidp")
    if action.startswith("sts:Assume"):
        context["sts:rolesessionname"] = "deploy-1"
    for name, value in changes.items():
        key = name.replace("__", ":").lower()
        if value is None:
            context.pop(key, None)
        else:
            context[key] = value
    return Request(CALLERS[kind], action, ROLE if action.startswith("sts:") else "arn:aws:s3:::bucket/key", context)


def with_context(base: Request, changes: dict[str, ContextValue | None]) -> Request:
    """The request with some keys set, or removed where the new value is None."""
    merged = {**base.context, **changes}
    return base._replace(context={key: value for key, value in merged.items() if value is not None})
