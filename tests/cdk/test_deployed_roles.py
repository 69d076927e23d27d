"""
The role of an `OrganizationRole` as it is in an account, where the StackSet gives its template values of parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from trustproof_cdk import AssumeRoleGrant, CrossAccountRole, OrganizationRole, Trusted

MANAGEMENT, HUB, OTHER = "999988887777", "111122223333", "222233334444"
#: Accounts of the unit, of which the first has values of its own.
OWN, REST = "333344445555", "444455556666"
ALICE, BOB = (f"arn:aws:iam::{HUB}:user/{name}" for name in ("alice", "bob"))
IN_ORGANIZATION: dict[str, Any] = {"role_names": ["Operator"], "organization": "o-a1b2c3d4e5"}

Make = Callable[[cdk.Stack], iam.IRole]
#: What an `OrganizationRole` is given beside its role.
Values = dict[str, Any]


def hub(inner: cdk.Stack, **more: Any) -> iam.IRole:
    """A role for the account that a parameter says."""
    parameter = cdk.CfnParameter(inner, "Hub", **(more or {"default": HUB}))
    return CrossAccountRole(inner, "Role", trusted=Trusted.accounts(parameter.value_as_string), role_name="Operator")


def without_default(inner: cdk.Stack) -> iam.IRole:
    return hub(inner, allowed_values=[HUB, OTHER])


def in_list(inner: cdk.Stack) -> iam.IRole:
    """A role for the second account of a list."""
    parameter = cdk.CfnParameter(inner, "Hub", type="CommaDelimitedList", default=f"{MANAGEMENT},{HUB}")
    trusted = Trusted.accounts(cdk.Fn.select(1, parameter.value_as_list))
    return CrossAccountRole(inner, "Role", trusted=trusted, role_name="Operator")


def chosen(inner: cdk.Stack) -> iam.IRole:
    """A role for one of two accounts, as a condition has it."""
    parameter = cdk.CfnParameter(inner, "Hub", default=HUB)
    is_hub = cdk.CfnCondition(
        inner, "IsHub", expression=cdk.Fn.condition_not(cdk.Fn.condition_equals(parameter.value_as_string, OTHER))
    )
    trusted = Trusted.accounts(cdk.Fn.condition_if(is_hub.logical_id, HUB, OTHER).to_string())
    return CrossAccountRole(inner, "Role", trusted=trusted, role_name="Operator")


def user(inner: cdk.Stack) -> iam.IRole:
    """A role for the user that a parameter says."""
    parameter = cdk.CfnParameter(inner, "Hub", default=ALICE)
    return CrossAccountRole(inner, "Role", trusted=Trusted.users(parameter.value_as_string), role_name="Operator")


def conditional(inner: cdk.Stack) -> iam.IRole:
    """A role that is not there in an account whose hub is another one."""
    role = hub(inner)
    condition = cdk.CfnCondition(inner, "IsHub", expression=cdk.Fn.condition_equals(cdk.Fn.ref("Hub"), HUB))
    made = role.node.default_child
    assert isinstance(made, cdk.CfnResource)
    made.cfn_options.condition = condition
    return role


def everywhere(app: cdk.App, make: Make, values: Values) -> OrganizationRole:
    stack = cdk.Stack(app, "Management", env=cdk.Environment(account=MANAGEMENT, region="eu-central-1"))
    return OrganizationRole(stack, "Everywhere", organizational_units=["ou-ab12-11111111"], role=make, **values)


def warnings(app: cdk.App, stack: str) -> list[str]:
    (made,) = (one for one in app.synth().stacks if one.stack_name == stack)
    return [str(one.entry.data) for one in made.messages]


#: Of whom a group of the hub is granted the role, by the account of an ARN, or by name in all; and whether it gets in.
GRANTED = [
    (hub, {}, OWN, True),
    (hub, {"parameters": {"Hub": OTHER}}, OWN, False),
    (hub, {"parameters": {"Hub": OTHER}}, None, False),
    (hub, {"account_parameters": {OWN: {"Hub": OTHER}}}, OWN, False),
    (hub, {"account_parameters": {OWN: {"Hub": OTHER}}}, REST, True),
    (hub, {"account_parameters": {OWN: {"Hub": OTHER}}}, None, True),
    (hub, {"parameters": {"Hub": OTHER}, "account_parameters": {OWN: {"Hub": HUB}}}, OWN, True),
    (hub, {"parameters": {"Hub": OTHER}, "account_parameters": {OWN: {"Hub": HUB}}}, REST, False),
    (hub, {"parameters": {"Hub": OTHER}, "account_parameters": {OWN: {"Hub": HUB}}}, None, True),
    (without_default, {"parameters": {"Hub": HUB}}, OWN, True),
    (without_default, {"parameters": {"Hub": OTHER}}, OWN, False),
    (in_list, {}, OWN, True),
    (in_list, {"parameters": {"Hub": f"{HUB},{OTHER}"}}, OWN, False),
    (chosen, {}, OWN, True),
    (chosen, {"parameters": {"Hub": OTHER}}, OWN, False),
    (user, {}, OWN, True),
    (user, {"account_parameters": {OWN: {"Hub": BOB}}}, OWN, False),
    (user, {"account_parameters": {OWN: {"Hub": BOB}}}, REST, True),
    (conditional, {}, OWN, True),
    (conditional, {"account_parameters": {OWN: {"Hub": OTHER}}}, OWN, False),
]


@pytest.mark.parametrize(("make", "values", "account", "gets_in"), GRANTED)
@pytest.mark.parametrize("imported", [False, True])
def test_who_is_granted_the_role_of_an_account_is_asked_by_its_parameters(
    app: cdk.App, make: Make, values: Values, account: str | None, gets_in: bool, imported: bool
) -> None:
    """Whom the role trusts there is what the StackSet says, whatever the default is."""
    everywhere(app, make, values)
    stack = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    group = iam.Group(stack, "Group")
    iam.User(stack, "User", user_name="alice", groups=[group])
    arn = f"arn:aws:iam::{account}:role/Operator"
    target = iam.Role.from_role_arn(stack, "Imported", arn) if imported else arn
    given: dict[str, Any] = IN_ORGANIZATION if account is None else {"target_roles": [target]}
    AssumeRoleGrant(stack, "Grant", groups=[group], **given)
    said = [one for one in warnings(app, "Hub") if "gets into none" in one or "gets into any" in one]
    assert bool(said) != gets_in


def test_an_account_in_which_a_condition_makes_no_role_has_no_arn_of_it(app: cdk.App) -> None:
    """Likewise, as far as the values say whether it holds."""
    made = everywhere(app, conditional, {"account_parameters": {OWN: {"Hub": OTHER}}})
    assert made.arn_in(REST).endswith(":role/Operator")
    said = f"account must be one that gets the role, got {OWN!r}: the condition 'IsHub' of the template does not hold"
    with pytest.raises(ValueError, match=re.escape(said)):
        made.arn_in(OWN)


#: Of conditions on parameters A and B, which are "x" and "y", whether they leave out the role.
CONDITIONS = [
    (lambda a, b: cdk.Fn.condition_and(a, b), True),
    (lambda a, b: cdk.Fn.condition_or(a, b), False),
    (lambda a, b: cdk.Fn.condition_not(a), True),
    (lambda a, b: cdk.Fn.condition_not(b), False),
    (lambda a, b: cdk.Fn.condition_equals(cdk.Aws.REGION, "eu-central-1"), False),
    (lambda a, b: cdk.Fn.condition_and(a, cdk.Fn.condition_equals(cdk.Aws.REGION, "eu-central-1")), False),
    (lambda a, b: cdk.Fn.condition_and(b, cdk.Fn.condition_equals(cdk.Aws.REGION, "eu-central-1")), True),
    (lambda a, b: cdk.Fn.condition_equals(cdk.Aws.ACCOUNT_ID, OWN), False),
    (lambda a, b: cdk.Fn.condition_equals(cdk.Aws.ACCOUNT_ID, REST), True),
]


@pytest.mark.parametrize(("expression", "left_out"), CONDITIONS)
def test_conditions_are_asked_as_far_as_they_are_known(app: cdk.App, expression: Any, left_out: bool) -> None:
    """What only a deployment knows may hold."""

    def make(inner: cdk.Stack) -> iam.IRole:
        role = CrossAccountRole(inner, "Role", trusted=Trusted.accounts(HUB), role_name="Operator")
        conditions = [
            cdk.CfnCondition(
                inner,
                f"Is{name}",
                expression=cdk.Fn.condition_equals(
                    cdk.CfnParameter(inner, name, default="x" if name == "A" else "y").value_as_string, "x"
                ),
            )
            for name in "AB"
        ]
        made = role.node.default_child
        assert isinstance(made, cdk.CfnResource)
        made.cfn_options.condition = cdk.CfnCondition(inner, "Made", expression=expression(*conditions))
        return role

    role = everywhere(app, make, {})
    if left_out:
        with pytest.raises(ValueError, match="does not hold there"):
            role.arn_in(OWN)
    else:
        assert role.arn_in(OWN)
