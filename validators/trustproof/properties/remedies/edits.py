"""
Remedies as small diffs that can be applied as they stand: what a statement says of a key, added, replaced or taken out.

A JSON object names nothing twice, so a condition goes into the ``Condition`` that is there, and into the operator that
is there; and what has no ``Condition`` gets the property that stands for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from trustproof.model.policy import Condition, Path, Policy, Statement
from trustproof.model.text import Text
from trustproof.properties.question import Subject

#: Operator, key and values.
Demand: TypeAlias = "tuple[str, str, tuple[Text, ...]]"
#: Operators to keys to values.
Block: TypeAlias = "dict[str, dict[str, tuple[Text, ...]]]"

#: Resources that grant something by their properties: type to the properties that stand for conditions.
_GRANTS: dict[str, dict[str, str]] = {
    "AWS::Lambda::Permission": {
        "aws:principalorgid": "PrincipalOrgID",
        "aws:sourceaccount": "SourceAccount",
        "aws:sourcearn": "SourceArn",
        "lambda:functionurlauthtype": "FunctionUrlAuthType",
    },
    "AWS::Lambda::LayerVersionPermission": {"aws:principalorgid": "OrganizationId"},
    "AWS::ACMPCA::Permission": {"aws:sourceaccount": "SourceAccount"},
    "AWS::Signer::ProfilePermission": {},
    "AWS::QBusiness::Permission": {},
}
#: Grants with one condition, as three properties.
_ONE_CONDITION = ("AWS::Events::EventBusPolicy",)


def as_written(subject: Subject, statement: Statement) -> Statement:
    """The statement as the template has it, where a deployment of it is at hand."""
    found = [s for document in subject.documents for s in document.policy.statements if s.path == statement.path]
    return statement if statement in found or len(found) != 1 else found[0]


def where(subject: Subject, statement: Statement) -> str:
    """What to add to a remedy where a statement has several forms, of which its diff shows one."""
    found = [s for document in subject.documents for s in document.policy.statements if s.path == statement.path]
    return (
        ", in each form that parameters and conditions give it"
        if len(found) > 1 and any(s.guards for s in found)
        else ""
    )


def demand(subject: Subject, statement: Statement, *demands: Demand) -> tuple[str, ...]:
    """The lines that add conditions to an Allow statement, each in place of what the statement says of its key."""
    written = as_written(subject, statement)
    type_ = subject.document.resource_type
    if _is_grant(type_, written.path):
        return tuple(line for one in demands for line in _property(type_, written, one))
    keys = {key.lower() for _, key, _ in demands}
    return change(written, [c for c in written.conditions if c.key.lower() in keys], demands)


def demand_in(written: str) -> Demand:
    """The demand that one condition in JSON makes: ``"StringEquals": {"SAML:aud": "..."}``."""
    import json

    ((operator, keys),) = json.loads("{" + written + "}").items()
    ((key, value),) = keys.items()
    return operator, key, (value,)


def change(
    statement: Statement, drop: Sequence[Condition] = (), demands: Sequence[Demand] = (), *, whole: bool = False
) -> tuple[str, ...]:
    """
    The lines that take conditions out of a statement, and put others in.

    Args:
        whole: whether the whole Condition is shown, where the remedy does not stand next to it.
    """
    after = block([c for c in statement.conditions if c not in drop])
    for operator, key, values in demands:
        after.setdefault(operator, {})[key] = values
    return between(block(statement.conditions), after, whole=whole)


def between(before: Block, after: Block, *, whole: bool = False) -> tuple[str, ...]:
    """The lines that make one Condition of another."""
    if whole or not before or not after:
        return tuple(f'{sign} "Condition": {json_line(said)}' for sign, said in (("-", before), ("+", after)) if said)
    out: list[str] = []
    for operator in dict.fromkeys((*before, *after)):
        old, new = before.get(operator), after.get(operator)
        if old != new:
            out += [f'{sign} "{operator}": {json_line(found)}' for sign, found in (("-", old), ("+", new)) if found]
    if any(line.startswith("-") for line in out):
        return tuple(out)
    return ('  "Condition": {...', *out, "  }")


def replace(element: str, before: Sequence[Text] | None, after: Sequence[Text], becomes: str = "") -> tuple[str, ...]:
    """
    The lines that replace a list of a statement.

    Args:
        element: its name; of the new list too, unless `becomes` says another.
    """
    old = () if before is None else (f'- "{element}": {json_line(tuple(before))}',)
    return (*old, f'+ "{becomes or element}": {json_line(tuple(after))}')


def version(policy: Policy) -> tuple[str, ...]:
    """The lines that give a policy the version that has policy variables."""
    old = () if policy.version is None else (f'- "Version": {json_line(policy.version)}',)
    return (*old, '+ "Version": "2012-10-17"')


def is_grant(subject: Subject, statement: Statement) -> bool:
    """Whether a statement is what AWS makes of a resource's properties, and nothing that the template has."""
    return _is_grant(subject.document.resource_type, as_written(subject, statement).path)


def _is_grant(type_: str, path: Path) -> bool:
    return (type_ in _GRANTS or type_ in _ONE_CONDITION) and path[-1:] == ("Properties",)


def _property(type_: str, statement: Statement, one: Demand) -> tuple[str, ...]:
    operator, key, values = one
    if type_ in _ONE_CONDITION:
        new = f'+ "Condition": {json_line({"Type": operator, "Key": key, "Value": values})}'
        old = [
            f'- "Condition": {json_line({"Type": c.operator, "Key": c.key, "Value": c.operands})}'
            for c in statement.conditions
        ]
        return (*old, new)
    name = _GRANTS[type_].get(key.lower())
    if name is None:
        return ()
    held = next((c.operands for c in statement.conditions if c.key.lower() == key.lower()), None)
    return replace(name, held, values)


def block(conditions: Sequence[Condition]) -> Block:
    """What a Condition says, as JSON has it."""
    out: Block = {}
    for condition in conditions:
        out.setdefault(condition.operator, {})[condition.key] = condition.operands
    return out


def json_line(value: object) -> str:
    """JSON on one line; a list of one value as the value."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json_line(key)}: {json_line(found)}" for key, found in value.items()) + "}"
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return json_line(value[0]) if len(value) == 1 else "[" + ", ".join(map(json_line, value)) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
