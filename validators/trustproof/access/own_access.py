"""
What the policies of callers let them do in the account of a resource, whatever the policy of that says.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
"""

from __future__ import annotations

import re

from trustproof.access.own_policies import HeldPolicies
from trustproof.access.resources import Resource
from trustproof.aws.actions_about import actions_about
from trustproof.aws.resource_policies import CONSULTED_FOR
from trustproof.engine.operands import action_pattern
from trustproof.model.document import TRUST
from trustproof.model.policy import ALLOW, Statement
from trustproof.properties.shared.callers import NamedCaller
from trustproof.sets.patterns import may_begin

#: A role and a key let nobody in whom their own policy does not let in; of a private API nobody says who asks for it.
_OWN_POLICY_ONLY = ("kms", "execute-api")
_ACCOUNT = re.compile(r"arn:[^:]*:(?:iam|sts)::(\d{12}):.*|(\d{12})", re.DOTALL)


def may_by_own_policies(resource: Resource, caller: NamedCaller, held: HeldPolicies, *, is_asked: bool) -> str:
    """
    What is to be said of a caller whom the policy of a resource does not let in: in its account one that is attached to
    the caller is enough. Empty where that gives nothing.

    Args:
        is_asked: whether the resource was named; else only what is known of the caller's policies is said.
    """
    types = dict.fromkeys(subject.document.resource_type for subject in resource.subjects)
    services = [one for type_ in types for one in CONSULTED_FOR.get(type_, "").split()]
    found = _ACCOUNT.fullmatch(caller.written)
    if resource.kind == TRUST or not found or any(one in _OWN_POLICY_ONLY for one in services):
        return ""
    home = resource.context.template.account
    if home is not None and home != (found[1] or found[2]):
        return ""
    if caller.written.endswith(":root"):
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html
        own = f"the root user of {found[1] or found[2]} needs no policy for a resource of its own account"
        return f"{own}: it may call whatever no policy denies it" if is_asked else ""
    side = held.side(caller.written)
    enough = "in the account of a resource, a policy of the caller's own that allows the call is enough"
    if side is None:
        return f"{enough}, and those of {caller.written} are not known" if is_asked else ""
    allowing = [one for policy in side.policies for one in policy.statements if one.effect == ALLOW]
    if not any(_may_be_about(one, services) for one in allowing):
        return ""
    return f"{enough}, and {caller.written} has one that may allow calls of {' or '.join(services) or 'the service'}"


def _may_be_about(statement: Statement, services: list[str]) -> bool:
    """Whether the actions of a statement may be some of a service's; of no service, of any."""
    if not services:
        return True
    if statement.actions is None:
        # What is about its resources is all that it allows.
        about = [actions_about(one) if isinstance(one, str) else None for one in statement.resources or ("*",)]
        entries = (("*",) if one is None else one for one in about)
        return any(entry.partition(":")[0] in ("*", *services) for several in entries for entry in several)
    larger = (pattern for entry in statement.actions for pattern in action_pattern(entry).larger)
    return any(may_begin(pattern, f"{one}:") for pattern in larger for one in services)
