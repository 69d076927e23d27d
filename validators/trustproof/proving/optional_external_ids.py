"""
External ids that a template asks for only in some of its deployments: ``Condition: !If [HasId, …, !Ref AWS::NoValue]``.

A third party's machines have no MFA: what is to be asked of them is the external id, always.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from trustproof.model.operators import parse_operator
from trustproof.model.path_steps import is_choice
from trustproof.model.policy import Condition, Path, Policy, Statement
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.properties.wording.admitted_principals import giving_account
from trustproof.proving.instantiate import unknowns
from trustproof.results.groups import cause_of_external_id
from trustproof.results.result import NOTE, REFUTED, Remedy

_KEY = "sts:externalid"
#: In the content of a statement: who is to pass none is no third party, as with ``DenyExternalId`` of cdk bootstrap.
_ASKS_FOR_NONE = r'\["null", "sts:externalid", "true"\]'


class Forms(NamedTuple):
    """
    What a statement is in other deployments.
    """

    #: What it says in all the forms that conditions of the template give it.
    content: str
    #: What is left out of what decides by a condition which form it has, by name.
    left_out: Sequence[str]
    #: What it was read at, for the parameters that it uses.
    defaults: Mapping[str, str]
    #: Gives the parameters at whose other values a statement, by its path, looks at a condition key.
    asking_elsewhere: Callable[[Path, str], Mapping[str, str]]

    def without_external_id(self, statement: Statement) -> Sequence[str] | None:
        """What is left out where the statement does not ask for an external id; None where it never asks."""
        if _KEY in re.sub(_ASKS_FOR_NONE, "", self.content.lower()):
            return self.left_out
        return tuple(self.asking_elsewhere(statement.path, _KEY)) or None


def _never_empty(names: Sequence[str], read: Collection[str]) -> str:
    """What is to be done so that names always have a value, to follow other advice; empty for no names."""
    own = [name for name in names if name not in read]
    found = [name for name in names if name in read]
    said = f", and give {' and '.join(own)} no default" if own else ""
    return said + (f", and see that {' and '.join(found)} has a value in every account" if found else "")


def for_optional_external_id(subject: Subject, ident: str, found: Refutation, said: Finding, forms: Forms) -> Finding:
    """
    The finding about somebody of whom the template asks an external id in other deployments, which says that; and what
    is found in those is folded into it.

    Args:
        ident: of the property.
    """
    if said.verdict != REFUTED or ident not in ("mfa-required", "external-id-required"):
        return said
    read = {one.symbol.name for one in unknowns(subject) if one.symbol.is_looked_up}
    if ident == "external-id-required" and any(c.key.lower() == _KEY for c in found.statement.conditions):
        return _without_default(found.statement, said, forms.defaults, read)
    cause = cause_of_external_id(subject.document.logical_id, found.statement.path)
    if any(map(_asks, found.statement.conditions)):
        return said._replace(cause=cause) if ident == "mfa-required" and said.severity == NOTE else said
    boundary = subject.config.boundary
    own = (subject.account, *(boundary.accounts if boundary is not None else ()))
    if any(c.key.lower() == _KEY for c in found.statement.conditions) or found.request.caller.account in own:
        return said
    given = forms.without_external_id(found.statement)
    if given is None and _asks_in_another_branch(subject.policy, found.statement):
        given = forms.left_out
    if given is None:
        return said
    names = " and ".join(given)
    of_terraform = any(name.startswith("var.") for name in given)
    always = "whatever the variables are" if of_terraform else "without a condition of the template"
    remedy = Remedy(f"always ask for sts:ExternalId, {always}{_never_empty(given, read)}")
    if ident == "external-id-required":
        return said._replace(remedy=remedy, otherwise=())
    account, gives = found.request.caller.account, giving_account(found)
    whose = f"whoever {gives[0]} names" if gives else f"account {account}"
    where = f" where {names} is {'empty' if read >= {*given} else 'left out'}" if given else ""
    why = "in other deployments the template asks for an external id, as third parties pass, whose programs have no MFA"
    return said._replace(
        message=f"{whose} gets {subject.document.logical_id} without an external id{where}",
        label="admits it whatever it sends",
        why=(*(one for one in said.why if "MultiFactorAuth" not in one and "MFA" not in one), why),
        remedy=remedy,
        otherwise=(),
        cause=cause,
    )


def _without_default(
    statement: Statement, said: Finding, defaults: Mapping[str, str], read: Collection[str]
) -> Finding:
    """The finding about an external id that is the default of a parameter: nobody has agreed on that one."""
    if said.remedy is None or said.remedy.edits:
        return said
    operands = {str(operand) for c in statement.conditions if c.key.lower() == _KEY for operand in c.operands}
    names = sorted(name for name, value in defaults.items() if value in operands)
    return said._replace(remedy=said.remedy._replace(text=said.remedy.text + _never_empty(names, read)))


def passing_external_id(statement: Statement, said: Finding, forms: Forms) -> Finding:
    """The finding about accounts of which nobody has said whose they are, which pass an external id elsewhere."""
    if not said.undeclared or any(c.key.lower() == _KEY for c in statement.conditions):
        return said
    if forms.without_external_id(statement) is None:
        return said
    steps = len(statement.path)
    return said._replace(
        undeclared=tuple(
            one._replace(passes_external_id=True)
            if one.table == "accounts" and one.path[: steps + 1] == (*statement.path, "Principal")
            else one
            for one in said.undeclared
        )
    )


def _asks_in_another_branch(policy: Policy, statement: Statement) -> bool:
    """Whether, where a function has something else in place of a statement, the same callers pass an external id."""
    return any(
        other.principals == statement.principals and any(map(_asks, other.conditions))
        for other in policy.statements
        if (branch := _branches(statement.path, other.path)) and is_choice(branch[0])
    )


def _branches(one: Path, other: Path) -> Path:
    """What two paths have in common last, where they part; nothing of paths of which one goes on from the other."""
    for number, (first, second) in enumerate(zip(one, other, strict=False)):
        if first != second:
            return one[max(number - 1, 0) : number]
    return ()


def _asks(condition: Condition) -> bool:
    """Whether a condition is false of a request without the external id that it names."""
    operator = parse_operator(condition.operator)
    if condition.key.lower() != _KEY or operator is None or operator.base == "Null":
        return False
    return not (operator.negated or operator.if_exists)


def nowhere(*_: object) -> Mapping[str, str]:
    """No parameters at whose values something else is asked: it has a name, so that processes can hand it on."""
    return {}
