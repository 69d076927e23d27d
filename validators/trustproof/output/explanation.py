"""
Explanations for people and for programs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustproof.escaping import text as escaping
from trustproof.escaping.text import inside_line, printable
from trustproof.output import counterexamples
from trustproof.output.json import counterexample, location
from trustproof.output.style import Style
from trustproof.results.explanation import NOT_REQUIRED, YES, Entrance, Explanation, Obstacle, Place
from trustproof.results.version import version

SCHEMA = 1
#: What stands before the people of Identity Center.
PEOPLE = "people of Identity Center, as the templates assign them"
#: So many chains are shown to people.
MOST_CHAINS = 10


def render_explanations(found: Sequence[Explanation], caller: str | None, form: str, style: Style) -> str:
    """
    Explanations in one form.

    Args:
        caller: who was asked about; None for everybody.
        form: ``text`` or ``json``.
        style: of what people read.
    """
    if form == "json":
        return _json(found, caller)
    if not found:
        return nobody(caller)
    return "\n".join("\n".join(_one(one, caller, style)) + "\n" for one in found)


def nobody(caller: str | None) -> str:
    """What is said where a caller gets in nowhere."""
    return f"{printable(caller or '')} gets into no role or resource of these by their policies\n"


def head(found: Explanation) -> str:
    """What a role or resource is called, as it was found."""
    account = f", account {found.account}" if found.account else ""
    account = account or (f", in {found.deployed_to}" if found.deployed_to else "")
    return f"{found.name} ({found.resource_type}{account})"


def shown_place(found: Explanation, place: Place) -> str:
    """A statement, and where it stands, as it was found."""
    return place.statement if place.position is None else f"{place.statement}, {place.position.shown(found.template)}"


def request_lines(entrance: Entrance) -> list[str]:
    """The request of somebody who gets in, and the values of the template at which it was replayed."""
    parameters = (f"where {name} is {value}" for name, value in sorted(entrance.request.parameters.items()))
    return [*counterexamples.request(entrance.request), *parameters]


def _one(found: Explanation, caller: str | None, style: Style) -> Iterator[str]:
    yield style("strong", printable(head(found)))
    stack = f", stack {found.stack}" if found.stack else ""
    yield f"  {style('gutter', '-->')} {inside_line(f'{found.template} ({found.logical_id}{stack})')}"
    for entrance in found.entrances:
        yield from _entrance(found, entrance, style)
    if found.people:
        yield ""
        yield f"  {PEOPLE}:"
        for people in found.people:
            yield f"    {printable(people.who)}"
            for number, condition in enumerate(people.provided):
                yield f"      {'and' if number else 'if '} {printable(condition)}"
    if found.chains:
        yield ""
        yield "  over a chain of roles:"
        yield from (f"    {printable(' -> '.join(chain))}" for chain in found.chains[:MOST_CHAINS])
        if len(found.chains) > MOST_CHAINS:
            yield f"    and {len(found.chains) - MOST_CHAINS} more"
    for obstacle in found.obstacles:
        yield from _obstacle(found, obstacle, style)
    for reason in found.undecided:
        yield ""
        yield f"  {style('unknown', 'unknown')}: {printable(reason)}"
    if not (found.entrances or found.people or found.undecided or found.chains):
        yield ""
        yield f"  {f'{printable(caller)} does not get in' if caller else 'nobody gets in'}"


def _entrance(found: Explanation, entrance: Entrance, style: Style) -> Iterator[str]:
    yield ""
    open_ = entrance.mfa == NOT_REQUIRED or entrance.outside == YES
    yield f"  {style('warning' if open_ else 'strong', printable(entrance.who))}"
    yield f"    by       {printable(shown_place(found, entrance.place))}"
    yield f"    MFA      {entrance.mfa}"
    if entrance.outside:
        yield f"    outside  {entrance.outside}"
    for number, condition in enumerate(entrance.provided):
        yield f"    {'if      ' if not number else 'and     '} {printable(condition)}"
    if entrance.needs:
        yield f"    needs    {printable(entrance.needs)}"
    for number, line in enumerate(request_lines(entrance)):
        yield f"    {'request ' if not number else '        '} {printable(line)}"


def _obstacle(found: Explanation, obstacle: Obstacle, style: Style) -> Iterator[str]:
    yield ""
    yield f"  not by {printable(shown_place(found, obstacle.place))}"
    for reason in obstacle.reasons:
        yield f"    {style('refuted', 'because')} {printable(reason)}"
    for number, line in enumerate(() if obstacle.nearest is None else counterexamples.request(obstacle.nearest)):
        yield f"    {'nearest' if not number else '       '} {printable(line)}"


def _where(place: Place) -> dict[str, object]:
    return {"statement": place.statement, **location(place.position)}


def _json(found: Sequence[Explanation], caller: str | None) -> str:
    document = {
        "schema": SCHEMA,
        "version": version(),
        "caller": caller,
        "resources": [
            {
                **one._asdict(),
                "chains": [list(chain) for chain in one.chains],
                "undecided": [*one.undecided],
                "people": [{"who": people.who, "provided": [*people.provided]} for people in one.people],
                "entrances": [
                    {
                        **entrance._asdict(),
                        "place": _where(entrance.place),
                        "outside": entrance.outside or None,
                        "provided": [*entrance.provided],
                        "request": counterexample(entrance.request),
                    }
                    for entrance in one.entrances
                ],
                "obstacles": [
                    {
                        "place": _where(obstacle.place),
                        "reasons": [*obstacle.reasons],
                        "nearest": None if obstacle.nearest is None else counterexample(obstacle.nearest),
                    }
                    for obstacle in one.obstacles
                ],
            }
            for one in found
        ],
    }
    return escaping.to_json(document)
