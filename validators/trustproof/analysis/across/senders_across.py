"""
Whom one template sends to a role of another one: a remedy that asks for MFA would lock out the roles among them, and
the programs that are told the role.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.analysis.remedies.senders import SenderAccess, means, named_roles, role_name
from trustproof.analysis.role_chains.readings import ChainedTemplate
from trustproof.analysis.role_chains.roles import Node
from trustproof.escaping.text import first_of
from trustproof.inputs.reader import Number
from trustproof.model.principals import Program
from trustproof.model.text import Symbolic
from trustproof.properties import registry
from trustproof.properties.base import StatementProperty
from trustproof.proving.meant_callers import in_one
from trustproof.proving.senders import ROLES_INSTEAD
from trustproof.results.result import REFUTED, Remedy, Result

#: How many roles or programs a remedy names.
_NAMED = 3
_NEVER = "sessions of roles never carry MFA"


class Callers(NamedTuple):
    """
    Who of other templates assumes a role, in words.
    """

    node: Node
    #: Roles, by their policies, and the names that these have in their accounts.
    roles: dict[str, str]
    #: Programs that are told the role, and the roles that they run as, called as above.
    programs: dict[str, frozenset[str]]


def for_senders_elsewhere(results: Iterable[Result], chained: Sequence[ChainedTemplate]) -> list[Result]:
    """The results, with remedies that name the roles of other templates whose policies or programs name a role."""
    nodes = [node for template in chained for reading in template.readings for node in reading.nodes]
    callers = _callers(nodes, chained) if len({template.number for template in chained}) > 1 else []
    return [_kept_in(result, callers) for result in results]


def _callers(nodes: Sequence[Node], chained: Sequence[ChainedTemplate]) -> list[Callers]:
    """Roles that others are sent to by other templates."""
    by_name: dict[str, list[Node]] = {}
    for node in nodes:
        by_name.setdefault(role_name(node.arn), []).append(node)
    found: dict[int, Callers] = {}
    own = {(node.number, node.arn) for node in nodes}
    for source, target in _sent(nodes, by_name, own):
        said = f"{source.trust.document.logical_id} of {source.place.template}"
        found.setdefault(id(target), Callers(target, {}, {})).roles[said] = role_name(source.arn)
    for template, program, target in _told(chained, by_name, own):
        runs_as = frozenset(f"{role} of {template}" for role in program.runs_as)
        callers = found.setdefault(id(target), Callers(target, {}, {}))
        callers.programs[f"{program.logical_id} of {template}"] = runs_as
    return [*found.values()]


def _sent(
    nodes: Sequence[Node], by_name: Mapping[str, Sequence[Node]], own: Collection[tuple[Number, str]]
) -> Iterator[tuple[Node, Node]]:
    """
    Roles, and those of other templates that their policies name.

    Args:
        own: the roles of each template, by ARN: a template that has a role of an ARN means that one, however many
            others are written for another environment.
    """
    made_up = {node.account for node in nodes if node.place.account is None}
    #: The roles that an entry of Resource means, whoever says it: the same few stand in the policies of many roles.
    meant: dict[SenderAccess, list[Node]] = {}
    for source in nodes:
        for entry in dict.fromkeys(sent for document in source.documents for sent in named_roles(document.policy)):
            if (source.number, entry.roles) in own:
                continue
            if entry not in meant:
                # A wildcard may stand for any of them.
                among = nodes if set(str(entry.roles)) & set("*?") else by_name.get(role_name(entry.roles), ())
                meant[entry] = [one for one in among if means(entry, one.arn, one.tags, made_up)]
            yield from ((source, target) for target in meant[entry] if target.number != source.number)


def _told(
    chained: Sequence[ChainedTemplate],
    by_name: Mapping[str, Sequence[Node]],
    own: Collection[tuple[Number, str]],
) -> Iterator[tuple[str, Program, Node]]:
    """
    Programs, each with its file, and the roles of other templates that they are told.

    A template may go to whichever account it is that a program is told, so the name alone says which role is meant.
    """
    exported: dict[str, list[tuple[ChainedTemplate, str]]] = {}
    for template in chained:
        for symbol, arn in template.exported.items():
            exported.setdefault(symbol, []).append((template, role_name(arn)))
    for template in chained:
        for program in template.programs:
            for arn in program.told:
                names = [] if (template.number, arn) in own else [role_name(arn)]
                if isinstance(arn, Symbolic):
                    names += [name for symbol in arn.symbols for _, name in exported.get(symbol.name, ())]
                for target in (node for name in names for node in by_name.get(name, ())):
                    if target.number != template.number:
                        yield template.name, program, target


def _kept_in(result: Result, callers: Sequence[Callers]) -> Result:
    asked = registry.find(result.property)
    if not (isinstance(asked, StatementProperty) and asked.only_for_people) or result.verdict != REFUTED:
        return result
    found = next(
        (
            one
            for one in callers
            if one.node.place.template == result.template and result.path[: len(one.node.path)] == one.node.path
        ),
        None,
    )
    if found is None or result.remedy is None:
        return result
    # What names somebody already, or is words already, goes on to hold.
    before = result.remedy.text
    is_words = not result.remedy.edits and ROLES_INSTEAD not in before
    before = before if before.startswith("name ") or is_words else ""
    in_place = "" if before else " in place of the account"
    why, texts = [], []
    if found.roles:
        shown = first_of(found.roles, _NAMED, " and ")
        why.append(f"{shown} may assume it by the policies of that template, and {_NEVER}")
        # The role may be named already: by the usual name of the one that a service uses.
        others = [said for said, name in found.roles.items() if not before.startswith(f"name the role {name} of ")]
        if others:
            by_arn = f", by {'its ARN' if len(others) == 1 else 'their ARNs'}"
            texts.append(f"name {first_of(others, _NAMED, ' and ')} as principal{in_place}{by_arn}")
    # What runs as a role that is named already asks for no other one.
    programs = [name for name, runs_as in found.programs.items() if not {name, *runs_as} & {*found.roles}]
    if programs:
        named = in_one(programs)
        shown = first_of(named, _NAMED, " and ")
        why.append(f"{shown} {'is' if len(named) == 1 else 'are'} told this role, and {_NEVER}")
        texts.append(f"name the role of {shown} as principal")
        texts += () if before else ("ask people for MFA in a statement of their own",)
    return result._replace(why=(*result.why, *why), remedy=Remedy("; and ".join(filter(None, (before, *texts)))))
