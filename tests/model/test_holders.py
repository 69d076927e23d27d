"""
What messages call users, groups, roles and permission sets.
"""

from __future__ import annotations

import pytest

from trustproof.model.principals import Holder
from trustproof.model.text import Symbol, Symbolic, Text


@pytest.mark.parametrize(
    ("kind", "logical_id", "name", "said"),
    [
        ("role", "Deployer", "deploy", "role Deployer"),
        ("role", "aws_iam_role.r", "deploy", "role aws_iam_role.r"),
        ("role", "", "deploy", "role deploy"),
        ("role", "", Symbolic((Symbol("aws_iam_role.r.name", "attribute"),)), "role aws_iam_role.r"),
        ("role", "", Symbolic((Symbol("data.aws_iam_role.r[0].id", "attribute"),)), "role data.aws_iam_role.r[0]"),
        ("permission set", "aws_ssoadmin_permission_set.s.arn", "", "permission set aws_ssoadmin_permission_set.s"),
        ("role", "", Symbolic((Symbol("RoleName", "parameter"),)), "role <RoleName>"),
        ("role", "", Symbolic((Symbol("aws_iam_role.r.name", "attribute"), "-x")), "role <aws_iam_role.r.name>-x"),
    ],
)
def test_a_reference_of_terraform_is_called_by_its_address(kind: str, logical_id: str, name: Text, said: str) -> None:
    """Nobody knows its name, and the attribute that would give it is no part of what it is called."""
    assert Holder(kind, logical_id, name, "", ()).shown == said
