"""
A remedy applied to a policy: what the policy says when somebody has done what the diff says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from trustproof.model.policy import ALLOW, Condition, Policy, Principal, Statement
from trustproof.model.text import Symbolic, Text
from trustproof.properties.remedies.edits import Block, between, block, json_line, replace, version

#: Elements of a statement that are lists, and what the model calls them.
_LISTS = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}


class _Written(NamedTuple):
    """
    The elements of a statement that a diff may change.
    """

    lists: dict[str, tuple[Text, ...]]
    condition: Block

    def get(self, name: str) -> object:
        """An element or an operator of the Condition; None where there is none."""
        return self.condition if name == "Condition" else self.lists.get(name) or self.condition.get(name)

    def without(self, name: str) -> None:
        """Take an element or an operator out."""
        if name == "Condition":
            self.condition.clear()
        else:
            (self.lists if name in _LISTS else self.condition).pop(name)


def applied(policy: Policy, statement: Statement, diff: Sequence[str]) -> Policy | None:
    """
    The policy with the lines of a diff taken out and put in; None where they are about something else than a policy.

    Args:
        statement: that the lines are about, if they do not take something out of another.
    """
    texts = {str(text): text for one in policy.statements for text in _texts(one)}
    try:
        elements = [(line[0], _element(line[1:])) for line in diff if line[0] in "+-"]
    except ValueError:
        # A statement more.
        return None
    removed = [one for sign, one in elements if sign == "-"]
    added = [one for sign, one in elements if sign == "+"]
    said = next((str(value) for name, value in added if name == "Version"), policy.version)
    removed, added = ([one for one in some if one[0] != "Version"] for some in (removed, added))
    found = next((one for one in (statement, *policy.statements) if _has(one, removed)), None)
    if not elements or found is None:
        return None

    def changed(one: Statement) -> Statement:
        written = _written(one)
        for name, _ in removed:
            written.without(name)
        for name, value in added:
            if name in _LISTS:
                written.lists[name] = _values(value, texts)
            elif isinstance(value, dict):
                blocks = value if name == "Condition" else {name: value}
                for operator, keys in blocks.items():
                    written.condition[operator] = {key: _values(held, texts) for key, held in keys.items()}
        return _with(one, written)

    try:
        statements = tuple(
            changed(one) if (one.effect, one.path) == (found.effect, found.path) and _has(one, removed) else one
            for one in policy.statements
        )
    except (AttributeError, TypeError):
        # A property that stands for a condition, as a Lambda::Permission has.
        return None
    return policy._replace(statements=statements, version=said)


def difference(before: Policy, after: Policy) -> tuple[str, ...]:
    """The lines that make one policy of another that differs from it in one statement."""
    head = version(before) if before.version != after.version else ()
    for old, new in zip(before.statements, after.statements, strict=True):
        if old == new:
            continue
        was, now = _written(old), _written(new)
        gone = [name for name in was.lists if name not in now.lists]
        lines: tuple[str, ...] = ()
        for name, texts in now.lists.items():
            if was.lists.get(name) != texts:
                there = name if name in was.lists else gone.pop()
                lines += replace(there, was.lists[there], texts, name)
        return (*head, *lines, *(between(was.condition, now.condition) if was.condition != now.condition else ()))
    return head


def apart(written: Statement, changed: Statement, meant: Sequence[Principal]) -> tuple[str, ...]:
    """
    The lines that take principals out of a statement, and give them a changed one of their own; none where a part of it
    is known only at deployment.
    """
    listed = written.principals or ()
    if any(isinstance(text, Symbolic) for text in (*_texts(written), *(entry.value for entry in listed))):
        return ()
    said = _written(changed)
    own: dict[str, object] = {"Effect": ALLOW, "Principal": _principals(meant), **said.lists}
    if said.condition:
        own["Condition"] = said.condition
    return (
        f'- "Principal": {json_line(_principals(listed))}',
        f'+ "Principal": {json_line(_principals([entry for entry in listed if entry not in meant]))}',
        f"+ {json_line(own)}",
    )


def _element(line: str) -> tuple[str, object]:
    ((name, value),) = json.loads("{" + line + "}").items()
    return name, value


def _written(statement: Statement) -> _Written:
    lists = {name: texts for name, held in _LISTS.items() if (texts := getattr(statement, held)) is not None}
    return _Written(lists, block(statement.conditions))


def _with(statement: Statement, written: _Written) -> Statement:
    before = {(c.operator, c.key): c for c in statement.conditions}
    conditions = tuple(
        before.get((operator, key), Condition(operator, key, ()))._replace(operands=operands)
        for operator, keys in written.condition.items()
        for key, operands in keys.items()
    )
    lists = written.lists
    return statement._replace(
        conditions=conditions,
        actions=lists.get("Action"),
        not_actions=lists.get("NotAction"),
        resources=lists.get("Resource"),
        not_resources=lists.get("NotResource"),
    )


def _has(statement: Statement, removed: Iterable[tuple[str, object]]) -> bool:
    written = _written(statement)
    return all(_plain(written.get(name)) == _plain(value) for name, value in removed)


def _plain(value: object) -> object:
    """A value with one way to write it: a list of one as that one."""
    if isinstance(value, Mapping):
        return {key: _plain(held) for key, held in value.items()}
    if isinstance(value, (list, tuple)) and not isinstance(value, Symbolic):
        return _plain(value[0]) if len(value) == 1 else [_plain(one) for one in value]
    return None if value is None else str(value)


def _values(value: object, texts: Mapping[str, Text]) -> tuple[Text, ...]:
    """Texts that the policy has are the same in the diff, with what is known of their parts."""
    return tuple(texts.get(str(one), str(one)) for one in (value if isinstance(value, list) else [value]))


def _texts(statement: Statement) -> Iterable[Text]:
    for name in _LISTS.values():
        yield from getattr(statement, name) or ()
    for condition in statement.conditions:
        yield from condition.operands


def _principals(entries: Iterable[Principal]) -> dict[str, tuple[Text, ...]]:
    out: dict[str, tuple[Text, ...]] = {}
    for entry in entries:
        out[entry.kind] = (*out.get(entry.kind, ()), entry.value)
    return out
