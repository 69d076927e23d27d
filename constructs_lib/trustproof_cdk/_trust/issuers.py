"""
Who issues web identity tokens, for whom, and where that stands in ARNs and condition keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, TypeAlias

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments, known_later, references, regions
from trustproof_cdk._names import objects
from trustproof_cdk._trust import claims as claimed
from trustproof_cdk.conditions import ConditionBlock, conjoin

#: A provider in IAM: its ARN, or the provider of any construct, or the resource itself.
Provider: TypeAlias = "str | iam.IOpenIdConnectProvider | iam.IOidcProvider | iam.CfnOIDCProvider"

#: Stands for an issuer that only a deployment knows, in documents that are shown or measured before.
STAND_IN = "${Issuer}"

_ISSUER = r"[a-z0-9-]+(\.[a-z0-9-]+)+(/[\w.~%+/-]*)?"
_MARK = ":oidc-provider/"
_OIDC_PROVIDER = "AWS::IAM::OIDCProvider"
_SCHEME = "https://"
#: How a text begins whose beginning only a deployment knows.
_TOKEN = "${Token["
#: Where the two kinds of provider of the CDK have their ARN.
_ARNS = ("oidc_provider_arn", "open_id_connect_provider_arn")
#: https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html
_DISCOVERY = "/.well-known/openid-configuration"
_EKS = re.compile(r"oidc\.eks\.([^./]+)\.([^/]+)")
#: Providers that IAM knows without an ARN, and the roles for them.
_BUILT_IN = {
    "accounts.google.com": "GoogleRole",
    "cognito-identity.amazonaws.com": "CognitoIdentityPoolRole",
    "graph.facebook.com": "FacebookRole",
    "www.amazon.com": "AmazonRole",
}
#: What tokens of some providers never have as their iss, and what it is in place of.
#: https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference
#: https://circleci.com/docs/openid-connect-tokens/
_OF_NO_TOKEN = (
    (re.compile(r"login\.microsoftonline\.com/(common|organizations|consumers)(/.*)?"), "the id of the tenant"),
    (re.compile(r"oidc\.circleci\.com/?(org/?)?"), "the id of the organization, after '/org/'"),
)
#: Providers known to serve several customers, and how the subjects of one customer begin. The host decides: GitHub has
#: issuers for single enterprises below its host.
_SHARED = {
    "agent.buildkite.com": (r"organization:[^:*?]+:", "organization:NAME:"),
    "app.terraform.io": (r"organization:[^:*?]+:", "organization:NAME:"),
    "gitlab.com": (r"project_path:[^/:*?]+/", "project_path:GROUP/"),
    "token.actions.githubusercontent.com": (r"repo:[^/:*?]+/", "repo:ORGANIZATION/"),
}


#: The claims that STS makes condition keys of: of every provider, and of some more.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
_CLAIMS = ("amr", "aud", "email", "oaud", "sub")
_GITHUB_CLAIMS = (
    "actor actor_id enterprise_id environment job_workflow_ref ref repository repository_id repository_owner_id "
    "workflow"
).split()
_GITLAB_CLAIMS = (
    "namespace_id pipeline_source project_id ref_protected runner_environment user_access_level user_email user_id "
    "user_login"
).split()
_BUILDKITE_CLAIMS = (
    "build_branch cluster_id cluster_name organization_id organization_slug pipeline_id pipeline_slug"
).split()
#: The host of a provider, whole or from a dot on, and its further claims. That it is so for a GitHub server of one's
#: own is not documented, and assumed.
_CLAIMS_OF_HOSTS = {
    "token.actions.githubusercontent.com": _GITHUB_CLAIMS,
    ".ghe.com": _GITHUB_CLAIMS,
    "gitlab.com": _GITLAB_CLAIMS,
    "agent.buildkite.com": _BUILDKITE_CLAIMS,
    "oidc.circleci.com": ["oidc.circleci.com/project-id"],
}
_GITHUB_SERVER = "/_services/token"


def refuse_unseen(issuer: str, claim: str, argument: str) -> None:
    """
    Refuse a claim that AWS STS makes no condition key of: no token would ever meet a condition on it.

    Args:
        issuer: whose token; of one that only a deployment knows nothing is said.
        claim: its name.
        argument: the name of the argument, as the caller wrote it.
    """
    if arguments.is_token(issuer):
        return
    host = issuer.partition("/")[0]
    known = list(_CLAIMS)
    if issuer.endswith(_GITHUB_SERVER):
        known += _GITHUB_CLAIMS
    for name, more in _CLAIMS_OF_HOSTS.items():
        known += more if host == name or (name.startswith(".") and host.endswith(name)) else []
    if claim.lower() not in known:
        raise ValueError(
            f"{argument} cannot have {claim!r}: of the tokens of {host} AWS STS sees {', '.join(sorted(known))} only, "
            "and a condition on another claim is met by nobody"
        )


def issuer_of(issuer: str | None, provider: Provider | None, argument: str = "issuer") -> str:
    """
    The issuer as it stands in condition keys: host and path.

    Args:
        issuer: a URL, with or without its scheme.
        provider: says it where `issuer` does not.
        argument: what the issuer was given as.

    Raises:
        ValueError: neither says it, both say it and differ, or it is an issuer that needs no provider.
    """
    named = None if issuer is None else _checked(issuer, argument)
    if provider is None:
        if named is None:
            raise ValueError("issuer or provider must be given, got neither")
        return named
    if named is None:
        return _told(provider)
    arn = arn_of(provider)
    told = arn.partition(_MARK)[2]
    _refuse_no_cluster(told, "provider", arn)
    if told and named != told and not arguments.is_token(named) and not arguments.is_token(told):
        raise ValueError(of_another_issuer(named, told))
    return named


def without_slash(issuer: str, whose: str) -> str:
    """
    The issuer of a product whose tokens name theirs without a slash at its end, which counts: another one is the issuer
    of no token.

    Args:
        issuer: a URL, with or without its scheme, still to be checked.
        whose: the product.

    Raises:
        ValueError: it ends in one.
    """
    if str(issuer).endswith("/"):
        raise ValueError(
            f"issuer cannot end in '/', since the tokens of {whose} name theirs without one: say "
            f"{issuer.rstrip('/')!r}, got {issuer!r}"
        )
    return issuer


def of_another_issuer(issuer: str, theirs: str, shown: str = "a provider") -> str:
    """
    What is wrong where the provider is not that of the issuer, of which nobody may have written either.

    Args:
        issuer: as it stands in condition keys.
        theirs: likewise, of the provider.
        shown: what to call the provider.
    """
    what = f"provider must be that of the issuer of the role, {issuer!r}, got {shown} of {theirs!r}"
    if theirs.strip("/") == issuer.strip("/"):
        return f"{what}; the slash at the end counts, and is right as the iss of the tokens has it"
    return f"{what}; where that is meant, give issuer={theirs!r}"


def _checked(issuer: str, argument: str = "issuer") -> str:
    accepted = "the URL of an OpenID Connect provider like 'https://idp.example.com/tenant'"
    if not isinstance(issuer, str):
        raise TypeError(f"{argument} must be {accepted}, got {issuer!r}")
    arguments.refuse_no_text(issuer, argument)
    if arguments.is_token(issuer):
        _refuse_arn(issuer, argument, accepted)
        known_later.note(issuer, argument, partial(_checked, argument=argument))
        return _without_scheme(issuer)
    found = arguments.matching(issuer, argument, rf"(https://)?{_ISSUER}", accepted).removeprefix("https://")
    _refuse_no_cluster(found, argument, issuer)
    if found.endswith(_DISCOVERY):
        raise ValueError(
            f"{argument} must be what tokens have as their iss, without {_DISCOVERY!r}, where its document is; "
            f"got {issuer!r}"
        )
    for never, instead in _OF_NO_TOKEN:
        if never.fullmatch(found):
            raise ValueError(f"{argument} must be what tokens have as their iss, with {instead}, got {issuer!r}")
    if found in _BUILT_IN:
        raise ValueError(f"{argument} cannot be {found!r}, which IAM knows without a provider: use {_BUILT_IN[found]}")
    return found


def _refuse_arn(issuer: str, argument: str, accepted: str) -> None:
    """Refuse a reference to the provider itself, in the place of what it is made for."""
    found = references.attribute_of(issuer)
    if found is not None and (found.name.endswith("Arn") or found.resource.cfn_resource_type == _OIDC_PROVIDER):
        raise ValueError(f"{argument} must be {accepted}, got {references.shown(found)}: give that as provider")


def _without_scheme(issuer: str) -> str:
    """
    An issuer that only a deployment knows, without its scheme: a cluster gives its URL, an ARN ends with the rest.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-cluster.html
    """
    if not issuer.startswith(_TOKEN) or arguments.is_looked_up(issuer):
        return issuer.removeprefix(_SCHEME)
    # What has none is a list of itself, and stays what it is.
    return cdk.Fn.join("", cdk.Fn.split(_SCHEME, issuer))


def _refuse_no_cluster(issuer: str, argument: str, written: str) -> None:
    """
    Refuse the issuer of an EKS cluster that no Region has, or that ends as none does; of a Region that only a
    deployment knows, none.
    """
    if (found := _EKS.match(issuer)) and not arguments.is_token(found[0]):
        regions.host(found[1], found[2], argument, written)
        if issuer.endswith("/"):
            raise ValueError(
                f"{argument} must not end in '/': the tokens of a cluster have no such iss, got {written!r}"
            )


def refuse_cluster_elsewhere(scope: Construct, issuer: str, argument: str) -> None:
    """
    Refuse the issuer of a cluster in another partition than the stack's.

    Args:
        scope: in the stack; one whose Region is known only in a deployment takes any.
        issuer: as it stands in condition keys.
        argument: the name of the argument, as the caller wrote it.

    Raises:
        ValueError: the pods of the cluster take roles of their own partition.
    """
    if found := _EKS.match(issuer):
        hint = "; where its pods are meant to take roles of another partition, say so by a WebIdentityRole"
        regions.beside_stack(scope, found[1], argument, hint)


def arn_of(provider: Provider) -> str:
    """The ARN of a provider."""
    if isinstance(provider, str):
        accepted = f"the ARN of a provider like 'arn:aws:iam::111122223333{_MARK}idp.example.com'"
        pattern = rf"arn:(aws|aws-[a-z-]+):iam::[0-9]{{12}}{_MARK}{_ISSUER}"
        return arguments.matching(provider, "provider", pattern, accepted)
    attribute = _attribute_of(provider)
    if attribute:
        return objects.arn_of(provider, attribute)
    raise TypeError(f"provider must be an ARN, an IOidcProvider or an IOpenIdConnectProvider, got {provider!r}")


def provider_arn(scope: Construct, issuer: str, provider: Provider | None, argument: str = "provider") -> str:
    """
    The ARN of the given provider, or else of the issuer's provider in the account of the stack.

    Raises:
        ValueError: it is of another account.
    """
    if provider is not None:
        arn = arn_of(provider)
        objects.refuse_foreign_provider(scope, provider, _attribute_of(provider), argument)
        return arn
    return f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}{_MARK}{issuer}"


def _attribute_of(provider: Provider) -> str:
    """Where a provider has its ARN; empty for a text, and for what has none."""
    if isinstance(provider, iam.CfnOIDCProvider):
        return "attr_arn"
    # Of the class first, since to ask the object itself is a call into the CDK.
    named = next((name for name in _ARNS if hasattr(type(provider), name)), None)
    return named or next((name for name in _ARNS if isinstance(getattr(provider, name, None), str)), "")


def _told(provider: Provider) -> str:
    """The issuer of a provider, which is the end of its ARN."""
    arn = arn_of(provider)
    issuer = arn.partition(_MARK)[2]
    _refuse_no_cluster(issuer, "provider", arn)
    if arguments.is_looked_up(arn):
        return issuer or arn
    return issuer if issuer else cdk.Fn.select(1, cdk.Fn.split(_MARK, arn))


def is_unknown(issuer: str) -> bool:
    """Whether only a deployment knows an issuer, so that it cannot stand in a condition key."""
    return arguments.is_token(issuer) and not arguments.is_looked_up(issuer)


def stand_in(index: int) -> str:
    """Stands for the issuer of the statement of this number."""
    return STAND_IN if index == 0 else f"${{Issuer{index}}}"


def named_by_stand_in(
    conditions: ConditionBlock | None, issuer: str, stack: cdk.Stack, name: str = STAND_IN
) -> ConditionBlock:
    """Conditions on claims of an issuer that only a deployment knows, with the stand-in in their keys."""
    known = stack.resolve(issuer)

    def renamed(key: str) -> str:
        # Two tokens of the same value are different texts.
        prefix, _, claim = key.rpartition(":")
        same = arguments.is_token(prefix) and known in (stack.resolve(prefix), stack.resolve(_without_scheme(prefix)))
        return f"{name}:{claim}" if same else key

    return {
        operator: {renamed(key): operands for key, operands in keys.items()}
        for operator, keys in conjoin(conditions).items()
    }


def is_shared(issuer: str) -> bool:
    """Whether an issuer has customers whom only the subject keeps apart, as far as it is known."""
    return is_unknown(issuer) or issuer.partition("/")[0] in _SHARED


def keep_tenant(issuer: str, value: str, argument: str) -> str:
    """
    A subject, unless it would let other customers of the issuer in.

    Raises:
        ValueError: a wildcard stands where the customer should.
    """
    host = issuer.partition("/")[0]
    if not claimed.has_wildcard(value) or host not in _SHARED:
        return value
    expression, begins = _SHARED[host]
    if not re.match(expression, value, re.ASCII):
        raise ValueError(
            f"{argument} must begin with {begins!r} before a wildcard, since {host} issues tokens to everybody, "
            f"got {value!r}"
        )
    return value


def joined(text: Any, issuers: Mapping[str, str]) -> str:
    """
    A resolved JSON text with issuers in the places of their stand-ins.

    Args:
        text: a text, or the ``Fn::Join`` of one.
        issuers: stand-in to issuer.
    """
    parts: list[Any] = text["Fn::Join"][1] if isinstance(text, dict) else [text]
    written: list[str] = []
    marks = re.compile("|".join(map(re.escape, issuers)))
    for part in parts:
        if not isinstance(part, str):
            written.append(cdk.Token.as_string(part))
            continue
        position = 0
        for found in marks.finditer(part):
            written += [part[position : found.start()], issuers[found[0]]]
            position = found.end()
        written.append(part[position:])
    return cdk.Fn.join("", written)
