"""
The values of parameters that a chain of roles is shown at: two templates may have different ones by the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from trustproof.analysis.role_chains.readings import ChainReading
from trustproof.analysis.role_chains.roles import Node
from trustproof.inputs.reader import Number
from trustproof.model.names import in_stack

#: What a template attaches by name, at any of its assignments: the accounts and the names of the roles.
Attaching = Mapping[str, frozenset[tuple[str, str]]]


def parameters_of(path: Sequence[Node], chosen: Mapping[str, str]) -> dict[str, str]:
    """
    The parameters that a chain is shown at; where its templates have different values of one name, by their files too.

    Args:
        path: the roles of the chain.
        chosen: values at which it was walked.
    """
    found: dict[str, dict[Number, tuple[str, str]]] = {}
    for node in path:
        for name, value in node.place.assumed.items():
            found.setdefault(name, {})[node.number] = (node.place.template, value)
    apart_ = {name for name, values in found.items() if len({value for _, value in values.values()}) > 1}
    shown = {name: next(iter(values.values()))[1] for name, values in found.items() if name not in apart_}
    shown |= {name: value for name, value in chosen.items() if name not in apart_}
    for name in apart_:
        files = found[name].values()
        are_short = len({PurePath(file).stem for file, _ in files}) == len(files)
        shown |= {f"{PurePath(file).stem if are_short else file}/{name}": value for file, value in files}
    return shown


def attaching_templates(together: Iterable[Sequence[ChainReading]]) -> Attaching:
    """What templates attach by name, by their files, at one assignment or another."""
    found: dict[str, set[tuple[str, str]]] = {}
    for chosen in together:
        for reading in chosen:
            found.setdefault(reading.file, set()).update((one.account, one.role) for one in reading.attached)
    return {file: frozenset(roles) for file, roles in found.items() if roles}


def values_beside(chosen: Sequence[ChainReading], attaching: Attaching, path: Sequence[Node]) -> dict[str, str]:
    """
    The parameters of templates that attach something to the roles of a chain, called with their files where they have
    none of them: at other values something else may be attached, as a Deny.

    Args:
        chosen: the readings at which the chain is found.
        path: the roles of the chain.
    """
    files = {node.place.template for node in path}
    roles = {(node.account, node.name) for node in path}
    found: dict[str, str] = {}
    for reading in chosen:
        is_attaching = not roles.isdisjoint(attaching.get(reading.file, ()))
        for name, value in reading.assignment.named if is_attaching and reading.assignment is not None else ():
            is_told = bool(in_stack(name)[0]) or reading.file in files
            found[name if is_told else f"{PurePath(reading.file).stem}/{name}"] = value
    return found
