"""
Roles that EKS Pod Identity goes on to for a pod: it assumes them with a session of the role of the association.

https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trustproof_cdk._policies.calls import Call, arn_pattern, may_allow, may_be_one, statements_of
from trustproof_cdk._policies.known_keys import SESSION
from trustproof_cdk._trust.trust import ASSUME_ROLE, TAG_SESSION

_ROLE, _USER = "AWS::IAM::Role", "AWS::IAM::User"


def why_not_onward(
    trust: Any, caller: Mapping[str, Any], caller_id: str | None, resources: Mapping[str, Any], *, has_tags: bool
) -> str:
    """
    Why sessions of a role do not get into another one, in words; empty where they may.

    Args:
        trust: the trust policy of the other one, as its template has it.
        caller: the properties of the role whose sessions ask.
        caller_id: its logical id in the template of the other one; None where it is of another template.
        resources: those of that template.
        has_tags: whether its sessions have session tags, which go on with every call.
    """
    statements = statements_of(trust)
    if statements is None:
        return ""
    name, path = caller.get("RoleName"), caller.get("Path", "/")
    known = isinstance(name, str) and isinstance(path, str)
    arn = f"arn:*:iam::*:role{path}{name}" if known else "arn:*:iam::*:role/*"
    own = [one for one in statements if _may_name(one, arn, caller_id, resources)]
    if not may_allow({"Statement": own}, Call(ASSUME_ROLE, known=SESSION)):
        return (
            "to which EKS Pod Identity goes on with a session of the role of the association, and which does not let "
            "that in: trust that role, as RoleChain does"
        )
    if has_tags and not may_allow({"Statement": own}, Call(TAG_SESSION, known=SESSION)):
        return (
            # Without the tags, the role of the association would let nobody in if it demands them.
            f"which refuses {TAG_SESSION}, and so every session with the tags of EKS Pod Identity: allow it "
            "(carries_session_tags=True of RoleChain)"
        )
    return ""


def _may_name(statement: Any, arn: str, caller_id: str | None, resources: Mapping[str, Any]) -> bool:
    """Whether a statement of a trust policy may speak of a role; what cannot be read may."""
    principal = statement.get("Principal") if isinstance(statement, Mapping) else "*"
    if not isinstance(principal, Mapping):
        return True
    listed = principal.get("AWS", [])
    return any(_may_be(one, arn, caller_id, resources) for one in (listed if isinstance(listed, list) else [listed]))


def _may_be(value: Any, arn: str, caller_id: str | None, resources: Mapping[str, Any]) -> bool:
    named = value.get("Fn::GetAtt") if isinstance(value, Mapping) else None
    if isinstance(named, list) and resources.get(named[0], {}).get("Type") in (_ROLE, _USER):
        return bool(caller_id == named[0])
    written = arn_pattern(value)
    is_one = written.count(":") == 5 and not written.endswith(":root")
    return may_be_one(written, arn) if is_one else True
