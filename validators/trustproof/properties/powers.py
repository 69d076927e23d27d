"""
How much a role gives, coarsely: what makes another finding of one about who gets it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from trustproof.engine.operands import action_pattern
from trustproof.model.policy import ALLOW, Policy, Statement
from trustproof.model.text import Text
from trustproof.sets.patterns import matches

#: That there is nothing of the others, what every role gives; that whoever has it may give permissions to itself or to
#: others; and that it may do all.
LITTLE, PERMISSIONS, EVERYTHING = "little", "permissions", "everything"

#: By one of these somebody has more permissions than before, or the credentials of somebody who has.
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
_GIVING = tuple(
    f"iam:{one}".lower()
    for one in (
        *("AddUserToGroup", "AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy", "CreateAccessKey"),
        *("CreateLoginProfile", "CreatePolicyVersion", "DeleteRolePermissionsBoundary", "PutGroupPolicy"),
        *("PutRolePolicy", "PutUserPolicy", "SetDefaultPolicyVersion", "UpdateAssumeRolePolicy", "UpdateLoginProfile"),
    )
)
#: So it is by one of these: who hands a role to what runs code of theirs is that role, and who assigns permission sets,
#: says what they hold or who is in a group is whom they let in.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiamidentitycenter.html
_GIVING_TOO = tuple(
    one.lower()
    for one in (
        *("iam:PassRole", "iam:CreateServiceSpecificCredential", "iam:DeleteUserPermissionsBoundary"),
        *("iam:PutRolePermissionsBoundary", "iam:PutUserPermissionsBoundary"),
        *("sso:CreateAccountAssignment", "sso:PutInlinePolicyToPermissionSet"),
        *("sso:AttachManagedPolicyToPermissionSet", "sso:AttachCustomerManagedPolicyReferenceToPermissionSet"),
        *("sso:DeletePermissionsBoundaryFromPermissionSet", "sso:PutPermissionsBoundaryToPermissionSet"),
        "identitystore:CreateGroupMembership",
    )
)
#: Of services that have little to do with one another: who may do all of these is allowed more than some services.
_OF_MANY = (*_GIVING, "ec2:terminateinstances", "kms:putkeypolicy", "s3:deletebucket", "dynamodb:deletetable")


def powers_of(policies: Iterable[Policy]) -> tuple[str, ...]:
    """What is given by policies that somebody has, as far as they allow it on anything; the least of it first."""
    allowed = [one for policy in policies for one in policy.statements if one.effect == ALLOW or one.effect_is_given]
    found = [LITTLE]
    if any(_names(one, action) for one in allowed for action in (*_GIVING, *_GIVING_TOO)):
        found.append(PERMISSIONS)
    if all(any(_names(one, action) for one in allowed) for action in _OF_MANY):
        found.append(EVERYTHING)
    return tuple(found)


def _names(statement: Statement, action: str) -> bool:
    """Whether a statement may speak of an action."""
    if statement.unreadable or (statement.actions is None and statement.not_actions is None):
        return True
    if statement.actions is None:
        return not _covers(statement.not_actions or (), action)
    return _covers(statement.actions, action)


# A policy of AWS has a thousand actions, the same wherever it is attached.
@lru_cache(maxsize=4_096)
def _covers(entries: tuple[Text, ...], action: str) -> bool:
    return any(matches(pattern, action) for entry in entries for pattern in action_pattern(entry).larger)
