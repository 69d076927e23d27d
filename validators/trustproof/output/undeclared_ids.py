"""
The accounts and organizations that stand in templates, and of which nobody has said whose they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from trustproof.aws.vendors import VENDORS
from trustproof.escaping.text import printable, whole
from trustproof.output import humanize
from trustproof.results.report import Sources
from trustproof.results.result import Result

#: How the line begins behind which stands what to declare.
DECLARE = "  declare what is yours"
#: What stands beside what nobody can tell from a vendor's.
_WHICH = "  # those that are yours"
#: How many places are named of each.
_PLACES = 3


def lines(results: Sequence[Result], sources: Sources, *, excerpts: bool = True) -> Iterator[str]:
    """
    One block for all of them: what stands where, and what to declare.

    Args:
        results: those that are unknown for that reason.
        excerpts: whether excerpts are shown beside it. Without them, a line of a policy that a plan holds as one text
            leads nowhere.
    """
    named: dict[tuple[str, str], dict[str, None]] = {}
    agreed = external_ids(results)
    for result in results:
        for one in result.undeclared:
            position = sources.position(result.template, one.path or (*result.path, *result.caret))
            place = result.template
            if position is not None and (excerpts or position.in_file):
                place = position.shown(place)
            named.setdefault((one.table, one.ident), {})[f"{place} ({result.logical_id})"] = None
    if not named:
        return
    deployed = {one.ident: one.template for result in results for one in result.undeclared if one.template}
    likely = sorted({result.likely_own for result in results} - {""})
    found = [humanize.count(sum(1 for table, _ in named if table == f"{noun}s"), noun) for noun in _nouns(named)]
    stand, whose = ("stands", "it is") if len(named) == 1 else ("stand", "they are")
    yield f"{' and '.join(found)} {stand} in the templates, and no [boundary] says whose {whose}:"
    for (table, ident), places in sorted(named.items()):
        vendor = f" ({VENDORS[ident].name})" if ident in VENDORS else ""
        vendor = vendor or (", which passes an external id as third parties do" if ident in agreed else "")
        own = ": most likely the template's own" if table == "accounts" and ident in likely else ""
        own = own or (f": most likely yours, since {deployed[ident]} is deployed to it" if ident in deployed else "")
        yield printable(f"  {table[:-1]} {ident}{vendor}{own}: {humanize.names(list(places), _PLACES)}")
    if len(likely) == 1:
        yield printable(f"  if {likely[0]} is the account of the templates, give --account {likely[0]}")
    yield f"{DECLARE} in trustproof.toml, and a vendor as a [[third-party]]:"
    ours = [one for one in sorted(named) if one[1] not in VENDORS and one[1] not in agreed]
    if ours:
        yield "    [boundary]"
    for table in dict.fromkeys(table for table, _ in ours):
        listed = ", ".join(f'"{ident}"' for other, ident in ours if other == table)
        # Whoever copies the account of a vendor with the others takes that vendor for their own.
        is_theirs = all(ident in likely or ident in deployed for other, ident in ours if other == table)
        yield whole(f"    {table} = [{listed}]{'' if is_theirs else _WHICH}")
    for name in dict.fromkeys(VENDORS[ident].name for _, ident in sorted(named) if ident in VENDORS):
        theirs = [ident for _, ident in sorted(named) if ident in VENDORS and VENDORS[ident].name == name]
        listed = ", ".join(f'"{ident}"' for ident in theirs)
        yield from ("    [[third-party]]", f'    name = "{name}"', f"    accounts = [{listed}]")
    for theirs, ids in third_parties(agreed):
        listed = ", ".join(f'"{ident}"' for ident in theirs)
        yield from ("    [[third-party]]", f'    name = "third party {theirs[0]}"')
        yield whole(f"    accounts = [{listed}]{_remark(ids)}")


def external_ids(results: Iterable[Result]) -> dict[str, tuple[str, ...]]:
    """The accounts that get in with an external id only, each with those that are written out."""
    found: dict[str, set[str]] = {}
    for result in results:
        for one in result.undeclared:
            if one.passes_external_id and one.table == "accounts" and one.ident not in VENDORS:
                found.setdefault(one.ident, set()).update(one.external_ids)
    return {ident: tuple(sorted(ids)) for ident, ids in sorted(found.items())}


def third_parties(agreed: Mapping[str, tuple[str, ...]]) -> list[tuple[list[str], tuple[str, ...]]]:
    """The accounts of each third party, and its external ids: accounts that pass the same one belong together."""
    out: dict[tuple[str, ...], list[str]] = {}
    for ident, ids in agreed.items():
        out.setdefault(ids or ("", ident), []).append(ident)
    return [(theirs, agreed[theirs[0]]) for theirs in out.values()]


def _remark(ids: Sequence[str]) -> str:
    return f"  # external id {humanize.names(list(ids), _PLACES)}" if ids else ""


def _nouns(named: dict[tuple[str, str], dict[str, None]]) -> list[str]:
    return sorted({table[:-1] for table, _ in named})
