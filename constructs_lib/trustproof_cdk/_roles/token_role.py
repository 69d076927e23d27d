"""
The role that all roles for tokens of an OpenID Connect provider are: a statement for each provider.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Unpack

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._callers import denied_tokens
from trustproof_cdk._roles.role import RoleOptions, TrustingRole
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._synthesis.lazy import lazily
from trustproof_cdk._trust import claims as claimed
from trustproof_cdk._trust import demands, issuers
from trustproof_cdk._trust.audiences import hold_to_audiences
from trustproof_cdk._trust.issuers import Provider
from trustproof_cdk._trust.trust import ASSUME_ROLE_WITH_WEB_IDENTITY, TAG_SESSION, TrustStatement
from trustproof_cdk.conditions import ConditionBlock, conjoin

#: Claims with several values.
_LISTS = ("amr",)
#: Claims that have an argument of their own.
_PINNED = ("aud", "sub")


class Identity(NamedTuple):
    """
    Whose tokens are accepted; as the arguments of `WebIdentityRole`.
    """

    issuer: str | None
    provider: Provider | None
    audiences: Iterable[str]
    subjects: Iterable[str] | None = None
    subject_patterns: Iterable[str] | None = None
    claims: Mapping[str, str | Iterable[str]] | None = None
    claim_patterns: Mapping[str, str | Iterable[str]] | None = None
    session_tags: Mapping[str, Iterable[str]] | None = None
    conditions: ConditionBlock | None = None


class TokenRole(TrustingRole):
    """
    A role that may be assumed with a token of one of several identities.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        identities: whose tokens.
        options: what every role takes, see `RoleOptions`.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, identities: Sequence[Identity], **options: Unpack[RoleOptions]
    ) -> None:
        found = [issuers.issuer_of(one.issuer, one.provider) for one in identities]
        identities = [one._replace(audiences=arguments.once(one.audiences)) for one in identities]
        stack = stacks.stack_of(scope)
        statements = [
            _statement(one, issuer, issuers.stand_in(index), stack)
            for index, (one, issuer) in enumerate(zip(identities, found, strict=True))
        ]
        self._issuers = found
        super().__init__(scope, construct_id, statements=statements, **options)
        for one, issuer in zip(identities, found, strict=True):
            hold_to_audiences(self, issuer, one.provider, list(one.audiences))
        unknown = {issuers.stand_in(index): issuer for index, issuer in enumerate(found) if issuers.is_unknown(issuer)}
        if unknown:
            self._write_keys(unknown)

    def _look_at_control_policies(self) -> None:
        for issuer, statement in zip(self._issuers, self._statements, strict=True):
            denied_tokens.warn_of_denied_later(self, issuer, statement)

    def _write_keys(self, unknown: Mapping[str, str]) -> None:
        """Make the trust policy a JSON text, which may have a reference in a condition key."""
        resource = self.node.default_child
        if not isinstance(resource, iam.CfnRole):
            raise ValueError(
                "the issuer must be known at synthesis where somebody else is to make the role (Role.customize_roles), "
                "since it is a part of the names of condition keys, and the CDK's report would not have it: write it "
                "out"
            )
        text = cdk.Stack.of(self).to_json_string(self.assume_role_policy)
        self._trust_text = lazily(lambda resolve: issuers.joined(resolve(text), unknown))
        resource.assume_role_policy_document = self._trust_text


def _statement(one: Identity, issuer: str, stand_in: str, stack: cdk.Stack) -> TrustStatement:
    prefix, conditions = issuer, one.conditions
    if issuers.is_unknown(issuer):
        prefix = stand_in
        conditions = issuers.named_by_stand_in(conditions, issuer, stack, stand_in)
    tags = demands.session_tags(one.session_tags, None)
    demanded = conjoin(
        {"StringEquals": {f"{prefix}:aud": arguments.each(one.audiences, "audiences", claimed.literal)}},
        claimed.equals_or_like(f"{prefix}:sub", *_subjects(issuer, one.subjects, one.subject_patterns)),
        _claims(issuer, prefix, one.claims, "claims", claimed.literal, "StringEquals"),
        _claims(issuer, prefix, one.claim_patterns, "claim_patterns", claimed.pattern, "StringLike"),
        tags,
        _conditions(issuer, prefix, conditions),
    )
    actions = [ASSUME_ROLE_WITH_WEB_IDENTITY, *([TAG_SESSION] if tags else [])]
    return TrustStatement({"Federated": [issuers.provider_arn(stack, issuer, one.provider)]}, actions, demanded)


def _conditions(issuer: str, prefix: str, conditions: ConditionBlock | None) -> ConditionBlock:
    """What the user demands besides, of claims that STS sees: another one is in no request, whatever the token has."""
    block, start = claimed.refuse_optional(conditions, f"{prefix}:"), f"{prefix}:".lower()
    for key in (key for keys in block.values() for key in keys):
        if key.lower().startswith(start):
            issuers.refuse_unseen(issuer, key[len(start) :], "conditions")
    return block


def _subjects(
    issuer: str, literals: Iterable[str] | None, patterns: Iterable[str] | None
) -> tuple[list[str], list[str]]:
    """The subjects, and those of which the wildcards count even where only a deployment knows them."""
    listed = [] if literals is None else arguments.each(literals, "subjects", claimed.literal)
    matched = [] if patterns is None else arguments.each(patterns, "subject_patterns", claimed.pattern)
    for value in [*listed, *matched] if matched else ():
        issuers.keep_tenant(issuer, value, "subject_patterns")
    if not listed and not matched:
        raise ValueError("subjects or subject_patterns must have at least one entry, got none")
    # Where everybody has tokens, what nobody has seen could let in other customers, if it were a pattern.
    return ([*listed, *matched], []) if issuers.is_shared(issuer) else (listed, matched)


def _claims(
    issuer: str,
    prefix: str,
    claims: Mapping[str, str | Iterable[str]] | None,
    argument: str,
    check: claimed.Check,
    base: str,
) -> ConditionBlock:
    blocks: list[ConditionBlock] = []
    for name, accepted in ({} if claims is None else arguments.mapping(claims, argument)).items():
        arguments.matching(name, argument, r"[\w/.-]{1,128}", "the name of a claim like 'email'")
        if name.lower() in _PINNED:
            raise ValueError(
                f"{argument} cannot have {name!r}, which has an argument of its own: audiences or subjects"
            )
        issuers.refuse_unseen(issuer, name, argument)
        given = arguments.once(claimed.several(accepted))
        # One condition has them all, and compares what has no wildcard as it stands.
        is_mixed = check is claimed.pattern and claimed.any_wildcard(given)
        values = arguments.each(given, f"{argument}[{name!r}]", claimed.literal_or_pattern if is_mixed else check)
        operator = f"ForAnyValue:{base}" if name.lower() in _LISTS else base
        blocks.append({operator: {f"{prefix}:{name}": values}})
    return conjoin(*blocks)
