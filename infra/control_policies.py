"""
The control policies of the accounts file, and which of them hold for an account.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from infra._files import FULL_ACCESS, read_text
from infra._shapes import Place
from infra.schema import EVERYWHERE

SERVICE, RESOURCE = "service", "resource"
#: Their tables in the file, below organization.
TABLES = {SERVICE: "service-control-policies", RESOURCE: "resource-control-policies"}
_ALLOW = '"Effect":"Allow","Action":"*","Resource":"*"'
_FULL = {
    SERVICE: f'{{"Version":"2012-10-17","Statement":[{{{_ALLOW}}}]}}',
    RESOURCE: f'{{"Version":"2012-10-17","Statement":[{{"Principal":"*",{_ALLOW}}}]}}',
}
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")
#: A condition key of an identity provider, which begins with its host, or with the word for assertions.
_CLAIM = re.compile(r'"((?:[^":\s]+\.[^":\s]+|saml):[^":\s]+)"\s*:', re.IGNORECASE)
_REGION = re.compile(r"\b[a-z]{2,4}(?:-[a-z]+)+-[0-9]+\b")


@dataclass(frozen=True, slots=True)
class ControlPolicy:
    """A policy of a service or resource control policy's file."""

    #: As the file says it.
    name: str
    #: In JSON.
    text: str


@dataclass(frozen=True)
class ControlPolicies:
    """Those of the accounts file."""

    #: `SERVICE` or `RESOURCE` to the targets that the file has, and what is attached to each.
    attached: Mapping[str, Mapping[str, tuple[ControlPolicy, ...]]]
    #: Where the table of the organization stands.
    place: Place = field(repr=False)

    def levels(self, kind: str, targets: Sequence[str]) -> list[tuple[ControlPolicy, ...]]:
        """
        What is attached to each of some targets; none where the file has no such policies.

        Args:
            kind: `SERVICE` or `RESOURCE`.
            targets: from the root down.
        """
        attached = self.attached[kind]
        full = ControlPolicy(FULL_ACCESS[kind], _FULL[kind])
        if not attached:
            return []
        if kind == RESOURCE:
            # Nobody can detach it.
            return [(full, *attached.get(target, ())) for target in targets]
        return [attached.get(target, (full,)) for target in targets]

    @cached_property
    def texts(self) -> str:
        """All that they say, each policy once."""
        listed = (policies for by_target in self.attached.values() for policies in by_target.values())
        return "\n".join(dict.fromkeys(policy.text for policies in listed for policy in policies))

    @cached_property
    def organizations(self) -> list[str]:
        """The organizations that they name."""
        return sorted({*_ORGANIZATION.findall(self.texts)})

    @cached_property
    def claims(self) -> list[str]:
        """The condition keys of identity providers that they ask about."""
        return sorted({*_CLAIM.findall(self.texts)})

    @cached_property
    def regions(self) -> list[str]:
        """The Regions that they name, those that are written out."""
        return sorted({*_REGION.findall(self.texts)})


def control_policies(organization: Mapping[str, Any], file: Path, place: Place) -> ControlPolicies:
    """
    Read them; `infra._files.check_control_policies` has found them.

    Args:
        organization: the table of that name.
        file: the accounts file, which the others are beside.
        place: of the table.
    """
    attached = {
        kind: {
            target: tuple(_policy(name, kind, file) for name in names)
            for target, names in organization.get(table, {}).items()
        }
        for kind, table in TABLES.items()
    }
    return ControlPolicies(attached, place)


def _policy(name: str, kind: str, file: Path) -> ControlPolicy:
    is_full = name in FULL_ACCESS.values()
    return ControlPolicy(name, _FULL[kind] if is_full else read_text(file.parent / name))


def targets_of(account: str, unit: str | None) -> list[str]:
    """What policies may be attached to that hold for an account, from the root down, by the names in the file."""
    return [EVERYWHERE, *([unit] if unit is not None else []), account]
