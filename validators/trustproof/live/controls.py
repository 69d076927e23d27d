"""
Control policies: what the templates say, and what the organization has, with what it is attached to.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from trustproof.live.account import LiveAccount
from trustproof.live.errors import CannotCheck
from trustproof.live.policy_comparison import DIFFERS, SAME, UNKNOWN, Comparison, compare
from trustproof.live.references import text_in
from trustproof.live.settings import compare_settings
from trustproof.model.document import IDENTITY, RESOURCE

TYPE = "AWS::Organizations::Policy"
#: Types of policies that decide requests, to the kind of policy that they are written like.
_KINDS = {"SERVICE_CONTROL_POLICY": IDENTITY, "RESOURCE_CONTROL_POLICY": RESOURCE}
#: Organizations is in one Region of each partition.
_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1"}
_WHO = "only the management account and delegated administrators of policies read them"


class ControlPolicy(NamedTuple):
    """
    A policy of an organization that a template makes.
    """

    #: `p-…`.
    id: str
    name: str
    type: str
    text: str
    #: Ids of the root, units and accounts that it is attached to.
    targets: frozenset[str]


def control_policy(physical_id: str, properties: Mapping[str, Any]) -> ControlPolicy:
    """
    What a template says.

    Raises:
        Refused: it is not known.
    """
    return ControlPolicy(
        physical_id,
        str(properties["Name"]),
        str(properties["Type"]),
        text_in(properties["Content"]),
        frozenset(map(str, properties.get("TargetIds") or ())),
    )


def compare_control(account: LiveAccount, one: ControlPolicy, partition: str) -> Iterator[tuple[str, Comparison]]:
    """Compare a control policy with what Organizations has: what of it, and what came of that."""
    subject = f"control policy {one.name} ({one.id})"
    region = _REGIONS.get(partition, "us-east-1")
    given = {"PolicyId": one.id}
    gone = ("PolicyNotFoundException",)
    try:
        described = account.call("organizations", "DescribePolicy", given, region, gone)
        targets = account.call("organizations", "ListTargetsForPolicy", given, region, gone)
    except CannotCheck as error:
        yield subject, Comparison(UNKNOWN, (f"not compared: {error}", _WHO))
        return
    if described is None or targets is None:
        yield subject, Comparison(DIFFERS, ("is not deployed",))
        return
    found = described["Policy"]
    summary = found.get("PolicySummary") or {}
    if summary.get("Type") != one.type:
        yield subject, compare_settings({"type": one.type}, {"type": str(summary.get("Type"))})
        return
    yield subject, _contents(account, one, str(found.get("Content", "")), partition)
    attached = frozenset(str(target["TargetId"]) for target in targets.get("Targets") or [])
    yield f"{subject}: targets", compare_settings({"targets": _shown(one.targets)}, {"targets": _shown(attached)})


def _contents(account: LiveAccount, one: ControlPolicy, found: str, partition: str) -> Comparison:
    kind = _KINDS.get(one.type)
    if kind is not None:
        return compare([one.text], [found], kind=kind, account=account.id, partition=partition, grants=False)
    try:
        alike = json.loads(one.text) == json.loads(found)
    except ValueError:
        return Comparison(UNKNOWN, ("one of the two policies is no JSON",))
    return Comparison(SAME) if alike else Comparison(DIFFERS, ("the policy is another one",))


def _shown(targets: frozenset[str]) -> str:
    return ", ".join(sorted(targets)) or "none"
