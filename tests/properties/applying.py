"""
A remedy applied to a policy by somebody who does what its diff says, and nothing else.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

import trustproof
from trustproof import Result, UsageError
from trustproof.results.edit import ADD, END, REMOVE, Edit

Json = dict[str, object]

#: What a statement or a document has; everything else that a diff names is an operator of the Condition.
ELEMENTS = ("Action", "Condition", "NotAction", "NotResource", "Principal", "Resource", "Version")

#: The properties of a trust policy.
ASKED_OF_TRUST = (
    "mfa-required",
    "inside-boundary",
    "statement-usable",
    "external-id-required",
    "no-confused-deputy",
    "web-identity-bound",
    "saml-audience-bound",
)


def applied(policy: Json, found: Result) -> Json:
    """
    The policy with the remedy of a result.

    Raises:
        AssertionError: a line to be taken out is not there, or one to be put in is there already.
    """
    assert found.remedy is not None
    before, policy = policy, copy.deepcopy(policy)
    removed = [_element(line) for line in found.remedy.diff if line.startswith("-")]
    added = [_element(line) for line in found.remedy.diff if line.startswith("+")]
    assert removed or added, f"nothing to apply: {found.remedy}"
    statements = policy["Statement"]
    assert isinstance(statements, list)
    own = [one for one in removed if "Version" not in one]
    if own:
        target = next(statement for statement in statements if all(_has(statement, one) for one in own))
    else:
        target = statements[int(found.path[1])]
    for one in removed:
        for name in one:
            del _holder(policy, target, name)[name]
    for one in added:
        if "Effect" in one:
            statements.append(one)
            continue
        for name, value in one.items():
            holder = _holder(policy, target, name)
            assert name not in holder, f"{name} is there already"
            holder[name] = value
    assert _text(policy) == _text(edited(before, found.remedy.edits)), "the lines say something else than the edits"
    return policy


def edited(policy: Json, edits: Sequence[Edit]) -> Json:
    """
    The policy with edits made at their paths, as a program would.

    Raises:
        AssertionError: what an edit takes out is not there, or something is that it puts in.
    """
    policy = copy.deepcopy(policy)
    for edit in edits:
        holder: Any = policy
        for key in edit.path[:-1]:
            holder = holder[key]
        name = edit.path[-1]
        if name == END:
            holder.append(_json(edit.value))
            continue
        assert (name in holder) is (edit.operation != ADD), f"{edit.operation} of {name}"
        assert edit.operation == ADD or _text(holder[name]) == _text(_json(edit.before))
        if edit.operation == REMOVE:
            del holder[name]
        else:
            holder[name] = _json(edit.value)
    return policy


def _json(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _json(found) for key, found in value.items()}
    return [str(one) for one in value] if isinstance(value, tuple) else str(value)


def _element(line: str) -> Json:
    text = line[1:].strip()
    found = json.loads(text if text.startswith("{") else "{" + text + "}")
    assert isinstance(found, dict)
    return found


def _holder(policy: Json, target: Json, name: str) -> Json:
    if name == "Version":
        return policy
    held = target if name in ELEMENTS else target["Condition"]
    assert isinstance(held, dict)
    return held


def _has(statement: Json, one: Json) -> bool:
    return all(
        (name in ELEMENTS or "Condition" in statement) and _text(_holder({}, statement, name).get(name)) == _text(value)
        for name, value in one.items()
    )


def _text(value: object) -> object:
    """A value with one way to write it: numbers and booleans as text, a list of one as that one."""
    if isinstance(value, dict):
        return {key: _text(found) for key, found in value.items()}
    if isinstance(value, list):
        return _text(value[0]) if len(value) == 1 else [_text(found) for found in value]
    return value if isinstance(value, str) or value is None else json.dumps(value)


def opened(before: Json, after: Json, **known: object) -> list[str]:
    """
    The properties that are proved of one policy and not of another.

    Args:
        known: what `trustproof.prove` is to be told besides.
    """
    was, now = proved(before, **known), proved(after, **known)
    return [asked for asked in was if asked not in now]


def proved(policy: Json, **known: object) -> list[str]:
    """The properties that are proved of a policy, or have nothing to ask of it."""
    out: list[str] = []
    for asked in ASKED_OF_TRUST:
        try:
            found = trustproof.prove(policy, asked, **known)  # type: ignore[arg-type]
        except UsageError:
            out.append(asked)
        else:
            out += [asked] if found.verdict == "proved" else []
    return out
