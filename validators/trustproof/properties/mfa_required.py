"""
mfa-required: no IAM user gets credentials of a role without MFA.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from trustproof._verdict import Remedy
from trustproof.engine.question import Region
from trustproof.engine.values import Values
from trustproof.model.keys import ASSUME_ROLE
from trustproof.model.operators import parse_operator
from trustproof.model.policy import DENY, Condition, Path
from trustproof.model.request import USER_KEY_MFA, USER_SESSION_MFA, USERS, USERS_WITHOUT_MFA, Request
from trustproof.properties._base import (
    Finding,
    Property,
    Question,
    Refutation,
    Subject,
    outside_accounts,
    third_party_accounts,
    trust_world,
)
from trustproof.properties._words import because, who
from trustproof.sets.numbers import NumberSet

_PRESENT = "aws:multifactorauthpresent"
_AGE = "aws:multifactorauthage"


def seconds(value: object) -> int:
    """Check an option that is a number of seconds."""
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise ValueError("a whole number of seconds, greater than 0")
    return value


class MfaRequired(Property):
    """
    No IAM user gets credentials of the role without MFA.

    Claim:
        No request by an IAM user without MFA is given credentials of the role: not with a long-term access key, not
        with a session token obtained without MFA. With ``max-age``, none whose MFA is older than that many seconds.
        Role sessions, services and federated callers carry no MFA key and are not what this asks about; a declared
        third party is a machine, and held by its external id instead.

    Threat:
        An access key leaks, in a repository or from a laptop. If the role lets its user in without MFA, whoever finds
        the key holds the role.

    Refuted by:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"},
         "Action": "sts:AssumeRole",
         "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}}]}

    Proved for:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"},
         "Action": "sts:AssumeRole",
         "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}

    Remedy:
        Requests signed with a long-term access key do not carry aws:MultiFactorAuthPresent at all. So an Allow wants
        the operator that is false when the key is absent, ``Bool`` with ``true``; a Deny wants the one that is true
        when the key is absent, ``BoolIfExists`` with ``false``. The two are opposite, and each is a hole in the place of
        the other.

    Limits:
        MFA is as strong as the account that the user lives in: who may create MFA devices there can satisfy it. What
        happens after the role is assumed is not asked here.
    """

    ident = "mfa-required"
    summary = "an IAM user without MFA may get credentials of the role"
    options: ClassVar[Mapping[str, object]] = {"max-age": seconds}

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """Users without MFA; with ``max-age`` also users whose MFA is too old."""
        machines = third_party_accounts(subject.config)
        elsewhere = outside_accounts(machines)
        regions = tuple(Region(trust_world(subject, kind, ASSUME_ROLE), elsewhere) for kind in USERS_WITHOUT_MFA)
        asked = [Question(regions, _predicate(machines, None), "absent")]
        limit = self._limit(subject)
        if limit is not None:
            old = (f"key:{_AGE}", Values(False, NumberSet.above(limit).integers()))
            stale = tuple(
                Region(trust_world(subject, kind, ASSUME_ROLE), (*elsewhere, old))
                for kind in (USER_KEY_MFA, USER_SESSION_MFA)
            )
            asked.append(Question(stale, _predicate(machines, limit), "old"))
        return asked

    def _limit(self, subject: Subject) -> int | None:
        value = subject.config.option(self.ident, "max-age")
        return value if isinstance(value, int) else None

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Say which condition lets the user through, or that there is none."""
        role = subject.document.logical_id
        if refutation.about == "old":
            age = refutation.request.context[_AGE]
            limit = self._limit(subject)
            return Finding(
                f"a user whose MFA is {age} seconds old may get credentials of {role}",
                f"no condition stops an MFA older than {limit} seconds",
                refutation.statement.path,
                (),
                Remedy(
                    f"bound the age of the MFA to {limit} seconds",
                    (f'+ "NumericLessThanEquals": {{"aws:MultiFactorAuthAge": "{limit}"}}',),
                ),
            )
        message = f"a user without MFA may get credentials of {role}"
        return _explain(refutation, message)

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        return f"no IAM user without MFA gets credentials of {subject.document.logical_id}"


def _predicate(machines: Sequence[str], limit: int | None) -> Callable[[Request], bool]:
    def violates(request: Request) -> bool:
        if request.caller.kind not in USERS or request.caller.account in machines:
            return False
        if request.context.get(_PRESENT) != "true":
            return limit is None
        age = request.context.get(_AGE)
        return limit is not None and isinstance(age, str) and int(age) > limit

    return violates


def _explain(refutation: Refutation, message: str) -> Finding:
    statement = refutation.statement
    own = [c for c in statement.conditions if c.key.lower() in (_PRESENT, _AGE)]
    if own:
        condition = own[0]
        return Finding(
            message,
            "this lets a request without MFA through",
            condition.path,
            because(refutation, statement),
            _allow_remedy(condition),
        )
    missed = _missed_deny(refutation)
    if missed is not None:
        condition, path = missed
        return Finding(
            message,
            "this Deny does not apply to a request without MFA",
            path,
            because(refutation, statement),
            _deny_remedy(condition),
        )
    return Finding(
        message,
        f"admits {who(refutation.request)} without asking for MFA",
        (*statement.path, "Principal"),
        ("no condition of this statement looks at aws:MultiFactorAuthPresent, and no Deny does",),
        Remedy(
            "allow only requests that were authenticated with MFA",
            ('+ "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}',),
        ),
    )


def _missed_deny(refutation: Refutation) -> tuple[Condition, Path] | None:
    """The MFA condition of a Deny that would have stopped the request, and did not."""
    for explanation in refutation.decision.explanations:
        if explanation.statement.effect != DENY or explanation.applies:
            continue
        for finding in explanation.conditions:
            if not finding.matched and finding.condition.key.lower() in (_PRESENT, _AGE):
                return finding.condition, finding.condition.path
    return None


def _allow_remedy(condition: Condition) -> Remedy:
    old = _line("-", condition.operator, condition)
    if condition.key.lower() == _AGE:
        operator = parse_operator(condition.operator)
        base = operator.base if operator is not None and "Less" in operator.base else "NumericLessThanEquals"
        bound = next((str(o) for o in condition.operands if str(o).isdigit()), "3600")
        return Remedy(
            "use an operator that is false when the key is absent, with an upper bound",
            (old, f'+ "{base}": {{"aws:MultiFactorAuthAge": "{bound}"}}'),
        )
    return Remedy(
        "an Allow needs an operator that is false when the key is absent",
        (old, '+ "Bool": {"aws:MultiFactorAuthPresent": "true"}'),
    )


def _deny_remedy(condition: Condition) -> Remedy:
    old = _line("-", condition.operator, condition)
    if condition.key.lower() == _AGE:
        bound = next((str(o) for o in condition.operands if str(o).isdigit()), "3600")
        return Remedy(
            "a Deny needs an operator that is true when the key is absent",
            (old, f'+ "NumericGreaterThanIfExists": {{"aws:MultiFactorAuthAge": "{bound}"}}'),
        )
    return Remedy(
        "a Deny needs an operator that is true when the key is absent",
        (old, '+ "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}'),
    )


def _line(sign: str, operator: str, condition: Condition) -> str:
    values = [f'"{operand}"' for operand in condition.operands]
    shown = values[0] if len(values) == 1 else f"[{', '.join(values)}]"
    return f'{sign} "{operator}": {{"{condition.key}": {shown}}}'
