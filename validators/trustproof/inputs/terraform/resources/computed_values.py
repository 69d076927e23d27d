"""
Attributes that show what other resources have set: as it was before the plan, whatever the plan does to those.

A provider reads ``inline_policy`` and ``managed_policy_arns`` of a role, and ``policy`` of a bucket, when it refreshes.
https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/iam/role.go
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.snapshots.former_resources import texts
from trustproof.inputs.terraform.types.table import NAMES
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.known_values import KnownValues

_ROLE_POLICY, _MANAGED_POLICY = "aws_iam_role_policy", "aws_iam_policy"
#: Types of attachments to roles, to the argument that has the roles.
_ATTACHMENTS = {"aws_iam_role_policy_attachment": "role", "aws_iam_policy_attachment": "roles"}
#: Attributes that name a role.
_OF_ROLES = ("name", "id")


def is_old_inline_policy(made: Lowering, role: Instance, name: object) -> bool:
    """
    Whether an inline policy that a role shows is one that the plan changes, replaces or deletes.

    A role that is made now, or that a configuration writes, shows nothing: what stands there has been written.

    Args:
        name: of the policy.
    """
    if not role.existed:
        return False
    names = _names(made, role, _OF_ROLES)
    if any(name in texts(one, "name") for one in made.former.having(_ROLE_POLICY, "role", names)):
        return True
    new = (one for named in names for one in made.having(_ROLE_POLICY, "role", named) if not one.existed)
    return any(made.known(one, "name") == name for one in new)


def attached_policies(made: Lowering, role: Instance) -> object:
    """The managed policies of a role, without those that a plan detaches; `ABSENT` where nothing is said of them."""
    attached = made.text(role, "managed_policy_arns")
    if not isinstance(attached, list):
        return attached
    old = _old_policy_arns(made, role)
    return [{"Ref": "AWS::NoValue"} if isinstance(one, str) and one in old else one for one in attached]


def _old_policy_arns(made: Lowering, role: Instance) -> frozenset[str]:
    """The managed policies that a plan detaches from a role, which still shows them; also those that it deletes."""
    if isinstance(role.values, KnownValues) and role.values.sets("managed_policy_arns"):
        return frozenset()
    names = _names(made, role, _OF_ROLES)
    detached = (one for type_, argument in _ATTACHMENTS.items() for one in made.former.having(type_, argument, names))
    shown = {one for one in _list(made.text(role, "managed_policy_arns")) if isinstance(one, str)}
    deleted = (one for one in made.former.having(_MANAGED_POLICY, "arn", shown) if not _is_left(made, one))
    return frozenset((*(arn for one in detached for arn in texts(one, "policy_arn")), *_arns(deleted)))


def is_old_policy(made: Lowering, instance: Instance, type_: str, argument: str) -> bool:
    """
    Whether the policy that a resource shows is one that the plan changes, replaces or deletes.

    A resource that is made now, or that a configuration writes, shows nothing: what stands there has been written.

    Args:
        type_: of the resources that have the policies of such resources.
        argument: of those, which names what they are about.
    """
    if not instance.existed:
        return False
    names = _names(made, instance, NAMES)
    if any(True for _ in made.former.having(type_, argument, names)):
        return True
    return any(not one.existed for name in names for one in made.having(type_, argument, name))


def _is_left(made: Lowering, policy: Instance) -> bool:
    """Whether a managed policy is the same one behind the plan."""
    after = made.by_address.get(policy.address)
    return after is not None and made.known(after, "arn") in texts(policy, "arn")


def _arns(policies: Iterable[Instance]) -> tuple[str, ...]:
    return tuple(arn for one in policies for arn in texts(one, "arn"))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _names(made: Lowering, instance: Instance, attributes: Iterable[str]) -> tuple[str, ...]:
    found = (made.known(instance, name) for name in attributes)
    return tuple(dict.fromkeys(one for one in found if isinstance(one, str) and one))
