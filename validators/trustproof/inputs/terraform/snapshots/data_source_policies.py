"""
Policies that are not of a plan or state, and whose documents a data source has read.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.inputs.terraform.snapshots.assignments import texts_of
from trustproof.inputs.terraform.values.instances import Instance

_POLICY = "aws_iam_policy"
#: Of the ARN of a policy of AWS's, which are known anyway.
_OF_AWS = ":iam::aws:"


def data_source_policies(instances: Sequence[Instance]) -> list[Instance]:
    """
    The data sources that say what a managed policy of somebody's own is: one for each policy, and none for a policy
    that a resource declares, since it will be what that says.
    """
    declared = {
        (name, one)
        for instance in instances
        if instance.type == _POLICY and not instance.is_data
        for name in ("arn", "name")
        for one in texts_of(instance, name)
    }
    found: dict[str, Instance] = {}
    for instance in instances:
        if instance.type != _POLICY or not instance.is_data or not texts_of(instance, "policy"):
            continue
        arns, names = texts_of(instance, "arn"), texts_of(instance, "name")
        is_declared = any(("arn", one) in declared for one in arns) or any(("name", one) in declared for one in names)
        if arns and _OF_AWS not in arns[0] and not is_declared:
            found.setdefault(arns[0], instance)
    return list(found.values())
