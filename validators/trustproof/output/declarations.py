"""
The beginning of a ``trustproof.toml``, from what stands in templates.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from trustproof.aws.vendors import VENDORS
from trustproof.escaping.text import printable, whole
from trustproof.output import humanize
from trustproof.output.undeclared_ids import (
    beside_vendors,
    external_ids,
    remark_of_vendor,
    third_parties,
)
from trustproof.results.report import Report

#: How many places are named of each.
_PLACES = 2
#: The lists of a boundary.
_TABLES = ("accounts", "organizations", "issuers")
_HEAD = """\
# What this project declares; every table is explained by `trustproof properties` and docs/configuration.md.
# `trustproof init` has written it from what stands in {templates}. What nobody has confirmed is a comment:
# take away the # before what is yours, and the whole line of what is not.

# What is not looked into, as in a .gitignore:
#
# exclude = [{excluded}]
"""
#: What is excluded as an example, where there is nothing that most projects exclude.
_EXCLUDED = "tests/fixtures/**"
#: What holds already, where something does.
_EXTENDS = """\
# What {file} declares holds here too, but for its waivers, its baseline and what it excludes.
# Without this line nothing of it would.
extends = {text}
"""
_BOUNDARY_ABOVE = """\
# A boundary that is written here takes the place of the one there:
#
"""
_TAIL = """\
# A vendor whose machines assume a role is held by an external id, not by MFA:
#
# [[third-party]]
# name = "observability vendor"
# accounts = ["444455556666"]

# How old an MFA may be, in seconds, when a role is assumed:
#
# [properties.mfa-required]
# max-age = 3600
"""


def render_declarations(
    report: Report,
    named: Iterable[tuple[str, str, str]] = (),
    extends: str = "",
    *,
    has_boundary: bool = False,
    excluded: Iterable[str] = (),
) -> str:
    """
    The text of a configuration.

    The accounts that templates are deployed to are declared. Others, and organizations, are comments, each with where
    it stands: only the project knows whether they are its own.

    Args:
        named: what stands in templates: ``accounts``, ``organizations`` or ``issuers``, an id, and where.
        extends: the configuration that holds already; empty where none does.
        has_boundary: whether that declares a boundary.
        excluded: patterns of what is there, and as a rule not looked into.
    """
    own = sorted({result.account for result in report.results if result.account})
    found = {table: dict(_places(report, table)) for table in _TABLES}
    patterns = ", ".join(map(json.dumps, excluded)) or json.dumps(_EXCLUDED)
    parts = [_HEAD.format(templates=humanize.count(report.templates, "template"), excluded=patterns)]
    if extends:
        parts.append(_EXTENDS.format(file=printable(extends), text=json.dumps(extends, ensure_ascii=False)))
    # What a finding is about is shown there; what else a statement names is not to be missed.
    also: dict[tuple[str, str], dict[str, None]] = {}
    for table, ident, place in named:
        also.setdefault((table, ident), {})[place] = None
    for (table, ident), places in also.items():
        found[table].setdefault(ident, [*places])
    agreed = external_ids(report.results)
    passing = {ident: found["accounts"].pop(ident) for ident in agreed if ident not in own}
    vendors = {ident: found["accounts"].pop(ident) for ident in sorted(found["accounts"]) if ident in VENDORS}
    boundary = [
        "[boundary]",
        *_array("accounts", own, {k: v for k, v in found["accounts"].items() if k not in own}),
        *_array("organizations", [], found["organizations"]),
    ]
    # No list is not an empty one, which would take the place of that of a file that is extended.
    issuers = [*_commented("issuers", found["issuers"])] if found["issuers"] else []
    # An empty boundary says that nobody else is ours, which is more than anybody has said.
    is_said = own and not has_boundary
    text = "\n".join((*(boundary if is_said else [f"# {line}" for line in boundary]), *issuers)) + "\n"
    parts.append(_BOUNDARY_ABOVE + text if has_boundary else text)
    at = {**passing, **vendors}
    beside = beside_vendors({ident: agreed[ident] for ident in passing}, at)
    parts += _third_parties(vendors, beside)
    parts += _with_external_ids({ident: ids for ident, ids in agreed.items() if ident not in beside}, passing)
    return "\n".join((*parts, _TAIL))


def _third_parties(vendors: dict[str, list[str]], beside: Mapping[str, str]) -> Iterator[str]:
    """
    The vendors whose published accounts stand in the templates, each to be declared by taking away the marks.

    Args:
        vendors: the accounts, with the places.
        beside: accounts that stand where theirs do, with the names of the vendors.
    """
    for name in dict.fromkeys(VENDORS[ident].name for ident in vendors):
        theirs = [ident for ident in vendors if VENDORS[ident].name == name]
        places = list(dict.fromkeys(place for ident in theirs for place in vendors[ident]))
        others = [ident for ident, whose in beside.items() if whose == name]
        listed = ", ".join(f'"{ident}"' for ident in (*theirs, *others))
        said = f"{remark_of_vendor(name, theirs, others)}: " if others else "  # "
        lines = ("[[third-party]]", f'name = "{name}"', f"accounts = [{listed}]{said}{humanize.names(places, _PLACES)}")
        yield "".join(whole(f"# {line}") + "\n" for line in lines)


def _with_external_ids(agreed: Mapping[str, tuple[str, ...]], places: Mapping[str, list[str]]) -> Iterator[str]:
    """Whoever gets in with an external id only, as third parties do, likewise."""
    for theirs, ids in third_parties({ident: ids for ident, ids in agreed.items() if ident in places}, places):
        where = humanize.names(list(dict.fromkeys(place for ident in theirs for place in places[ident])), _PLACES)
        said = f"external id {humanize.names(list(ids), _PLACES)}: {where}" if ids else where
        listed = ", ".join(f'"{ident}"' for ident in theirs)
        lines = ("[[third-party]]", f'name = "third party {theirs[0]}"', f"accounts = [{listed}]  # {said}")
        yield "".join(whole(f"# {line}") + "\n" for line in lines)


def _array(name: str, declared: list[str], possible: dict[str, list[str]]) -> Iterator[str]:
    if not declared and not possible:
        yield f"{name} = []"
        return
    yield f"{name} = ["
    yield from (f'    "{ident}",' for ident in declared)
    for ident, places in sorted(possible.items()):
        yield printable(f'    # "{ident}",  # {humanize.names(places, _PLACES)}')
    yield "]"


def _commented(name: str, possible: Mapping[str, list[str]]) -> Iterator[str]:
    """A list that holds nothing until the marks are taken away."""
    yield f"# {name} = ["
    for ident, places in sorted(possible.items()):
        # Whatever a template says: what it is called is one text, and its line a comment.
        yield whole(f"#     {json.dumps(ident)},  # {humanize.names(places, _PLACES)}")
    yield "# ]"


def _places(report: Report, table: str) -> Iterator[tuple[str, list[str]]]:
    """The ids of which nobody has said whose they are, each with where it stands."""
    named: dict[str, dict[str, None]] = {}
    for result in report.results:
        for one in result.undeclared:
            position = report.sources.position(result.template, one.path or (*result.path, *result.caret))
            place = result.template if position is None else f"{position.file or result.template}:{position.line}"
            if one.table == table:
                named.setdefault(one.ident, {})[f"{place} ({result.logical_id})"] = None
    yield from ((ident, list(places)) for ident, places in named.items())
