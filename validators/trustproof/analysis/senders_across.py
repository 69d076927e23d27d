"""
Whom one template sends to a role of another one: a remedy that asks for MFA would lock out the roles among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trustproof.analysis.role_chains.readings import ChainedTemplate
from trustproof.analysis.role_chains.roles import Node
from trustproof.analysis.senders import SenderAccess, admits, means, named_roles
from trustproof.properties import registry
from trustproof.properties.base import StatementProperty
from trustproof.results.result import REFUTED, Remedy, Result

#: How many roles a remedy names.
_NAMED = 3


def for_senders_elsewhere(results: Iterable[Result], chained: Sequence[ChainedTemplate]) -> list[Result]:
    """The results, with remedies that name the roles of other templates whose policies name a role."""
    nodes = [node for template in chained for reading in template.readings for node in reading.nodes]
    sent = _sent(nodes) if len({node.number for node in nodes}) > 1 else []
    return [_kept_in(result, sent) for result in results]


def _sent(nodes: Sequence[Node]) -> list[tuple[Node, list[str]]]:
    """Roles, each with those of other templates that are sent to it, in words."""
    by_name: dict[str, list[Node]] = {}
    for node in nodes:
        by_name.setdefault(node.arn, []).append(node)
    #: The roles that an entry of Resource means, whoever says it: the same few stand in the policies of many roles.
    meant: dict[SenderAccess, list[Node]] = {}
    found: dict[int, tuple[Node, dict[str, None]]] = {}
    for source in nodes:
        for entry in dict.fromkeys(sent for document in source.documents for sent in named_roles(document)):
            if entry not in meant:
                # A wildcard may stand for any of them.
                among = nodes if set(str(entry.roles)) & set("*?") else by_name.get(str(entry.roles), ())
                meant[entry] = [
                    one for one in among if means(entry.roles, one.arn) and admits(entry, one.arn, one.tags)
                ]
            for target in meant[entry]:
                if target.number != source.number:
                    said = f"{source.trust.document.logical_id} of {source.place.template}"
                    found.setdefault(id(target), (target, {}))[1][said] = None
    return [(target, [*names]) for target, names in found.values()]


def _kept_in(result: Result, sent: Sequence[tuple[Node, list[str]]]) -> Result:
    asked = registry.find(result.property)
    if not (isinstance(asked, StatementProperty) and asked.only_for_people) or result.verdict != REFUTED:
        return result
    names = next(
        (
            names
            for node, names in sent
            if node.place.template == result.template and result.path[: len(node.path)] == node.path
        ),
        [],
    )
    if not names or result.remedy is None:
        return result
    shown = " and ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    before = f"{result.remedy.text}; and " if result.remedy.text.startswith("name ") else ""
    return result._replace(
        why=(
            *result.why,
            f"{shown} may assume it by the policies of that template, and sessions of roles never carry MFA",
        ),
        remedy=Remedy(f"{before}name {shown} as principal in place of the account"),
    )
