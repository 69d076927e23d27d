"""
The accounts that a StackSet deploys to, and the values of parameters there, held against the template: an override
takes back which of them are left out, or gives a value by which somebody else gets in.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudformation-stackset-deploymenttargets.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import aws_cdk as cdk

from trustproof_cdk._synthesis import stacks
from trustproof_cdk._synthesis.promises import promise

_KEY, _VALUE = "ParameterKey", "ParameterValue"
_NONE, _BUT, _ONLY = "NONE", "DIFFERENCE", "INTERSECTION"


class _Targets(NamedTuple):
    """
    Accounts of some units.
    """

    units: frozenset[str]
    #: How the accounts filter them, as CloudFormation says it.
    kind: str
    accounts: frozenset[str]
    #: Parameters that have other values there than elsewhere.
    values: frozenset[str]

    def is_within(self, other: _Targets) -> bool:
        """Whether all of them are surely among others, alike; of accounts besides the units nobody knows."""
        if self.values != other.values:
            return False
        if not self.units <= other.units or self.kind not in (_NONE, _BUT, _ONLY):
            return False
        if other.kind == _NONE:
            return True
        if other.kind == _BUT:
            is_left_out = self.kind == _BUT and self.accounts >= other.accounts
            return is_left_out or (self.kind == _ONLY and not self.accounts & other.accounts)
        return self.kind == _ONLY and self.accounts <= other.accounts


def hold_to_targets(stack_set: cdk.CfnStackSet, groups: Sequence[cdk.CfnStackSet.StackInstancesProperty]) -> None:
    """
    Have the plugin see that a StackSet deploys to no other accounts than it was made for, and gives its template the
    values of parameters that it was made with.

    Args:
        stack_set: service-managed.
        groups: what it was made with.
    """
    stack = stacks.stack_of(stack_set)
    targets: list[Any] = [(one.deployment_targets, one.parameter_overrides) for one in groups]
    given = stack_set.parameters

    def said(properties: Mapping[str, Any]) -> str:
        # Of a list that is resolved as a whole, the CDK leaves out what is not given.
        made = [
            _targets(
                stack.resolve(one.organizational_unit_ids),
                one.account_filter_type,
                stack.resolve(one.accounts),
                _made(stack, values),
            )
            for one, values in targets
        ]
        if _values(properties.get("Parameters")) != _made(stack, given):
            return (
                f"{stack_set.node.path} has other Parameters than it was made with, and the role may let in somebody "
                "else"
            )
        written = properties.get("StackInstancesGroup")
        found = [_written(one) for one in written] if isinstance(written, list) else [None]
        if all(one is not None and any(one.is_within(other) for other in made) for one in found):
            return ""
        return (
            f"{stack_set.node.path} has another StackInstancesGroup than it was made with, and the role may be in "
            "accounts that it was not made for, or let in somebody else there"
        )

    promise(stack, lambda: stack_set, said)


def _written(group: Any) -> _Targets | None:
    """The accounts of a group in a template; None where they are not written as such."""
    targets = group.get("DeploymentTargets") if isinstance(group, Mapping) else None
    if not isinstance(targets, Mapping) or not targets.keys() <= {
        "OrganizationalUnitIds",
        "AccountFilterType",
        "Accounts",
    }:
        return None
    units, accounts = targets.get("OrganizationalUnitIds"), targets.get("Accounts")
    return _targets(units, targets.get("AccountFilterType"), accounts, _values(group.get("ParameterOverrides")))


def _targets(units: Any, kind: Any, accounts: Any, values: frozenset[str]) -> _Targets:
    return _Targets(_texts(units), _NONE if kind is None else str(kind), _texts(accounts), values)


def _made(stack: cdk.Stack, values: Any) -> frozenset[str]:
    """Values that a StackSet was made with."""
    return _values([{_KEY: one.parameter_key, _VALUE: stack.resolve(one.parameter_value)} for one in values or ()])


def _values(written: Any) -> frozenset[str]:
    """The values of parameters, in whichever order."""
    listed = written if isinstance(written, list) else () if written is None else (written,)
    is_read = all(isinstance(one, Mapping) and one.keys() == {_KEY, _VALUE} for one in listed)
    return _texts([[one[_KEY], one[_VALUE]] for one in listed] if is_read else [written])


def _texts(values: Any) -> frozenset[str]:
    listed: Iterable[Any] = values if isinstance(values, list) else () if values is None else [values]
    return frozenset(json.dumps(one, sort_keys=True) for one in listed)
