"""
Control policies of an organization from a text, as far as AWS Organizations takes them.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
"""

from __future__ import annotations

from trustproof.errors import PolicySyntaxError
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.inputs.text.positions import SourceMap
from trustproof.model.document import RESOURCE
from trustproof.model.policy import ALLOW, DENY, Policy, Principal, Statement
from trustproof.model.substitution import policy_as_written

_EVERYBODY = ((Principal("*", "*"),), (Principal("AWS", "*"),))


def parse_control_policy(text: str, *, kind: str) -> Policy:
    """
    A control policy as a value.

    Args:
        text: in JSON.
        kind: `IDENTITY` for a service control policy, `RESOURCE` for a resource control policy.

    Raises:
        PolicySyntaxError: AWS would refuse it; with line and column.
    """
    policy = policy_as_written(parse_policy(text, kind=kind))
    if policy.version != "2012-10-17":
        raise PolicySyntaxError("a control policy has the Version 2012-10-17")
    for index, statement in enumerate(policy.statements if kind == RESOURCE else ()):
        if (wrong := _wrong(statement)) and not _is_full_access(policy):
            position = SourceMap(text).key(statement.path)
            said = f"statement {statement.sid or index + 1} of a resource control policy {wrong}"
            raise PolicySyntaxError(said, "", position.line, position.column)
    return policy


def _wrong(statement: Statement) -> str:
    """What is wrong with a statement of a resource control policy, to go on after its name; empty where nothing is."""
    if statement.effect != DENY:
        return f"has the Effect {statement.effect}: it is Deny in all but RCPFullAWSAccess"
    if statement.principals not in _EVERYBODY:
        return 'has another Principal than "*", or none: who is meant stands in its Condition'
    if statement.actions is None:
        return "has no Action: NotAction is not supported"
    return ""


def _is_full_access(policy: Policy) -> bool:
    """Whether it says what RCPFullAWSAccess does, which AWS attaches."""
    (first, *more) = policy.statements
    return not more and first._replace(sid=None, path=()) in _FULL_ACCESS


_FULL_ACCESS = tuple(
    Statement(ALLOW, principals=everybody, actions=("*",), resources=("*",)) for everybody in _EVERYBODY
)
