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

    Who may do anything is sent nowhere: what an administrator may do is no plan. A role, a permission set or a program
    with a policy that speaks of assuming, and of every role there is, may be meant, and the sender says so.

    Args:
        documents: of the template, in its order.
        bind: gives a text what is known of the deployment.
    """
    trusts = [(documents[role.trust], bind(role.arn)) for role in template.roles if role.trust is not None]
    roles = [((trust.logical_id, trust.path), arn) for trust, arn in trusts]
    #: Where a trust policy stands, to who is sent there: whether it refers to the role, and whether to any.
    found: dict[tuple[str, Path], dict[tuple[str, str], tuple[bool, bool]]] = {}
    programs = {holder.logical_id for holder in template.holders if why_a_program(holder)}
    groups = {holder.logical_id: holder for holder in template.holders if holder.kind == "group"}
    for holder in template.holders if roles else ():
        if not holder.logical_id:
            continue
        held = [documents[index] for index in holder.documents]
        is_program = holder.logical_id in programs
        if is_program:
            # A group is of people as a rule, but this member of it is none.
            joined = (groups[one.group] for one in holder.groups if one.group in groups)
            held += [documents[index] for group in joined for index in group.documents]
        plans = is_program or holder.kind in ("role", "permission set")
        for document in held:
            anywhere = _any_roles(document) if plans else ()
            for named in named_roles(document):
                for place, arn in roles:
                    known = means(named, arn)
                    covers = any(str(one) == "*" or matches(like(str(one)), str(arn)) for one in anywhere)
                    if not known and (not covers or place[0] == holder.logical_id):
                        continue
                    refers = known and isinstance(named, Symbolic) and document.logical_id == holder.logical_id
                    sent = found.setdefault(place, {})
                    before = sent.get((holder.kind, holder.logical_id), (False, True))
                    sent[holder.kind, holder.logical_id] = before[0] or refers, before[1] and not known
    return {
        place: tuple(
            Sender(kind, logical_id, refers, template.reference_to_arn(logical_id), logical_id in programs, to_any)
            for (kind, logical_id), (refers, to_any) in sorted(sent.items())
        )
        for place, sent in found.items()
    }


def _any_roles(document: Document) -> list[Text]:
    """What a policy that speaks of assuming says of any role there is: who may do anything does not count."""
    return [
        resource
        for statement in document.policy.statements
        if statement.effect == ALLOW
        and any(str(action).lower() in (ASSUME_ROLE.lower(), "sts:*") for action in statement.actions or ())
        for resource in statement.resources or ()
        if str(resource) == "*" or str(resource).endswith(":role/*")
    ]


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
