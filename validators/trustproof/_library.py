"""
One policy, one property: the library's front door.
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof._answers import Place, answers, subject_for
from trustproof._verdict import PROVED, REFUTED, UNKNOWN, Result
from trustproof.config import Config
from trustproof.errors import UsageError
from trustproof.model.document import TRUST, Document
from trustproof.properties import registry
from trustproof.properties._base import Property
from trustproof.templates import parse_policy

_WORST_FIRST = (REFUTED, UNKNOWN, PROVED)


def prove(
    policy: Mapping[str, object] | str,
    asked: str | Property = "mfa-required",
    *,
    account: str = "111122223333",
    config: Config | Mapping[str, object] | None = None,
    name: str = "the role",
) -> Result:
    """
    Ask one property of a role's trust policy.

    >>> refuted = prove({"Version": "2012-10-17", "Statement": [{
    ...     "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole",
    ...     "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}}]})
    >>> refuted.verdict, refuted.counterexample.context
    ('refuted', {'aws:MultiFactorAuthPresent': None})

    Args:
        policy: the trust policy, as a mapping or as JSON text.
        asked: identifier of a property, or the property.
        account: the role's account, 12 digits.
        config: the project's declarations; a mapping has the shape of ``trustproof.toml``.
        name: what to call the role in messages.

    Returns:
        The worst answer: a refutation, else what is unknown, else the proof.

    Raises:
        PolicySyntaxError: it is not a policy.
        UsageError: the property is unknown, or the account is not one.
    """
    from trustproof._check import settings

    if len(account) != 12 or not account.isascii() or not account.isdigit():
        raise UsageError(f'account must be 12 digits, got "{account}"')
    found = asked if isinstance(asked, Property) else registry.find(asked)
    document = Document(
        TRUST,
        parse_policy(policy, kind=TRUST),
        name,
        "AWS::IAM::Role",
        (),
        resource_arn=f"arn:aws:iam::{account}:role/role",
    )
    subject = subject_for(document, account, "", settings(config))
    place = Place("", account, lambda path: {}, {})
    results = answers(subject, found, place, None)
    return min(results, key=lambda result: _WORST_FIRST.index(result.verdict))
