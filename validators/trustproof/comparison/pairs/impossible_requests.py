"""
Requests that nobody can send, which a statement allows that says what is *not* allowed: `NotAction` beside the ARN of a
bucket allows whatever other services do, and nothing of that is about a bucket.

They are denied on both sides, so that two ways to write the same are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trustproof.aws.actions_about import actions_about
from trustproof.comparison.subjects.subjects import Subject
from trustproof.model.document import IDENTITY
from trustproof.model.policy import ALLOW, DENY, Statement
from trustproof.model.text import Symbolic, Text

_VARIABLE = re.compile(r"\$\{[^}]*\}")


def impossible(*subjects: Subject | None) -> tuple[Statement, ...]:
    """Statements that deny what no action is about, of all that identity policies say with `NotAction`."""
    found: dict[tuple[str, ...], dict[str, None]] = {}
    for resource in _resources(subjects):
        if (actions := actions_about(resource)) is not None:
            found.setdefault(actions, {})[resource] = None
    return tuple(Statement(DENY, not_actions=actions, resources=(*there,)) for actions, there in found.items())


def _resources(subjects: tuple[Subject | None, ...]) -> Iterator[str]:
    for subject in subjects:
        for document in () if subject is None or subject.kind != IDENTITY else subject.documents:
            for statement in document.policy.statements:
                if statement.effect == ALLOW and statement.not_actions is not None:
                    yield from map(_as_pattern, statement.resources or ())


def _as_pattern(resource: Text) -> str:
    """An ARN with a wildcard for whatever is known later."""
    parts = resource.parts if isinstance(resource, Symbolic) else (resource,)
    return _VARIABLE.sub("*", "".join(part if isinstance(part, str) else "*" for part in parts))
