"""
Words that several properties share.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from trustproof.aws.condition_keys import is_misspelt, lookup, names, spelling
from trustproof.engine.operands import SPECIAL, Variable, split_variables
from trustproof.model.document import Document
from trustproof.model.policy import DENY, Condition, Policy, Statement
from trustproof.model.request import (
    IDENTITY_CENTER,
    ROLE_SESSION,
    SERVICE,
    USER_KEY,
    USER_KEY_MFA,
    USERS,
    ContextValue,
    Request,
)
from trustproof.properties.question import Refutation, Subject
from trustproof.spec.conditions import (
    ABSENT,
    ABSENT_IF_EXISTS,
    NEGATED_ABSENT,
    NO_VALUE,
    PRESENCE,
    VACUOUS,
    VALUE,
    ConditionOutcome,
)
from trustproof.spec.statements import Explanation, applies


def who(request: Request) -> str:
    """The caller, as one would say it: ``alice's access key``, ``a session of role app``."""
    name = request.caller.arn.rsplit("/", 1)[-1]
    kind = request.caller.kind
    if kind in (USER_KEY, USER_KEY_MFA):
        return f"{name}'s access key"
    if kind in USERS:
        return f"{name}'s session"
    if kind in (ROLE_SESSION, IDENTITY_CENTER):
        return f"a session of role {name} of account {request.caller.account}"
    return request.caller.arn if kind == SERVICE else request.caller.display_arn


def who_from_elsewhere(request: Request, account: str | None) -> str:
    """The same, and of which account a user is who is of another one than a resource."""
    named = who(request)
    other = request.caller.account
    return f"{named} of account {other}" if request.caller.kind in USERS and other != account else named


def because(refutation: Refutation, statement: Statement, policy: Policy | None = None) -> tuple[str, ...]:
    """
    Why the conditions of the statement hold, and why those of each Deny that looks at the same caller do not.

    Args:
        policy: that has the statements, to say what is wrong with the policy variables in them.
    """
    out: list[str] = []
    context = refutation.request.context
    for explanation in refutation.decision.explanations:
        if explanation.statement is statement or explanation.statement == statement:
            for finding in explanation.conditions:
                out += [sentence(finding), *variables(finding.condition, policy, context)]
        elif explanation.statement.effect == DENY and explanation.principal and explanation.action:
            for finding in [finding for finding in explanation.conditions if not finding.matched][:1]:
                out.append(f"{deny_name(explanation.statement)} does not apply: {sentence(finding)}")
                out += variables(finding.condition, policy, context)
    return tuple(dict.fromkeys(out))


def unasked_keys(policy: Policy, keys: Collection[str], what: str) -> tuple[str, ...]:
    """
    That no condition of a policy looks at something, where none does.

    Args:
        keys: lower-cased condition keys.
        what: they say, for a person.
    """
    asked = any(c.key.lower() in keys for statement in policy.statements for c in statement.conditions)
    return () if asked else (f"no condition looks at {what}",)


def deny_name(statement: Statement, document: Document | None = None) -> str:
    """
    A Deny, as one would say it: ``the Deny``, ``the Deny OnlyWithMfa of Admins``.

    Args:
        document: where the Deny stands, if it is another one than the finding is about.
    """
    name = f"the Deny {statement.sid}" if statement.sid else "the Deny"
    return name if document is None else f"{name} of {document.logical_id}"


def elsewhere(
    subject: Subject, request: Request, about: Callable[[Statement], bool] = lambda statement: True
) -> list[tuple[Document, Explanation]]:
    """
    What the other documents that decide say of a request, as far as it is known before deployment.

    Args:
        about: the statements that are of interest; a holder may have thousands of others.
    """
    out: list[tuple[Document, Explanation]] = []
    for document in subject.documents[1:]:
        for statement in filter(about, document.policy.statements):
            try:
                found = applies(statement, request, variables=document.policy.has_variables)
            except ValueError:
                # Something in it is known only when it is deployed.
                continue
            out.append((document, found))
    return out


def variables(condition: Condition, policy: Policy | None, context: Mapping[str, ContextValue]) -> tuple[str, ...]:
    """What is wrong with the policy variables of a condition: they are none here, or have no value."""
    named = variable_keys(condition)
    if not named:
        return ()
    if policy is not None and not policy.has_variables:
        return (f"{_written(named[0])} is plain text here: policy variables need Version 2012-10-17",)
    return tuple(
        f"{spelling(key)} is absent, so {_written(key)} has no value" for key in named if key.lower() not in context
    )


def _written(key: str) -> str:
    return f"${{{key}}}"


def variable_keys(condition: Condition) -> list[str]:
    """The keys that a condition compares with, as policy variables that have no default."""
    texts = [str(operand) for operand in condition.operands if "${" in str(operand)]
    found = [part for text in texts for part in split_variables(text) if isinstance(part, Variable)]
    return [part.key for part in found if part.default is None and part.key not in SPECIAL]


#: How alike a key is to be to the one that was meant; and one that has no prefix, which is most of a short key.
_ALIKE, _ALIKE_ALONE = 0.6, 0.8
#: How keys begin that end with the key of a tag, after a slash.
_OF_TAGS = ("aws:principaltag", "aws:requesttag", "aws:resourcetag")


def nearest_key(key: str) -> str:
    """The key that a misspelt one was meant to be; the empty string where there is none, or it is spelt right."""
    if not is_misspelt(key):
        return ""
    if "://" in key:
        return key.partition("://")[2]
    # Compares texts, where somebody has mistyped one.
    from difflib import get_close_matches

    before, slash, tag = key.partition("/")
    # What stands after the slash is the key of a tag, which is somebody's own.
    known = _OF_TAGS if slash else [name.lower() for name in names()]
    near = get_close_matches(before.lower(), known, 1, _ALIKE if ":" in before else _ALIKE_ALONE)
    return lookup(f"{near[0]}{slash}{tag}").name if near else ""


def sentence(finding: ConditionOutcome) -> str:
    """Why a condition holds or does not hold, in one sentence."""
    name = finding.condition.operator
    key = spelling(finding.condition.key)
    outcome = "true" if finding.matched else "false"
    operands = " or ".join(str(o) for o in finding.condition.operands) or "nothing"
    absent = "is not a condition key, so always absent" if is_misspelt(finding.condition.key) else "is absent"
    match finding.because:
        case cause if cause == ABSENT:
            return f"{key} {absent}, and {name} is false when the key is absent"
        case cause if cause == ABSENT_IF_EXISTS:
            return f"{key} {absent}, and {name} is true when the key is absent"
        case cause if cause == NEGATED_ABSENT:
            return f"{key} {absent}, and {name}, a negated operator, is true when the key is absent"
        case cause if cause == VACUOUS:
            return f"{key} {absent}, and ForAllValues is true when there is no value to test"
        case cause if cause == NO_VALUE:
            return f"{key} {absent}, and ForAnyValue is false when there is no value to test"
        case cause if cause == PRESENCE:
            there = absent if finding.value in (None, "") else "is present"
            return f"{key} {there}, so {name} {operands} is {outcome}"
        case cause if cause == VALUE:
            return f"{key} is {show(finding.value)}, so {name} {operands} is {outcome}"
        case _:
            return f"{name} {key} {operands} is {outcome}"


def show(value: object) -> str:
    """A value of a condition key."""
    if isinstance(value, tuple):
        return "[" + ", ".join(str(v) for v in value) + "]"
    return str(value)
