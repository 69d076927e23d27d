"""
The values of parameters that a chain of roles is shown at: two templates may have different ones by the same name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from trustproof.analysis.role_chains.roles import Node
from trustproof.inputs.reader import Number


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
