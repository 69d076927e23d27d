"""
An account that is made has a role of which no template says the trust policy.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trustproof.inputs.cloudformation.template import Template


@pytest.mark.parametrize(
    ("given", "called"),
    [
        ({}, "the role OrganizationAccountAccessRole,"),
        ({"RoleName": "Admin"}, "the role Admin,"),
        ({"RoleName": {"Ref": "AWS::StackName"}}, "the role,"),
    ],
)
def test_the_administrator_of_an_account_is_named(
    read: Callable[..., Template], given: dict[str, object], called: str
) -> None:
    """Whoever the management account lets assume roles may be it, without MFA, and nobody has looked into it."""
    account = {"Type": "AWS::Organizations::Account", "Properties": {"AccountName": "a", "Email": "a@b.c", **given}}
    (found,) = read({"Resources": {"A": account}}).external_templates()
    assert called in found.which
    assert (found.what, found.resource) == ("the account A", "A")
