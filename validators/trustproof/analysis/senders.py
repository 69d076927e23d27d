"""
Whom a template itself sends to its roles: users, groups and roles whose policies name them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.inputs.reader import Input
from trustproof.model.document import Document
from trustproof.model.policy import ALLOW, Path
from trustproof.model.principals import Sender
from trustproof.model.text import Symbolic, Text
from trustproof.properties.regions import may_name
from trustproof.properties.shared.programs import why_a_program
from trustproof.sets.patterns import like, matches


def senders(
    template: Input, documents: Sequence[Document], bind: Callable[[Text], Text]
) -> dict[tuple[str, Path], tuple[Sender, ...]]:
    """
    By its logical id and the path of its trust policy, whom the template sends to a role.

    A policy for every role there is sends nobody anywhere: what an administrator may do is no plan.

    Args:
        documents: of the template, in its order.
        bind: gives a text what is known of the deployment.
    """
    trusts = [(documents[role.trust], bind(role.arn)) for role in template.roles if role.trust is not None]
    roles = [((trust.logical_id, trust.path), arn) for trust, arn in trusts]
    found: dict[tuple[str, Path], dict[tuple[str, str], bool]] = {}
    programs = {holder.logical_id for holder in template.holders if why_a_program(holder)}
    for holder in template.holders if roles else ():
        if not holder.logical_id or holder.kind == "permission set":
            continue
        for index in holder.documents:
            for named in named_roles(documents[index]):
                for place, arn in roles:
                    if means(named, arn):
                        refers = isinstance(named, Symbolic) and documents[index].logical_id == holder.logical_id
                        sent = found.setdefault(place, {})
                        sent[holder.kind, holder.logical_id] = (
                            sent.get((holder.kind, holder.logical_id), False) or refers
                        )
    return {
        place: tuple(
            Sender(kind, logical_id, refers, template.reference_to_arn(logical_id), logical_id in programs)
            for (kind, logical_id), refers in sorted(sent.items())
        )
        for place, sent in found.items()
    }


def named_roles(document: Document) -> list[Text]:
    """The roles that a policy lets its holder assume."""
    return [
        resource
        for statement in document.policy.statements
        if statement.effect == ALLOW and may_name(statement, ASSUME_ROLE)
        for resource in statement.resources or ()
    ]


def means(resource: Text, arn: Text) -> bool:
    """Whether an entry of Resource names a role, alone or with others of like names."""
    if resource == arn or str(resource) == str(arn):
        return True
    if not isinstance(resource, str) or not isinstance(arn, str):
        return False
    name = resource.rpartition(":role/")[2]
    return bool(name.strip("*")) and matches(like(resource), arn)
