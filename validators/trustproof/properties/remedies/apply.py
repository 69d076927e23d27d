"""
A remedy applied to a policy: what the policy says when somebody has done what the edits say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from trustproof.model.policy import ALLOW, Condition, Policy, Principal, Statement
from trustproof.model.text import Text
from trustproof.properties.edits import Block, block, change_between, replace, version
from trustproof.results.edit import END, Edit, Value, set_value

#: Elements of a statement that are lists, and what the model calls them.
_LISTS = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}


def apply_edits(policy: Policy, edits: Sequence[Edit]) -> Policy | None:
    """
    The policy with edits made; None where they are about something else, or about what it does not say.

    Args:
        edits: of its version, and of lists and the Condition of one statement. Of a statement that has several forms,
            each changes that says what the edits take out.
    """
    about = [edit for edit in edits if edit.path != (*policy.path, "Version")]
    said = next((str(edit.value) for edit in edits if edit not in about), policy.version)
    if not edits or any(edit.path[-1] == END for edit in edits):
        return None
    if not about:
        return policy._replace(version=said)
    found = [s for s in policy.statements if all(_is_in(edit, s) for edit in about)]
    if not found:
        return None
    forms = [s for s in found if (s.effect, s.path) == (found[0].effect, found[0].path)]
    statements = tuple(_edited(s, about) if s in forms else s for s in policy.statements)
    return policy._replace(statements=statements, version=said)


def _is_in(edit: Edit, statement: Statement) -> bool:
    """Whether a statement says what an edit takes out, and can say what it puts in."""
    keys = edit.path[len(statement.path) :]
    if edit.path[: len(statement.path)] != statement.path:
        return False
    said = block(statement.conditions)
    if keys == ("Condition",):
        return _is_block(edit.value) and (edit.before is None or edit.before == said)
    if len(keys) == 2 and keys[0] == "Condition":
        return edit.before is None or edit.before == said.get(str(keys[1]))
    if len(keys) == 1 and keys[0] in _LISTS:
        return edit.before is None or edit.before == getattr(statement, _LISTS[str(keys[0])])
    return False


def _is_block(value: object) -> bool:
    """Whether a value is what ``Condition`` has in a policy, and not what the resource of a grant writes for it."""
    return value is None or (isinstance(value, Mapping) and all(isinstance(keys, Mapping) for keys in value.values()))


def _edited(statement: Statement, edits: Sequence[Edit]) -> Statement:
    said = block(statement.conditions)
    for edit in edits:
        name = str(edit.path[-1])
        if name in _LISTS:
            listed = cast("tuple[Text, ...] | None", edit.value)
            statement = statement._replace(**{_LISTS[name]: listed})  # type: ignore[arg-type]
        elif name == "Condition":
            said = dict(cast("Block", edit.value or {}))
        else:
            said.pop(name, None)
            if edit.value is not None:
                said[name] = cast("dict[str, tuple[Text, ...]]", edit.value)
    before = {(c.operator, c.key): c for c in statement.conditions}
    return statement._replace(
        conditions=tuple(
            before.get((operator, key), Condition(operator, key, ()))._replace(operands=operands)
            for operator, keys in said.items()
            for key, operands in keys.items()
        )
    )


def difference(before: Policy, after: Policy) -> tuple[Edit, ...]:
    """The edits that make one policy of another that differs from it in one statement; none where it does in more."""
    if sum(old != new for old, new in zip(before.statements, after.statements, strict=True)) > 1:
        return ()
    head = version(before) if before.version != after.version else ()
    for old, new in zip(before.statements, after.statements, strict=True):
        if old == new:
            continue
        was, now = _lists(old), _lists(new)
        gone = [name for name in was if name not in now]
        edits: tuple[Edit, ...] = ()
        for name, listed in now.items():
            if was.get(name) != listed:
                edits += replace(old, name if name in was or not gone else gone.pop(), listed, name)
        return (*head, *edits, *change_between(old, block(old.conditions), block(new.conditions)))
    return head


def apart(policy: Policy, written: Statement, changed: Statement, meant: Sequence[Principal]) -> tuple[Edit, ...]:
    """The edits that take principals out of a statement, and give them a changed one of their own."""
    listed = written.principals or ()
    own: dict[str, Value] = {"Effect": ALLOW, "Principal": _principals(meant), **_lists(changed)}
    if changed.conditions:
        own["Condition"] = block(changed.conditions)
    left = _principals([entry for entry in listed if entry not in meant])
    return (
        set_value((*written.path, "Principal"), _principals(listed), left),
        set_value((*policy.path, "Statement", END), None, own),
    )


def _lists(statement: Statement) -> dict[str, tuple[Text, ...]]:
    return {name: found for name, held in _LISTS.items() if (found := getattr(statement, held)) is not None}


def _principals(entries: Iterable[Principal]) -> Mapping[str, tuple[Text, ...]]:
    out: dict[str, tuple[Text, ...]] = {}
    for entry in entries:
        out[entry.kind] = (*out.get(entry.kind, ()), entry.value)
    return out
