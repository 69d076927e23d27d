"""
Service and resource control policies: what the organization leaves to its accounts, level by level.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from trustproof.aws.resource_policies import RESOURCE_CONTROLLED, RESOURCE_UNCONTROLLED
from trustproof.config.toml import line_of
from trustproof.errors import PolicySyntaxError
from trustproof.inputs.documents.control_policies import parse_control_policy
from trustproof.model.document import IDENTITY, RESOURCE
from trustproof.model.request import SERVICE, Caller
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.errors import SandboxError
from trustproof.sandbox.organization import MANAGEMENT_ACCOUNT, Organization, meant

#: What stands at every level until something else takes its place: `FullAWSAccess`, `RCPFullAWSAccess`.
FULL_ACCESS = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
FULL_RESOURCE_ACCESS = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'
)
_LINKED_ROLE = ":role/aws-service-role/"


#: Types of control policies, to the kind of policy that they are written like.
KINDS = {"SERVICE_CONTROL_POLICY": IDENTITY, "RESOURCE_CONTROL_POLICY": RESOURCE}


class ControlPolicy(NamedTuple):
    """A control policy that a stack has made."""

    #: `p-…`.
    id: str
    name: str
    #: One of `KINDS`.
    type: str
    description: str
    text: str
    #: Ids of the root, of units and accounts.
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Controls:
    """
    The control policies of an organization.

    Args:
        service: the id of the root, of a unit or of an account to the texts of all service control policies that are
            attached to it; a target that is not here has `FullAWSAccess`.
        resource: likewise the resource control policies, beside `RCPFullAWSAccess`, which nobody can detach.
        deployed: those that stacks have made, which are attached besides.
    """

    service: Mapping[str, Sequence[str]] = field(default_factory=dict)
    resource: Mapping[str, Sequence[str]] = field(default_factory=dict)
    deployed: tuple[ControlPolicy, ...] = ()

    def of_caller(self, caller: Caller, organization: Organization) -> list[Sequence[str]]:
        """The levels that a caller's account is held to; none where service control policies do not apply."""
        account = caller.account
        if account is None or caller.kind == SERVICE or _LINKED_ROLE in caller.arn:
            return []
        if not self.service and not any(KINDS[one.type] == IDENTITY for one in self.deployed):
            return []
        return [
            (*self.service.get(target, (FULL_ACCESS,)), *self._deployed_at(target, IDENTITY))
            for target in _targets(account, organization)
        ]

    def of_resource(self, caller: Caller, need: Need, organization: Organization) -> list[Sequence[str]]:
        """The levels that the account of a resource is held to."""
        service = need.action.partition(":")[0].lower()
        if need.owner is None or service not in RESOURCE_CONTROLLED:
            return []
        if not self.resource and not any(KINDS[one.type] == RESOURCE for one in self.deployed):
            return []
        if need.of_aws or need.action in RESOURCE_UNCONTROLLED:
            return []
        if _LINKED_ROLE in caller.arn or (need.resource is not None and _LINKED_ROLE in need.resource):
            return []
        return [
            (FULL_RESOURCE_ACCESS, *self.resource.get(target, ()), *self._deployed_at(target, RESOURCE))
            for target in _targets(need.owner, organization)
        ]

    def _deployed_at(self, target: str, kind: str) -> Iterator[str]:
        return (one.text for one in self.deployed if target in one.targets and KINDS[one.type] == kind)


def _targets(account: str, organization: Organization) -> list[str]:
    """Root, unit and account, from the top; none of an account that is not held to control policies."""
    if account == MANAGEMENT_ACCOUNT or account not in organization or organization.accounts[account].is_management:
        return []
    unit = organization.accounts[account].unit
    return [organization.root_id, *([unit] if unit is not None else []), account]


#: The words in an accounts file for what AWS attaches, and what they are as each kind of policy.
_FULL = ("FullAWSAccess", "RCPFullAWSAccess")
_FULL_TEXTS = {IDENTITY: FULL_ACCESS, RESOURCE: FULL_RESOURCE_ACCESS}
_ROOT = "*"


def controls_from_file(path: Path, organization: Organization) -> Controls:
    """
    The control policies that an accounts file names.

    Args:
        path: of the accounts file; `organization.service-control-policies` and `resource-control-policies` name files
            beside it.
        organization: of the same file.

    Raises:
        SandboxError: a target is none of the organization's, or a policy cannot be read.
    """
    text = path.read_text(encoding="utf-8")
    section = tomllib.loads(text).get("organization", {})
    return Controls(
        _attached(section, "service-control-policies", IDENTITY, path, text, organization),
        _attached(section, "resource-control-policies", RESOURCE, path, text, organization),
    )


def _attached(
    section: Mapping[str, object], name: str, kind: str, path: Path, text: str, organization: Organization
) -> dict[str, list[str]]:
    entries = section.get(name, {})
    where = f"{path}: organization.{name}"
    if not isinstance(entries, dict):
        raise SandboxError(f"{where}: a table is expected")
    names = {account.name: account.id for account in organization.accounts.values()}
    ids = {**names, **organization.units, _ROOT: organization.root_id}
    found: dict[str, list[str]] = {}
    for target, files in entries.items():
        if target not in ids:
            line = line_of(text, ("organization", name, target))
            at = path if line is None else f"{path}:{line}"
            said = (
                f"{at}: organization.{name}: {target!r} is neither a unit nor an account, nor '*'{meant(target, ids)}"
            )
            raise SandboxError(said)
        if not isinstance(files, list) or not all(isinstance(one, str) for one in files):
            raise SandboxError(f"{where}.{target}: a list of files is expected")
        found[ids[target]] = [_FULL_TEXTS[kind] if one in _FULL else _text(path.parent / one, kind) for one in files]
    return found


def _text(file: Path, kind: str) -> str:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SandboxError(f"{file}: {reason}") from None
    try:
        check_text(text, kind)
    except SandboxError as refused:
        raise SandboxError(f"{file}: {refused}") from None
    return text


def check_text(text: str, kind: str) -> None:
    """
    See that a text is a control policy that Organizations takes.

    Args:
        text: in JSON.
        kind: one of the values of `KINDS`.

    Raises:
        SandboxError: it is not; the message says why.
    """
    try:
        parse_control_policy(text, kind=kind)
    except PolicySyntaxError as error:
        raise SandboxError(str(error)) from None
