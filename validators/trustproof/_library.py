"""
One policy, one property: the library's front door.
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof._answers import Place, answers, subject_for
from trustproof._homes import compared, homes, is_account, over_both
from trustproof._verdict import PROVED, REFUTED, UNKNOWN, Result
from trustproof.config import Config
from trustproof.errors import UsageError
from trustproof.model.document import IDENTITY, RESOURCE, TRUST, Document, Holder
from trustproof.properties import registry
from trustproof.properties._base import Property, Subject
from trustproof.templates.bare_policy import parse_policy
from trustproof.templates.environment import written_partition

#: Stands for an account that is not known.
_EXAMPLE_ACCOUNT = "111122223333"
_WORST_FIRST = (REFUTED, UNKNOWN, PROVED)
#: Kind of policy to what it is called, the type of resource it stands on, and the ARN of that.
_NAMES = {
    TRUST: ("the role", "AWS::IAM::Role", "arn:{partition}:iam::{account}:role/role"),
    RESOURCE: ("the resource", "", "*"),
    IDENTITY: ("the user", "AWS::IAM::User", "*"),
}


def prove(
    policy: Mapping[str, object] | str,
    asked: str | Property = "mfa-required",
    *,
    account: str | None = None,
    config: Config | Mapping[str, object] | None = None,
    kind: str | None = None,
    name: str = "",
) -> Result:
    """
    Ask one property of a policy document.

    >>> refuted = prove({"Version": "2012-10-17", "Statement": [{
    ...     "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole",
    ...     "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}}]})
    >>> refuted.verdict, refuted.counterexample.context
    ('refuted', {'aws:MultiFactorAuthPresent': None})

    Args:
        policy: as a mapping or as JSON text.
        asked: identifier of a property, or the property.
        account: the account it is deployed to, 12 digits; None where that is not known.
        config: the project's declarations; a mapping has the shape of ``trustproof.toml``.
        kind: ``trust`` (a role's trust policy), ``resource`` (a resource policy) or ``identity`` (attached to a user,
            as its only policy); None for the kind that the property is about.
        name: what to call the role, resource or user in messages.

    Returns:
        The worst answer: a refutation, else what is unknown, else the proof.

    Raises:
        PolicySyntaxError: it is not a policy.
        UsageError: the property is unknown or not about such a policy, or the account is not one.
    """
    from trustproof._check import settings

    if account is not None and not is_account(account):
        raise UsageError(f'account must be 12 digits, got "{account}"')
    found = asked if isinstance(asked, Property) else registry.find(asked)
    # Properties that are about both kinds are mostly asked of trust policies.
    chosen = kind or (IDENTITY if found.holders and not found.wants_request else TRUST)
    if chosen not in _NAMES:
        raise UsageError(f'kind must be one of {", ".join(_NAMES)}, got "{chosen}"')
    document = Document(chosen, parse_policy(policy, kind=chosen), name or _NAMES[chosen][0], _NAMES[chosen][1], ())
    own = account or _EXAMPLE_ACCOUNT
    subject = _subject(document, own, settings(config), found)._replace(account_known=account is not None)
    if not found.applies_to(subject):
        raise UsageError(f"{found.ident} is not about one {chosen} policy")
    place = Place("", own, lambda path: {}, {})
    results = answers(subject, found, place, None)
    known = compared if account is not None or chosen != IDENTITY else homes
    for home, organization in sorted(set(known(document))):
        if organization:
            there = subject._replace(organization=organization)
        elif known is homes:
            there = _subject(document, home, subject.config, found)
        else:
            continue
        results = over_both(found, results, answers(there, found, place._replace(account=there.account), None))
    return min(results, key=lambda result: _WORST_FIRST.index(result.verdict))


def _subject(document: Document, account: str, config: Config, asked: Property) -> Subject:
    """A policy that stands alone, in an account."""
    partition = written_partition(str(document.policy))
    arn = _NAMES[document.kind][2].format(account=account, partition=partition)
    subject = subject_for(document._replace(resource_arn=arn), account, partition, config)
    if document.kind != IDENTITY:
        return subject
    kind = "user" if "user" in asked.holders else "role"
    holder = Holder(kind, document.logical_id, "name", f"arn:{partition}:iam::{account}:{kind}/alice", (0,))
    return subject._replace(holder=holder)
