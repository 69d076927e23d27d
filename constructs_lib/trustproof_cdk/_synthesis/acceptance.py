"""
What the authors of stacks have accepted of the findings, by a waiver in the template or by acknowledging them, and
whether it counts.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs import IConstruct

from trustproof_cdk._synthesis.stages import acknowledging_constructs, outside_of_stacks

if TYPE_CHECKING:
    from trustproof import Config, Report, Result


class Acceptance:
    """
    Which findings may be accepted.

    Args:
        declared: the configuration of the run.
        report: what was found.
        app: the construct that was synthesized.
        is_fatal: whether nobody may accept anything.
    """

    def __init__(self, declared: Config, report: Report, app: IConstruct, *, is_fatal: bool) -> None:
        self._declared, self._report, self._app, self._is_fatal = declared, report, app, is_fatal

    def is_final(self, result: Result) -> bool:
        """
        Whether nobody may acknowledge a finding: the project does not let anybody waive it, or who has acknowledged it
        has done so where only the CDK sees it, and whatever reads the assembly does not.
        """
        return self._is_fatal or self._is_settled(result) or self._outside(result) is not None

    def unchecked(self, path: str, rule: str) -> tuple[bool, list[str]]:
        """
        Whether nobody may acknowledge that something was not looked into, and what an acknowledgment lacks.

        Args:
            path: of the construct that has it; empty where it is of none, or the CDK was told to leave paths out.
            rule: what it is acknowledged as.
        """
        place = outside_of_stacks(acknowledging_constructs(self._app, path, rule))
        return self._is_fatal or place is not None, _said_around(place)

    def in_vain(self, result: Result) -> list[str]:
        """What a waiver or an acknowledgment lacks; one that counts is none of the CDK's business."""
        return [*self._waived_in_vain(result), *self._acknowledged_in_vain(result)]

    def _is_settled(self, result: Result) -> bool:
        """By the configuration of the run, or by that of the template."""
        there = self._report.settled.get(result.template, ())
        return result.property in there or not self._declared.is_waivable(result.property)

    def _outside(self, result: Result) -> str | None:
        """Where a finding is acknowledged, if that is around the stack and not in it."""
        path = result.construct_path
        return None if path is None else outside_of_stacks(acknowledging_constructs(self._app, path, result.property))

    def _acknowledged_in_vain(self, result: Result) -> list[str]:
        return _said_around(self._outside(result))

    def _waived_in_vain(self, result: Result) -> list[str]:
        written: Any = _resources(Path(result.template))
        for key in (result.logical_id, "Metadata", "trustproof", "waivers"):
            written = written.get(key) if isinstance(written, dict) else None
        if not any(isinstance(one, dict) and one.get("property") == result.property for one in written or ()):
            return []
        if self._is_settled(result):
            return [f"its waiver in the template does not count: {result.property} is declared with waivable = false"]
        if self._is_fatal:
            return ["its waiver in the template does not count: the app has TrustproofChecks(severity='fatal')"]
        if not self._declared.template_waivers:
            return ["its waiver in the template does not count: the configuration does not say template-waivers = true"]
        return ["its waiver in the template does not count any more: its last day is over"]


def _said_around(place: str | None) -> list[str]:
    """What is said of an acknowledgment around the stacks; None for one that is in a stack, or that nobody made."""
    if place is None:
        return []
    said = (
        f"what is acknowledged of {place} does not count, since the templates do not have it, and trustproof check "
        "would not see it: acknowledge it of the stack, or of what is in it"
    )
    return [said]


def _resources(template: Path) -> Any:
    """
    By logical id; none of what is no template of the CDK, as a configuration is, or the YAML that a nested stack was
    given.
    """
    try:
        found = json.loads(template.read_bytes())
    except (OSError, ValueError):
        return {}
    return found.get("Resources", {}) if isinstance(found, dict) else {}
