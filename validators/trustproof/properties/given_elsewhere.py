"""
What somebody gives to a role besides those who make it: policies that are attached by its name, and policies of
resources and roles that let it in.

How bad it is that somebody gets a role depends on what the role may do, and on that only where nobody gives it more.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator

from trustproof.model.arn import is_account
from trustproof.model.document import IDENTITY, Document
from trustproof.model.policy import ALLOW, Principal
from trustproof.model.principals import ELSEWHERE, Holder
from trustproof.model.text import NO_PRINCIPALS, Symbolic, Text

#: What may be any role.
ANY_ROLE = "*"
#: What an ARN names that is no role. The root of an account stands for what its policies allow.
_OTHERS = (":root", ":user/", ":federated-user/", ":group/")
#: Before the name of a role in an ARN, of it or of its sessions.
_ROLES = (":role/", ":assumed-role/")


def given_elsewhere(holders: Iterable[Holder], documents: Iterable[Document]) -> tuple[str, ...]:
    """
    The roles to which a template gives something by their name, made in the template or not.

    Args:
        holders: of the template: those that it does not make have policies by their names.
        documents: of the template.

    Returns:
        Names without their paths, with ``*`` for what is not known of them.
    """
    attached = (name_of_role(one.arn) for one in holders if one.kind in ("role", ELSEWHERE) and not one.path)
    let_in = (name for document in documents if document.kind != IDENTITY for name in _let_in(document))
    return tuple(dict.fromkeys((*attached, *let_in)))


def _let_in(document: Document) -> Iterator[str]:
    for statement in document.policy.statements:
        if statement.effect == ALLOW or statement.effect_is_given:
            if statement.not_principals is not None or statement.unreadable:
                yield ANY_ROLE
            # What everybody has is nothing that a role gives.
            entries = statement.principals or ()
            yield from (n for one in entries if statement.conditions or one.value != "*" for n in _named(one))


def _named(entry: Principal) -> Iterator[str]:
    text = as_pattern(entry.value)
    if entry.kind in ("Service", "Federated", "CanonicalUser") or is_account(text) or text.endswith(":root"):
        return
    if any(part in text for part in _ROLES) or not any(part in text for part in _OTHERS):
        yield name_of_role(entry.value)


def as_pattern(text: Text) -> str:
    """A text with ``*`` for what anybody may give; the name of a resource of the template is that of nothing else."""
    if not isinstance(text, Symbolic):
        return text
    return "".join(
        part if isinstance(part, str) else f"<{part.name}>" if part.holds in NO_PRINCIPALS else ANY_ROLE
        for part in text.parts
    )


def name_of_role(arn: Text) -> str:
    """The name of a role by an ARN of it or of a session, as `given_elsewhere` says it; `ANY_ROLE` of what is none."""
    text = as_pattern(arn)
    for part in _ROLES:
        if part in text:
            after = text.partition(part)[2]
            return after.partition("/")[0] if part != _ROLES[0] else after.rpartition("/")[2]
    return ANY_ROLE


def may_be_among(role: Text, given: Iterable[str]) -> bool:
    """
    Whether a role may be one of those to which something is given.

    Args:
        role: its ARN.
    """
    name = name_of_role(role)
    return any(_overlap(name, one) for one in given)


def _overlap(one: str, other: str) -> bool:
    if "*" in one and "*" in other:
        return True
    return one == other or fnmatch.fnmatchcase(one, other) or fnmatch.fnmatchcase(other, one)
