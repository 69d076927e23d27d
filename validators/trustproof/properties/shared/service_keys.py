"""
Keys that one service alone sends, and by which a policy says for whom that service may call: the context of what it
encrypts with a key, ``aws:Referer``, ``aws:SourceOwner``, and the token of a skill.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.aws.service_principals import BY_OWNER, BY_REFERER, BY_TOKEN, IN_KEY_POLICIES, KeyUse, global_name
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import Values
from trustproof.model.arn import is_account
from trustproof.model.policy import Statement
from trustproof.model.query import operands
from trustproof.model.text import Text
from trustproof.properties.question import Subject
from trustproof.properties.shared.owned_values import NO_LOGS, NO_NAMES, SOMETHING, things_of
from trustproof.properties.shared.regions import Constraints, third_party_accounts
from trustproof.properties.shared.service_uses import KEYS
from trustproof.properties.shared.sources import SOURCE_ACCOUNT, SOURCE_ARN, examples, named_accounts
from trustproof.sets.patterns import exact
from trustproof.sets.strings import StringSet

_REFERER, _OWNER = "aws:referer", "aws:sourceowner"
#: Keys whose value is the account that a service calls for.
_ACCOUNTS = (_REFERER, _OWNER)
#: The key by which a skill is told, in lower case.
TOKEN = "lambda:eventsourcetoken"
#: What stands for a token that only a deployment knows.
_OWN_TOKEN = "own-skill"


def own_word(subject: Subject, services: Sequence[str], service: str, account: str = "") -> Constraints:
    """
    That a service says of somebody else that it calls for them, by a key of its own: the context of what it encrypts,
    ``aws:Referer`` or ``aws:SourceOwner``.

    Args:
        services: all that the policy names.
        account: for whom it calls; for anybody outside without it.
    """
    return tuple(
        (key_dimension(key), _somebody_else(subject, services, key, account)) for key in _own_keys(subject, service)
    )


def _somebody_else(subject: Subject, services: Sequence[str], key: str, account: str) -> Values:
    """What such a key says of somebody else: of an account, or of anybody outside."""
    if key == TOKEN:
        return Values(True, StringSet.outside(map(exact, _own_tokens(subject))))
    ours = sorted(_inside(subject, services))
    if key in _ACCOUNTS:
        return Values(not account, StringSet.of([exact(account)]) if account else StringSet.outside(map(exact, ours)))
    others = StringSet.of([SOMETHING]) & StringSet.outside([*NO_NAMES, *NO_LOGS])
    others &= StringSet.of([things_of(account)]) if account else StringSet.outside(map(things_of, ours))
    return Values(not account, others)


def _own_keys(subject: Subject, service: str) -> tuple[str, ...]:
    """The keys by which a service alone says for whom it calls, in lower case."""
    use = use_of_key(subject, service)
    if use is not None and use.context:
        return (f"kms:encryptioncontext:{use.context}",)
    if is_told_by_token(service):
        return (TOKEN,)
    type_, name = subject.document.resource_type, global_name(service)
    by_key = ((_REFERER, BY_REFERER), (_OWNER, BY_OWNER))
    return tuple(key for key, services in by_key if type_ in services.get(name, ()))


def is_told_by_token(service: str) -> bool:
    """Whether a service says by a token for which skill it calls, and by nothing else."""
    return global_name(service) in BY_TOKEN


def with_own_tokens(statement: Statement) -> Statement:
    """A statement in which a skill that a deployment names is one of ours; what may hold a wildcard stays unknown."""
    return statement._replace(
        conditions=tuple(
            one._replace(operands=tuple(map(_with_own_token, one.operands)))
            if one.key.lower() == TOKEN and "like" not in one.operator.lower()
            else one
            for one in statement.conditions
        )
    )


def _with_own_token(operand: Text) -> Text:
    return operand if isinstance(operand, str) else operand.bind({one.name: _OWN_TOKEN for one in operand.symbols})


def _own_tokens(subject: Subject) -> list[str]:
    """The skills that a policy names, which are ours; a pattern names none."""
    return sorted({str(one) for one in operands(subject.policy, (TOKEN,)) if not set(str(one)) & set("*?")})


def _inside(subject: Subject, services: Sequence[str]) -> set[str]:
    """The accounts for which a service may call; where nobody has said which are ours, those that the policy names."""
    boundary = subject.config.boundary
    declared = boundary.accounts if boundary is not None else accounts_named(subject, services)
    return {subject.account, *declared, *third_party_accounts(subject.config)}


def accounts_named(subject: Subject, services: Sequence[str]) -> tuple[str, ...]:
    """The accounts that a policy says a service may call for, by whatever key."""
    own = (account for _, account in _said(subject, services))
    return tuple(sorted({*named_accounts(subject.policy), *own}))


def _said(subject: Subject, services: Sequence[str]) -> list[tuple[str, str]]:
    """Services and the accounts that a policy says they may call for, by a key that one service alone sends."""
    found = set()
    for service, key in ((one, key) for one in services for key in _own_keys(subject, one)):
        for operand in map(str, operands(subject.policy, (key,))):
            account = operand if key in _ACCOUNTS else (operand.split(":") + [""] * 5)[4]
            found |= {(service, account)} if is_account(account) else set()
    return sorted(found)


def strangers_named(subject: Subject, services: Sequence[str]) -> list[tuple[str, str]]:
    """Of these, those of accounts that nobody has said are ours."""
    boundary = subject.config.boundary
    ours = {subject.account, *third_party_accounts(subject.config), *(boundary.accounts if boundary else ())}
    return [(service, account) for service, account in _said(subject, services) if account not in ours]


def calling_for(account: str, constraints: Constraints) -> Constraints:
    """What a service sends that calls for one account of those that the constraints leave, as far as it says whom."""
    named = {
        key_dimension(SOURCE_ACCOUNT): Values(False, StringSet.of([exact(account)])),
        key_dimension(SOURCE_ARN): Values(False, StringSet.of([things_of(account)])),
    }
    said = {key for key, values in constraints if values.present is not None}
    return tuple((key, values & named[key] if key in named and key in said else values) for key, values in constraints)


def example(subject: Subject, service: str, account: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """An account, and something there that the service may call for."""
    (_, others), (_, arns) = examples(subject, service)
    here = tuple(dict.fromkeys(arn.replace(other, account) for arn in arns for other in others if other in arn))
    return ((SOURCE_ACCOUNT, (account,)), (SOURCE_ARN, here))


def use_of_key(subject: Subject, service: str) -> KeyUse | None:
    """How a key policy tells for whom a service uses the key; None for any other policy or service."""
    return IN_KEY_POLICIES.get(global_name(service)) if subject.document.resource_type in KEYS else None
