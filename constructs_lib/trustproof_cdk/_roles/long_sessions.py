"""
Roles of this library whose sessions something else than their arguments has made longer: an Aspect, a property, an
override.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from constructs import IConstruct

from trustproof_cdk._roles import handed_roles

if TYPE_CHECKING:
    from trustproof import Config, Result

_PROPERTY = "session-duration-bounded"
WITHOUT_REASON = (
    "it was made for an hour, by a construct that asks for a session_duration_reason, and an Aspect, a property or an "
    "override has made that longer"
)


class LongSessions:
    """
    Which findings are about such roles.

    Args:
        declared: the configuration of the run; where that says anything of how long sessions last, it has the word.
        app: the construct that was synthesized.
    """

    def __init__(self, declared: Config, app: IConstruct) -> None:
        self._app, self._is_declared = app, _PROPERTY in declared.properties

    def has_no_reason(self, result: Result) -> bool:
        """Whether a finding is that; of a role with a reason, the construct has acknowledged it."""
        if self._is_declared or result.property != _PROPERTY or result.verdict != "refuted":
            return False
        return (Path(result.template).resolve(), result.logical_id) in self._made

    @cached_property
    def _made(self) -> set[tuple[Path | None, str]]:
        return handed_roles.reported_in(self._app)
