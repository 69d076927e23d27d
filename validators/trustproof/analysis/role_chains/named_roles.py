"""
Which roles surely may not assume which, by the names that their policies write out: most of all pairs, which then need
not be asked about.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from trustproof.analysis.role_chains.roles import Node
from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.model.policy import ALLOW, Principal
from trustproof.properties.shared.regions import may_name
from trustproof.sets.patterns import Pattern, like, matches

#: Somebody of IAM by a whole name. No wildcard stands in the ARN of a principal, but as all of it.
_ONE = re.compile(r"arn:[^:*?$]*:(?:iam|sts)::[0-9]{12}:(role|user|assumed-role|federated-user)/([^*?$]+)")
#: All of an account: its users and roles, as far as policies of their own let them.
_ALL, _ACCOUNT = re.compile(r"(?:arn:[^:*?$]*:iam::)?[0-9]{12}(?::root)?"), ":root"
#: Who is no session of a role, whatever its name is.
_NO_ROLES = ("Service", "Federated", "CanonicalUser")


def may_be_called_otherwise(node: Node) -> bool:
    """Whether a role may have another name or account than it has here."""
    return bool(node.names_like) or node.is_anywhere or node.has_given_name


class LetIn(NamedTuple):
    """
    Whose sessions a trust policy may let in.
    """

    #: Names of roles, in lower case: names of one account differ by more than case, so that it tells no two apart.
    #: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names
    names: frozenset[str]
    #: Whether those of other roles as well, whose own policies let them.
    others_by_policies: bool


def let_in(target: Node) -> LetIn | None:
    """Whose sessions a role may let in; None where these may be anybody's."""
    # What it names may be itself by another name.
    if may_be_called_otherwise(target):
        return None
    names: set[str] = set()
    for statement in target.trust.policy.statements:
        if statement.effect != ALLOW:
            continue
        if statement.principals is None:
            # NotPrincipal lets in everybody else.
            return None
        for entry in statement.principals:
            name = _name(entry)
            if name is None:
                return None
            names.add(name)
    return LetIn(frozenset(names - {"", _ACCOUNT}), _ACCOUNT in names)


def _name(entry: Principal) -> str | None:
    """
    The name of the role that a principal is, or is a session of; empty where it is none, `_ACCOUNT` where it is all of
    an account whose own policies let them, None where it may be anybody.
    """
    if not isinstance(entry.value, str):
        return None
    if entry.kind in _NO_ROLES:
        return ""
    if entry.kind != "AWS":
        return None
    if _ALL.fullmatch(entry.value):
        return _ACCOUNT
    named = _ONE.fullmatch(entry.value)
    if named is None:
        return None
    kind, path = named.groups()
    if kind in ("user", "federated-user"):
        return ""
    return (path.partition("/")[0] if kind == "assumed-role" else path.rpartition("/")[2]).lower()


def roles_named(source: Node) -> tuple[Pattern, ...] | None:
    """What policies of a role let it assume, as patterns of ARNs; None where that may be any role."""
    if source.unknown:
        return None
    found: dict[Pattern, None] = {}
    for policy in source.policies:
        for statement in policy.subject.document.policy.statements:
            if statement.effect != ALLOW or not may_name(statement, ASSUME_ROLE):
                continue
            if statement.resources is None:
                return None
            for resource in statement.resources:
                if not isinstance(resource, str) or "$" in resource or resource == "*":
                    return None
                found[like(resource)] = None
    return tuple(found)


def surely_may_not(source: Node, let_in: LetIn | None, named: tuple[Pattern, ...] | None, target: Node) -> bool:
    """
    Whether a role surely may not assume another.

    Args:
        let_in: whose sessions that one lets in.
        named: what policies of the first let it assume.
    """
    if let_in is None or may_be_called_otherwise(source) or source.name.lower() in let_in.names:
        return False
    return not let_in.others_by_policies or (named is not None and not any(matches(one, target.arn) for one in named))
