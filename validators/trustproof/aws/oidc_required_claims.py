"""
Claims that IAM wants a trust policy to look at, for the issuers that it knows many customers to share.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
"""

from __future__ import annotations

from trustproof.aws.oidc_issuers import SHARED, TURBONOMIC

#: Issuers to the claims of which IAM wants one in a trust policy; with a colon, a key of STS. That it takes the second
#: claim of GitHub, too, is what its message is reported to say.
_REQUIRED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "agent.buildkite.com",
            "app.terraform.io",
            "gitlab.com",
            "oidc-configuration.audit-log.githubusercontent.com",
            "oidc.codefresh.io",
            "proidc.upbound.io",
            "scalr.io",
            "studio.datachain.ai/api",
            "tokens.cloud.shisho.dev",
            "vstoken.actions.githubusercontent.com",
            *(host for host, tenancy in SHARED.items() if tenancy is TURBONOMIC),
        ),
        ("sub",),
    ),
    "token.actions.githubusercontent.com": ("sub", "job_workflow_ref"),
    **dict.fromkeys(
        ("api.pulumi.com/oidc", "cognito-identity.amazonaws.com", "oidc.vercel.com", "sandboxes.cloud"), ("aud",)
    ),
    "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d": ("sts:RoleSessionName",),
}
_OF_ENTERPRISE = "token.actions.githubusercontent.com/"


def required_keys(host: str) -> tuple[str, ...]:
    """
    The condition keys of which IAM wants one to be evaluated by a trust policy; empty where it wants none.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html

    Args:
        host: of the issuer, with its path.
    """
    lowered = host.lower()
    claims = _REQUIRED["token.actions.githubusercontent.com"] if lowered.startswith(_OF_ENTERPRISE) else ()
    claims = _REQUIRED.get(lowered.rstrip("/"), claims)
    return tuple(claim if ":" in claim else f"{host}:{claim}" for claim in claims)
