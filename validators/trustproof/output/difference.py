"""
What differs between two sides: for people, for programs, and as a comment at a pull request.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from trustproof.escaping import text as escaping
from trustproof.escaping.text import inside_line, printable
from trustproof.output import counterexamples, further_access, humanize
from trustproof.output.json import counterexample, location
from trustproof.output.markdown import block, code, escape
from trustproof.output.style import Style
from trustproof.results.difference import AccessChange, Difference, Move, Undecided, VerdictChange, Where, resource_of
from trustproof.results.result import PROVED, UNKNOWN, Counterexample
from trustproof.results.version import version

SCHEMA = 1
FORMS = ("text", "json", "markdown")
#: The first line of the comment: whoever updates it finds it by this, or by this with the category of the comparison.
#: No category makes it the mark of a report.
MARKER = "<!-- trustproof-diff -->"
#: Characters; a comment at GitHub has 65,536 at most.
_MOST = 60_000
#: So many places of what keeps a request out are shown.
_STOPS = 3
#: So many places are named of what is not decided for the same reasons.
_PLACES = 10


class _Verdicts(NamedTuple):
    """
    Verdicts of one policy that changed alike, which are told as one.
    """

    changes: tuple[VerdictChange, ...]

    @property
    def where(self) -> Where:
        """Of the policy."""
        return self.changes[0].where

    @property
    def properties(self) -> str:
        """Of which they are."""
        return ", ".join(one.property for one in self.changes)

    @property
    def reasons(self) -> list[str]:
        """What is wrong or not decided since, each once."""
        return list(dict.fromkeys(one.message for one in self.changes))


_Told: TypeAlias = "AccessChange | _Verdicts | Undecided"


def render_difference(found: Difference, form: str, style: Style, category: str = "") -> str:
    """
    A difference in one form; of an empty one, text and Markdown are empty.

    Args:
        form: ``text``, ``json`` or ``markdown``.
        style: of what people read.
        category: what tells its comment from others about the same commit; empty where there is one.
    """
    if form == "json":
        return _json(found)
    if found.is_empty:
        return ""
    return _markdown(found, category) if form == "markdown" else _text(found, style)


def summary(found: Difference) -> str:
    """The counts in a line."""
    counts = (
        (len(found.gained), "gained"),
        (len(found.lost), "lost"),
        *(((len(found.narrowed), "narrowed"),) if found.narrowed else ()),
        *(((len(found.moved), "moved"),) if found.moved else ()),
        (len(found.verdicts), "verdict changed" if len(found.verdicts) == 1 else "verdicts changed"),
        (len(found.undecided), "not decided"),
        *(((len(found.errors), "refused"),) if found.errors else ()),
    )
    return f"{', '.join(f'{number} {what}' for number, what in counts)} ({found.old} -> {found.new})"


# -- text


def _text(found: Difference, style: Style) -> str:
    blocks: list[list[str]] = []
    for move, those in _told(found):
        lines = [_block(one, style) for one in those]
        if move is not None:
            lines = [_move(move, style), *([*map(_indented, block)] for block in lines)]
        blocks += lines
    blocks.append([style("strong", printable(summary(found)))])
    return "\n\n".join("\n".join(lines) for lines in blocks) + "\n"


def _told(found: Difference) -> Iterator[tuple[Move | None, Sequence[_Told]]]:
    """What is told, in order: what differs of a role that has moved follows the move."""
    of_moves: dict[Move, list[_Told]] = {move: [] for move in found.moved}
    alone: list[_Told | Move] = []
    by_resource: dict[tuple[str, str, str | None], Move] = {}
    for move in found.moved:
        for place in (move.old, move.new):
            by_resource.setdefault(resource_of(place), move)
    changes: tuple[_Told, ...] = (*found.access, *_alike(found.verdicts), *found.undecided)
    for one in changes:
        whose = by_resource.get(resource_of(one.where))
        if whose is None:
            alone.append(one)
        else:
            if not of_moves[whose]:
                alone.append(whose)
            of_moves[whose].append(one)
    # Before verdicts and what is not decided, as all access is.
    last = next((at for at, one in enumerate(alone) if isinstance(one, _Verdicts | Undecided)), len(alone))
    alone[last:last] = [move for move in found.moved if not of_moves[move]]
    for told in alone:
        yield (told, of_moves[told]) if isinstance(told, Move) else (None, [told])


def _alike(found: Sequence[VerdictChange]) -> Iterator[_Verdicts]:
    """What is no longer decided of one policy, as one: it is not known, which each property says in its words."""
    together: dict[object, list[VerdictChange]] = {}
    for number, one in enumerate(found):
        is_open = one.after == UNKNOWN and one.counterexample is None
        together.setdefault((one.where, one.before is None) if is_open else number, []).append(one)
    yield from (_Verdicts(tuple(changes)) for changes in together.values())


def _indented(line: str) -> str:
    return f"  {line}"


def _block(one: _Told, style: Style) -> list[str]:
    if isinstance(one, AccessChange):
        return _change(one, style)
    return _verdict(one, style) if isinstance(one, _Verdicts) else _undecided(one, style)


def _move(one: Move, style: Style) -> list[str]:
    head = f"{style('refuted', 'moved')}: {style('strong', printable(one.message))}"
    return [head, _arrow(one.new, style), f"{_arrow(one.old, style)}: before", *_note("note", [_of_move(one)], style)]


def _of_move(one: Move) -> str:
    """What follows from a move."""
    same = (
        "its policies mean what they meant" if one.means_the_same else "what its policies say otherwise is told as well"
    )
    return f"who names the old ARN no longer reaches it, and who names the new one does; {same}"


def _change(one: AccessChange, style: Style) -> list[str]:
    head = style({"gained": "refuted", "lost": "proved"}.get(one.direction, "note"), one.direction)
    lines = [f"{head}: {style('strong', printable(one.message))}", _arrow(one.where, style)]
    lines += [f"{_arrow(stop.where, style)}: {stop.kind}" for stop in one.stopped_by[:_STOPS]]
    lines += _request(one.counterexample, style)
    lines += _note("also", ["with " + "; ".join(one.also)] if one.also else [], style)
    lines += _note("and", further_access.lines(one), style)
    lines += _note("note", list(one.notes), style)
    return lines


def _verdict(told: _Verdicts, style: Style) -> list[str]:
    one = told.changes[0]
    head = style(one.after or one.before or "note", f"verdict[{told.properties}]")
    lines = [f"{head}: {style('strong', printable(_became(told)))}", _arrow(one.where, style)]
    if one.after not in (None, PROVED):
        lines += _note("because", told.reasons, style)
        if one.counterexample is not None:
            lines += _request(one.counterexample, style)
    return lines


def _became(told: _Verdicts) -> str:
    one = told.changes[0]
    whose = one.where.logical_id or one.where.template
    if one.before is None:
        return f"{one.after} for {whose}, which is new"
    if one.after is None:
        return f"was {one.before} for {whose}, which is gone"
    before = " or ".join(dict.fromkeys(str(change.before) for change in told.changes))
    return f"was {before} and is {one.after} for {whose}"


def _undecided(one: Undecided, style: Style) -> list[str]:
    what = f"the access by {one.where.logical_id}" if one.where.logical_id else "access"
    head = f"{style('unknown', 'unknown')}: {style('strong', printable(f'whether {what} changed'))}"
    return [head, _arrow(one.where, style), *_note("reason", list(one.reasons), style)]


def _arrow(where: Where, style: Style) -> str:
    inside = ", ".join(part for part in (where.logical_id, where.construct_path) if part)
    shown = inside_line(_place(where)) + (f" ({printable(inside)})" if inside else "")
    return f"  {style('gutter', '-->')} {shown}"


def _place(where: Where) -> str:
    return where.template if where.position is None else where.position.shown(where.template)


def _request(found: Counterexample, style: Style) -> list[str]:
    lines = _note("request", counterexamples.request(found), style)
    for _, title, line in counterexamples.cases(found.parameters):
        lines += _note(title, [line], style)
    return lines


def _note(name: str, said: list[str], style: Style) -> list[str]:
    sign = f"   {style('gutter', '=')} "
    return [
        f"{sign}{style('strong', f'{name}:') if not number else ' ' * (len(name) + 1)} {printable(line)}"
        for number, line in enumerate(said)
    ]


# -- Markdown


def _markdown(found: Difference, category: str) -> str:
    marker = f"<!-- trustproof-diff {category} -->" if category else MARKER
    name = f" ({escape(category)})" if category else ""
    out = f"{marker}\n## Access{name}\n\n{escape(summary(found))}\n"
    sections = [*_sections(found)]
    for number, section in enumerate(sections):
        if len(out) + len(section) > _MOST:
            return f"{out}\n… and {humanize.count(len(sections) - number, 'more section')}, in the other outputs\n"
        out += f"\n{section}\n"
    return out


def _sections(found: Difference) -> Iterator[str]:
    undecided: list[Undecided] = []
    for move, those in _told(found):
        if move is not None:
            yield "\n".join(_move_section(move))
        for one in those:
            if isinstance(one, Undecided):
                undecided.append(one)
            else:
                yield "\n".join(_section(one, "###" if move is None else "####"))
    by_reasons: dict[tuple[str, ...], list[Undecided]] = {}
    for left in undecided:
        by_reasons.setdefault(left.reasons, []).append(left)
    for reasons, alike in by_reasons.items():
        places = [f"at {code(_at(one.where))}" for one in alike[:_PLACES]]
        if len(alike) > _PLACES:
            places.append(f"and at {humanize.count(len(alike) - _PLACES, 'more place')}")
        lines = ["### unknown", "", ", ".join(places), ""]
        yield "\n".join([*lines, *(f"- {escape(reason)}" for reason in reasons)])
    if found.errors:
        yield "\n".join(["### refused", "", *(f"- {escape(str(error))}" for error in found.errors)])


def _section(one: AccessChange | _Verdicts, heading: str) -> Iterator[str]:
    if isinstance(one, _Verdicts):
        first = one.changes[0]
        named = ", ".join(code(change.property) for change in one.changes)
        yield from (f"{heading} {named} {escape(_became(one))}", "", f"at {code(_at(one.where))}")
        if first.after not in (None, PROVED):
            yield from ("", "; ".join(map(escape, one.reasons)))
            yield from () if first.counterexample is None else _request_block(first.counterexample)
        return
    yield from (f"{heading} {one.direction}: {escape(one.message)}", "", f"at {code(_at(one.where))}")
    yield from (f"{stop.kind} at {code(_at(stop.where))}" for stop in one.stopped_by[:_STOPS])
    yield from _request_block(one.counterexample)
    if one.also:
        yield from ("", f"**also** with {escape('; '.join(one.also))}")
    if further := further_access.lines(one):
        yield from ("", "**and**", "", *(f"- {escape(line)}" for line in further))
    for note in one.notes:
        yield from ("", f"**note**: {escape(note)}")


def _move_section(one: Move) -> Iterator[str]:
    yield from (f"### moved: {escape(one.message)}", "", f"at {code(_at(one.new))}, before at {code(_at(one.old))}")
    yield from ("", f"**note**: {escape(_of_move(one))}")


def _request_block(found: Counterexample) -> list[str]:
    parameters = [f"{title} {line}" for _, title, line in counterexamples.cases(found.parameters)]
    return list(block([*counterexamples.request(found), *parameters], "text"))


def _at(where: Where) -> str:
    return f"{_place(where)} ({where.logical_id})" if where.logical_id else _place(where)


# -- JSON


def _json(found: Difference) -> str:
    document = {
        "schema": SCHEMA,
        "version": version(),
        "old": found.old,
        "new": found.new,
        "summary": {
            "gained": len(found.gained),
            "lost": len(found.lost),
            "narrowed": len(found.narrowed),
            "moved": len(found.moved),
            "verdicts": len(found.verdicts),
            "undecided": len(found.undecided),
        },
        "access": [
            {
                "direction": one.direction,
                "kind": one.kind,
                **_where(one.where),
                "message": one.message,
                "request": counterexample(one.counterexample),
                "also": [*one.also],
                "notes": [*one.notes],
                "further": [
                    {"message": also.message, "request": counterexample(also.counterexample)} for also in one.further
                ],
                "not_asked": one.not_asked,
                "stopped_by": [{"kind": stop.kind, **_where(stop.where)} for stop in one.stopped_by],
            }
            for one in found.access
        ],
        "moved": [
            {
                "kind": one.kind,
                "name": one.name,
                "message": one.message,
                "old_arn": one.old_arn,
                "new_arn": one.new_arn,
                "old": _where(one.old),
                "new": _where(one.new),
                "means_the_same": one.means_the_same,
            }
            for one in found.moved
        ],
        "verdicts": [
            {
                "property": one.property,
                "before": one.before,
                "after": one.after,
                **_where(one.where),
                "message": one.message,
                "request": None if one.counterexample is None else counterexample(one.counterexample),
            }
            for one in found.verdicts
        ],
        "undecided": [{**_where(one.where), "reasons": [*one.reasons]} for one in found.undecided],
        "notes": [*found.notes],
        "errors": [
            {"message": one.message, "file": one.file, "line": one.line, "column": one.column} for one in found.errors
        ],
    }
    return escaping.to_json(document)


def _where(where: Where) -> dict[str, object]:
    return {
        "template": where.template,
        "logical_id": where.logical_id,
        "resource_type": where.resource_type,
        "construct_path": where.construct_path,
        "account": where.account,
        **location(where.position),
    }
