"""
Trust anchors of the app that are disabled: no certificate of theirs gets a session.

https://docs.aws.amazon.com/rolesanywhere/latest/APIReference/API_DisableTrustAnchor.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rolesanywhere as rolesanywhere

from trustproof_cdk._arguments import references
from trustproof_cdk._names import unique
from trustproof_cdk._synthesis import stacks, walk


class _Anchored(NamedTuple):
    role: iam.Role
    anchors: Sequence[str]


#: By app or stage.
_ANCHORED: WeakKeyDictionary[cdk.Stage, list[_Anchored]] = WeakKeyDictionary()


def warn_of_disabled_later(role: iam.Role, anchors: Sequence[str]) -> None:
    """
    Have the synthesis warn where all trust anchors of a role are disabled.

    Args:
        role: that trusts them.
        anchors: their ARNs.
    """
    stage = unique.check_beside_names(role, _check)
    if stage is not None:
        _ANCHORED.setdefault(stage, []).append(_Anchored(role, list(anchors)))


def _check(stage: cdk.Stage, _walked: walk.Walked) -> list[str]:
    for role, arns in _ANCHORED[stage]:
        anchors = [references.referred_to(arn) for arn in arns]
        if all(isinstance(one, rolesanywhere.CfnTrustAnchor) and _is_disabled(one) for one in anchors):
            place = stacks.carrier_of(role)
            which = " and ".join(sorted(one.node.path for one in anchors if one is not None))
            cdk.Annotations.of(place).add_warning_v2(
                "trustproof:disabled-trust-anchors",
                f"nobody gets into {place.node.path}: {which} is disabled (enabled), and no certificate gets a session "
                "by it until it is enabled",
            )
    return []


def _is_disabled(anchor: rolesanywhere.CfnTrustAnchor) -> bool:
    return anchor.enabled is False
