"""
Templates with a remedy applied, and whom their own policies send where.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import trustproof
from trustproof import Report, Result
from trustproof.analysis.remedies.senders import means, named_roles
from trustproof.analysis.role_chains.graph import RoleGraph
from trustproof.analysis.role_chains.sessions import at_most
from trustproof.analysis.templates.template import check_template
from trustproof.config.model import Config
from trustproof.inputs.discovery.inputs import read_paths
from trustproof.model.text import Symbolic
from trustproof.properties import registry
from trustproof.results.edit import END, Edit, WrittenValue, intrinsic
from trustproof.results.result import NOTE, SEVERITIES

Json = dict[str, Any]
#: What stands in a remedy for something that only the reader knows, and what a reader might write.
FILLED_IN = {"o-...": "o-a1b2c3d4e5", "...": "customer-0815"}
#: A role by its logical id, and another one that it is sent to.
Step = tuple[str, str]


class NotHere(Exception):
    """An edit is about a text, or about something that this template does not write out."""


def edited(template: Json, edits: Sequence[Edit]) -> Json:
    """
    A template with edits made at their paths, as a program would.

    Raises:
        NotHere: one of them is about something that the template does not write out.
    """
    out = copy.deepcopy(template)
    for edit in edits:
        holder: Any = out
        for key in edit.path[:-1]:
            if not isinstance(holder, (dict, list)) or (isinstance(holder, dict) and key not in holder):
                raise NotHere
            inside: Any = holder
            holder = inside[key]
        if not isinstance(holder, (dict, list)):
            raise NotHere
        target: Any = holder
        name = edit.path[-1]
        if name == END:
            if not isinstance(target, list):
                raise NotHere
            target.append(_content(edit.value))
        elif edit.value is None:
            del target[name]
        else:
            target[name] = _content(edit.value)
    return out


def _content(value: object) -> object:
    if isinstance(value, WrittenValue):
        found: object = json.loads(value.json)
        return found
    if isinstance(value, Symbolic):
        function = intrinsic(value)
        if function is None:
            raise NotHere
        value = function
    if isinstance(value, Mapping):
        return {key: _content(found) for key, found in value.items()}
    if isinstance(value, tuple):
        return [_content(found) for found in value]
    return FILLED_IN.get(str(value), value)


def written(folder: Path, template: Json) -> str:
    """The file of a template."""
    file = folder / "template.json"
    file.write_text(json.dumps(template), encoding="utf-8")
    return str(file)


def proved(report: Report) -> set[tuple[str, str]]:
    """Of which resources which properties are proved."""
    return {(one.property, one.logical_id) for one in report.verdicts if one.verdict == trustproof.PROVED}


def refuted_there(report: Report, found: Result, at_least: str = NOTE) -> bool:
    """Whether a property is still refuted of the statement that a result is about, by a severity and any worse."""
    minded = SEVERITIES[: [str(one) for one in SEVERITIES].index(at_least) + 1]
    steps = [number for number, step in enumerate(found.path) if step == "Statement"]
    place = found.path[: steps[-1] + 2] if steps else found.path
    return any(
        one.property == found.property
        and one.verdict == trustproof.REFUTED
        and one.path[: len(place)] == place
        and one.severity in minded
        for one in report.results
    )


def sent(file: str) -> set[Step]:
    """Which roles of a template may assume which others whom their policies name."""
    (template,) = read_paths((file,)).templates
    nodes = check_template(template, Config(), registry.PROPERTIES).nodes
    graph, most = RoleGraph(), at_most(nodes)
    out: set[Step] = set()
    for source in nodes:
        sends = [one for document in source.documents for one in named_roles(document.policy)]
        for target in nodes:
            is_named = any(means(one, target.arn, target.tags, ()) for one in sends)
            if is_named and graph.edge(source, target, most) is not None:
                out.add((source.trust.document.logical_id, target.trust.document.logical_id))
    return out
