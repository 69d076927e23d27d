"""
Tokens that a resource control policy of the app keeps out of the role that is for them: those of another customer of a
provider than the policy lets in.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_examples.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_organizations as organizations

from trustproof_cdk._arguments import arguments
from trustproof_cdk._callers.denied_vendors import reaching, resource_control_policies
from trustproof_cdk._names import unique
from trustproof_cdk._policies import written_out
from trustproof_cdk._policies.calls import Call, denies, denying_in, have_one_text
from trustproof_cdk._policies.known_keys import OF_A_PROVIDER, KnownKey
from trustproof_cdk._synthesis import stacks, walk
from trustproof_cdk._trust.trust import ASSUME_ROLE_WITH_WEB_IDENTITY, TrustStatement

#: What a statement says of a token letter by letter, or by patterns.
_OPERATORS = ("StringEquals", "StringLike")
#: Stands for what a wildcard matches.
_ANY = "any"


class _Tokens(NamedTuple):
    """
    Whose tokens a role accepts.
    """

    role: iam.Role
    issuer: str
    #: By claim, the texts or patterns of which a token has one.
    claims: Mapping[str, Sequence[str]]


#: By app or stage.
_TOKENS: WeakKeyDictionary[cdk.Stage, list[_Tokens]] = WeakKeyDictionary()


def warn_of_denied_later(role: iam.Role, issuer: str, statement: TrustStatement) -> None:
    """
    Have the synthesis warn where a resource control policy of the app surely denies a role all tokens that it is for.

    As of service control policies, only those of the root and of accounts count, and none in the account of its stack.

    Args:
        role: that is for the tokens.
        issuer: of the tokens; one that only a deployment knows passes.
        statement: of its trust policy, that lets them in.
    """
    if arguments.is_token(issuer):
        return
    claims: dict[str, Sequence[str]] = {}
    for operator in _OPERATORS:
        for key, values in statement.conditions.get(operator, {}).items():
            listed = [values] if isinstance(values, str) else list(values)
            if key.startswith(f"{issuer}:") and not any(map(arguments.is_token, listed)):
                claims[key] = listed
    stage = unique.check_beside_names(role, _check) if claims else None
    if stage is not None:
        _TOKENS.setdefault(stage, []).append(_Tokens(role, issuer, claims))


def _check(stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    policies = resource_control_policies(walked)
    for tokens in _TOKENS[stage] if policies else ():
        _warn(tokens, policies)
    return []


def _warn(tokens: _Tokens, policies: Sequence[organizations.CfnPolicy]) -> None:
    made, place = tokens.role.node.default_child, stacks.carrier_of(tokens.role)
    for policy in reaching(policies, tokens.role) if isinstance(made, iam.CfnRole) else ():
        content = stacks.stack_of(policy).resolve(policy.content)
        known = (*OF_A_PROVIDER, *_of_others(tokens.issuer, content), *_known(tokens.claims, content))
        if denies(content, Call(ASSUME_ROLE_WITH_WEB_IDENTITY, written_out.arn_of(cast("iam.CfnRole", made)), known)):
            cdk.Annotations.of(place).add_warning_v2(
                f"trustproof:control-policy-{policy.node.path}-{tokens.issuer}",
                f"the tokens of {tokens.issuer} that {place.node.path} is for are denied it by "
                f"{policy.node.path}, unless it is in the management account: nobody gets in by them; let their claims "
                "pass in the policy",
            )


def _of_others(issuer: str, content: Any) -> Iterator[KnownKey]:
    """Claims of other issuers that the policy asks about: a request has one token."""
    conditions = [one.get("Condition") for one in denying_in(content)]
    blocks = [keys for one in conditions if isinstance(one, Mapping) for keys in one.values()]
    for key in sorted({str(key) for keys in blocks if isinstance(keys, Mapping) for key in keys}):
        # The keys of a provider begin with its host, and no others have a dot there.
        if "." in key.partition(":")[0] and not key.lower().startswith(f"{issuer}:".lower()):
            yield KnownKey(key, (None,))


def _known(claims: Mapping[str, Sequence[str]], content: Any) -> Iterator[KnownKey]:
    """The claims of which the policy can be asked: by none of its patterns may some of what one matches be meant."""
    compared = [text for statement in denying_in(content) for text in _texts(statement.get("Condition"))]
    for key, listed in claims.items():
        patterns = [one for one in listed if "*" in one or "?" in one]
        if not any(have_one_text(one, text) for one in patterns for text in compared):
            yield KnownKey(key, tuple((one.replace("*", _ANY).replace("?", _ANY[0]),) for one in listed))


def _texts(conditions: Any) -> Iterable[str]:
    """All that the conditions of a statement compare anything with; what is not known may be any."""
    for keys in conditions.values() if isinstance(conditions, Mapping) else ():
        for values in keys.values() if isinstance(keys, Mapping) else ("*",):
            for one in values if isinstance(values, list) else [values]:
                yield one if isinstance(one, str) and "${" not in one else "*"
