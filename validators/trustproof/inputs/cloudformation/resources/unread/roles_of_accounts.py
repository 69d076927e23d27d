"""
Roles that AWS makes with an account of an organization: an administrator of the new account, whom everybody of the
management account may be who may assume roles there, without MFA.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access-cross-account-role.html
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.reader import ExternalTemplate

_ACCOUNT = "AWS::Organizations::Account"
#: What the role is called where nobody says it.
_DEFAULT = "OrganizationAccountAccessRole"


def administrator_made(name: object) -> str:
    """
    What an account is, to follow ``which``.

    Args:
        name: of the role, as it is given; None where it is not.
    """
    called = _DEFAULT if name is None else name if isinstance(name, str) else ""
    shown = f" {called}" if called else ""
    return f"AWS makes with the role{shown}, an administrator: it lets in the management account without MFA"


def roles_of_accounts(resolver: Resolver) -> Iterator[ExternalTemplate]:
    """The accounts that a template makes."""
    environment = resolver.environment
    for logical_id, resource in environment.resources.items():
        if resource.get("Type") == _ACCOUNT:
            which = administrator_made(environment.properties(logical_id).get("RoleName"))
            yield ExternalTemplate(f"the account {logical_id}", "", which, resource=logical_id)
