"""
Trust policies that nobody can read: whom such a role lets in is not known, and so not who comes through it.
"""

from __future__ import annotations

from trustproof.inputs.reader import Input
from trustproof.model.document import TRUST, Document
from trustproof.model.policy import ALLOW, DENY, Policy, Statement
from trustproof.model.principals import RoleFacts

_ROLE = "AWS::IAM::Role"
_TRUST_POLICY = "AssumeRolePolicyDocument"


def unread_trust(template: Input, role: RoleFacts) -> tuple[Document, ...]:
    """What stands for a trust policy of a role that could not be read, or of which one branch could not be."""
    found = []
    for path, reason in template.unread:
        if path[: len(role.path[:2])] == role.path[:2] and _TRUST_POLICY in path:
            both = tuple(Statement(effect, unreadable=(reason,), path=path) for effect in (ALLOW, DENY))
            policy = Policy(both, path=path)
            found.append(
                Document(
                    TRUST,
                    policy,
                    role.logical_id,
                    _ROLE,
                    path,
                    role.construct_path,
                    resource_arn=role.arn,
                    guards=role.guards,
                )
            )
    # Which of several branches is there changes nothing: nobody knows whom it lets in.
    return tuple(found[:1])
