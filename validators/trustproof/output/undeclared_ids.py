"""
The accounts and organizations that stand in templates, and of which nobody has said whose they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from trustproof.aws.vendors import VENDORS
from trustproof.escaping.text import printable, whole
from trustproof.output import humanize
from trustproof.results.report import Sources
from trustproof.results.result import Result

#: How the line begins behind which stands what to declare.
DECLARE = "  declare what is yours"
#: What stands beside what nobody can tell from a vendor's.
_WHICH = "  # those that are yours"
#: In a path, the number of a statement follows.
_STATEMENT = "Statement"
#: What is said of an account that gets in with an external id only.
_PASSING = ", which passes an external id as third parties do"
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
    alike: dict[tuple[str, str, str], list[str]] = {}
    for (table, ident), places in sorted(named.items()):
        vendor = f" ({VENDORS[ident].name})" if ident in VENDORS else ""
        vendor = vendor or (_PASSING if ident in agreed else "")
        own = ": most likely the template's own" if table == "accounts" and ident in likely else ""
        own = own or (f": most likely yours, since {deployed[ident]} is deployed to it" if ident in deployed else "")
        # Only whoever passes an external id has others beside it in one line: of anybody else the line is to be read.
        alone = "" if vendor == _PASSING and not own else ident
        alike.setdefault((f"{vendor}{own}: {humanize.names(list(places), _PLACES)}", table, alone), []).append(ident)
    for (said, table, _), idents in alike.items():
        noun = table if len(idents) > 1 else table[:-1]
        said = said.replace("which passes", "which pass", 1) if len(idents) > 1 else said
        yield printable(f"  {noun} {humanize.names(idents)}{said}")
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
    at = _statements_with(results)
    beside = beside_vendors(agreed, at)
    for name in dict.fromkeys(VENDORS[ident].name for _, ident in sorted(named) if ident in VENDORS):
        theirs = [ident for _, ident in sorted(named) if ident in VENDORS and VENDORS[ident].name == name]
        others = [ident for ident, whose in beside.items() if whose == name]
        listed = ", ".join(f'"{ident}"' for ident in (*theirs, *others))
        yield from ("    [[third-party]]", f'    name = "{name}"')
        yield whole(f"    accounts = [{listed}]{remark_of_vendor(name, theirs, others)}")
    for theirs, ids in third_parties({ident: ids for ident, ids in agreed.items() if ident not in beside}, at):
        listed = ", ".join(f'"{ident}"' for ident in theirs)
        yield from ("    [[third-party]]", f'    name = "third party {theirs[0]}"')
        yield whole(f"    accounts = [{listed}]{_remark(ids)}")


def _statements_with(results: Iterable[Result]) -> dict[str, set[str]]:
    """The statements in which each account stands."""
    found: dict[str, set[str]] = {}
    for result in results:
        for one in result.undeclared:
            path = one.path or result.path
            number = path.index(_STATEMENT) + 2 if _STATEMENT in path else len(path)
            found.setdefault(one.ident, set()).add(f"{result.template} {path[:number]}")
    return found


def external_ids(results: Iterable[Result]) -> dict[str, tuple[str, ...]]:
    """The accounts that get in with an external id only, each with those that are written out."""
    found: dict[str, set[str]] = {}
    for result in results:
        for one in result.undeclared:
            if one.passes_external_id and one.table == "accounts" and one.ident not in VENDORS:
                found.setdefault(one.ident, set()).update(one.external_ids)
    return {ident: tuple(sorted(ids)) for ident, ids in sorted(found.items())}


def beside_vendors(agreed: Mapping[str, tuple[str, ...]], at: Mapping[str, Collection[str]]) -> dict[str, str]:
    """
    The accounts of which nobody has published whose they are, and that stand nowhere but where a vendor's does, with
    the vendor: it has one for each of its sites.

    Args:
        agreed: those that get in with an external id only, with those that are written out.
        at: where each of all accounts stands.
    """
    vendors = {frozenset(places): VENDORS[ident].name for ident, places in at.items() if ident in VENDORS}
    places = {ident: frozenset(at.get(ident, ())) for ident, ids in agreed.items() if not ids}
    return {ident: vendors[where] for ident, where in places.items() if where in vendors}


def remark_of_vendor(name: str, theirs: Sequence[str], others: Sequence[str]) -> str:
    """What to say beside the accounts of a vendor, where others stand among them."""
    return f"  # of these {name} has published {humanize.names(list(theirs))}" if others else ""


def third_parties(
    agreed: Mapping[str, tuple[str, ...]], at: Mapping[str, Collection[str]]
) -> list[tuple[list[str], tuple[str, ...]]]:
    """
    The accounts of each third party, and its external ids: accounts that pass the same one belong together, and so do
    those that pass one which is not written out and stand in the same places.

    Args:
        agreed: as of `beside_vendors`.
        at: where each of them stands.
    """
    out: dict[tuple[str, ...], list[str]] = {}
    for ident, ids in agreed.items():
        out.setdefault(ids or ("", *sorted(at.get(ident, (ident,)))), []).append(ident)
    return [(theirs, agreed[theirs[0]]) for theirs in out.values()]


def _remark(ids: Sequence[str]) -> str:
    return f"  # external id {humanize.names(list(ids), _PLACES)}" if ids else ""


def _nouns(named: dict[tuple[str, str], dict[str, None]]) -> list[str]:
    return sorted({table[:-1] for table, _ in named})
