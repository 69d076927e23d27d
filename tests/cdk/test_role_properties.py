"""
What roles were given, asked once while all is there.
"""

from __future__ import annotations

from unittest.mock import PropertyMock

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from trustproof_cdk._synthesis import raw_resources, role_properties

BOUNDARY = "arn:aws:iam::111122223333:policy/Boundary"


def test_they_are_those_of_the_resource(app: cdk.App) -> None:
    """Whether they are remembered or not, given or not, in a role of the CDK's class and in a raw resource."""
    stack = cdk.Stack(app, "Stack")
    given = {"roleName": "Named", "path": "/a/", "permissionsBoundary": BOUNDARY}
    full = iam.CfnRole(
        stack, "Full", assume_role_policy_document={"Statement": []}, role_name="Named", path="/a/",
        permissions_boundary=BOUNDARY,
    )  # fmt: skip
    least = iam.CfnRole(stack, "Least", assume_role_policy_document={"Statement": []})
    properties = {name[0].upper() + name[1:]: value for name, value in given.items()}
    raw = raw_resources.typed(cdk.CfnResource(stack, "Raw", type="AWS::IAM::Role", properties=properties))

    def asked() -> list[tuple[object, ...]]:
        return [
            (role_properties.name_of(one), role_properties.path_of(one), role_properties.boundary_of(one))
            for one in (full, least, raw)  # type: ignore[list-item]
        ]

    before = asked()
    assert before == [("Named", "/a/", BOUNDARY), (None, None, None), ("Named", "/a/", BOUNDARY)]
    with role_properties.remembered():
        assert asked() == before
        assert role_properties.trust_of(full) == {"Statement": []}


def test_each_role_is_asked_once(app: cdk.App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer is a call into another process; what is remembered is forgotten with the look at everything."""
    role = iam.CfnRole(cdk.Stack(app, "Stack"), "Role", assume_role_policy_document={}, role_name="First")
    asked = PropertyMock(return_value={"roleName": "Remembered"})
    monkeypatch.setattr(iam.CfnRole, "_cfn_properties", asked)
    with role_properties.remembered():
        assert role_properties.name_of(role) == "Remembered"
        assert role_properties.path_of(role) is None
    assert asked.call_count == 1
    assert role_properties.name_of(role) == "First"
