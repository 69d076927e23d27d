"""
What differs between two sides: for people, for programs, and as a comment at a pull request.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.output import counterexamples, escaping, further_access, humanize
from trustproof.output.escaping import inside_line, printable
from trustproof.output.json import counterexample, location
from trustproof.output.markdown import block, code, escape
from trustproof.output.style import Style
from trustproof.results.difference import AccessChange, Difference, Undecided, VerdictChange, Where
from trustproof.results.result import PROVED, Counterexample
from trustproof.results.version import version

SCHEMA = 1
FORMS = ("text", "json", "markdown")
#: The first line of the comment: whoever updates it finds it by this, or by this with the category of the comparison.
MARKER = "<!-- trustproof diff -->"
#: Characters; a comment at GitHub has 65,536 at most.
_MOST = 60_000
#: So many places of what keeps a request out are shown.
_STOPS = 3
#: So many places are named of what is not decided for the same reasons.
_PLACES = 10


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
        (len(found.verdicts), "verdict changed" if len(found.verdicts) == 1 else "verdicts changed"),
        (len(found.undecided), "not decided"),
    )
    return f"{', '.join(f'{number} {what}' for number, what in counts)} ({found.old} -> {found.new})"


# -- text


def _text(found: Difference, style: Style) -> str:
    blocks = [_change(one, style) for one in found.access]
    blocks += [_verdict(one, style) for one in found.verdicts]
    blocks += [_undecided(one, style) for one in found.undecided]
    blocks.append([style("strong", printable(summary(found)))])
    return "\n\n".join("\n".join(lines) for lines in blocks) + "\n"


def _change(one: AccessChange, style: Style) -> list[str]:
    head = style({"gained": "refuted", "lost": "proved"}.get(one.direction, "note"), one.direction)
    lines = [f"{head}: {style('strong', printable(one.message))}", _arrow(one.where, style)]
    lines += [f"{_arrow(stop.where, style)}: {stop.kind}" for stop in one.stopped_by[:_STOPS]]
    lines += _request(one.counterexample, style)
    lines += _note("also", ["with " + "; ".join(one.also)] if one.also else [], style)
    lines += _note("and", further_access.lines(one), style)
    lines += _note("note", list(one.notes), style)
    return lines


def _verdict(one: VerdictChange, style: Style) -> list[str]:
    head = style(one.after or one.before or "note", f"verdict[{one.property}]")
    lines = [f"{head}: {style('strong', printable(_became(one)))}", _arrow(one.where, style)]
    if one.after not in (None, PROVED):
        lines += _note("because", [one.message], style)
        if one.counterexample is not None:
            lines += _request(one.counterexample, style)
    return lines


def _became(one: VerdictChange) -> str:
    whose = one.where.logical_id or one.where.template
    if one.before is None:
        return f"{one.after} for {whose}, which is new"
    if one.after is None:
        return f"was {one.before} for {whose}, which is gone"
    return f"was {one.before} and is {one.after} for {whose}"


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
    marker = f"<!-- trustproof diff {category} -->" if category else MARKER
    name = f" ({escape(category)})" if category else ""
    out = f"{marker}\n## Access{name}\n\n{escape(summary(found))}\n"
    sections = [*_sections(found)]
    for number, section in enumerate(sections):
        if len(out) + len(section) > _MOST:
            return f"{out}\n… and {humanize.count(len(sections) - number, 'more section')}, in the other outputs\n"
        out += f"\n{section}\n"
    return out


def _sections(found: Difference) -> Iterator[str]:
    for one in found.access:
        lines = [f"### {one.direction}: {escape(one.message)}", "", f"at {code(_at(one.where))}"]
        lines += [f"{stop.kind} at {code(_at(stop.where))}" for stop in one.stopped_by[:_STOPS]]
        lines += _request_block(one.counterexample)
        lines += ["", f"**also** with {escape('; '.join(one.also))}"] if one.also else []
        if further := further_access.lines(one):
            lines += ["", "**and**", "", *(f"- {escape(line)}" for line in further)]
        for note in one.notes:
            lines += ["", f"**note**: {escape(note)}"]
        yield "\n".join(lines)
    for verdict in found.verdicts:
        head = f"### {code(verdict.property)} {escape(_became(verdict))}"
        lines = [head, "", f"at {code(_at(verdict.where))}"]
        if verdict.after not in (None, PROVED):
            lines += ["", escape(verdict.message)]
            lines += [] if verdict.counterexample is None else _request_block(verdict.counterexample)
        yield "\n".join(lines)
    by_reasons: dict[tuple[str, ...], list[Undecided]] = {}
    for undecided in found.undecided:
        by_reasons.setdefault(undecided.reasons, []).append(undecided)
    for reasons, those in by_reasons.items():
        places = [f"at {code(_at(one.where))}" for one in those[:_PLACES]]
        if len(those) > _PLACES:
            places.append(f"and at {humanize.count(len(those) - _PLACES, 'more place')}")
        lines = ["### unknown", "", ", ".join(places), ""]
        yield "\n".join([*lines, *(f"- {escape(reason)}" for reason in reasons)])


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
