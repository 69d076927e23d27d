"""
A report for a person: what is wrong, where, by which request, and how to put it right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from trustproof.escaping.text import inside_line, printable
from trustproof.model.path_steps import calls_macro
from trustproof.model.policy import Path
from trustproof.model.text import PARTITION, REGION
from trustproof.output import counterexamples, humanize, reasons
from trustproof.output import undeclared_ids as undeclared
from trustproof.output.counterexamples import REMARK
from trustproof.output.excerpt import excerpt
from trustproof.output.json_pointer import shown
from trustproof.output.left_out_files import passed_over_files, skipped_files
from trustproof.output.places import of_one_place, place_of, places
from trustproof.output.resting_proofs import resting_proofs
from trustproof.output.run_notes import run_note
from trustproof.output.style import Style
from trustproof.results.groups import Group, alike_elsewhere, groups, is_of_run, may_say_more_deployed, reasons_once
from trustproof.results.omissions import omission_notes
from trustproof.results.report import Report, Sources
from trustproof.results.result import ERROR, NOTE, REFUTED, SEVERITIES, UNKNOWN, Result, Severity

#: Line numbers below a hundred share one layout, so that most findings line up.
_GUTTER = 2
#: How many resources are named of those that have one cause.
_NAMED = 5
#: In how many templates the same has to be said for one of them to say it for all, and how many of the other places
#: are named.
_ALIKE, _PLACES = 4, 10


def render(
    report: Report, style: Style, *, verbose: bool = False, fail_on: Severity = ERROR, strict: bool = False
) -> str:
    """
    The whole report: the refuted, the unknown, what proofs rest on, and a summary in one line.

    Results that are proved and rest on nothing are counted and not listed; what has one cause is shown once, unless
    all is asked for.
    """
    found = groups(counted_results(report))
    # Whose something is, is asked once for all of them.
    named = [one for group in found if group.lead.undeclared for one in group.results]
    if verbose:
        blocks = [_block(Group(one), (), report.sources, style, verbose) for group in found for one in group.results]
    else:
        shown = [group for group in found if not (group.lead.undeclared or is_of_run(group.lead))]
        blocks = [
            _block(group, others, report.sources, style, verbose)
            for group, others in alike_elsewhere(shown, _ALIKE, partial(place_of, report.sources))
        ]
    blocks += [list(undeclared.lines(named, report.sources))] if named else []
    blocks += [list(_closing(report, found, style, verbose))]
    blocks[-1].append(style("strong", summary(report, found, fail_on, is_each_listed=verbose, strict=strict)))
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


class _Block:
    """
    The lines about one result; everything after the arrow stands on one vertical.
    """

    __slots__ = ("_position", "_result", "_sources", "_style", "_width", "lines")

    def __init__(self, result: Result, sources: Sources, style: Style) -> None:
        self._result = result
        self._sources = sources
        self._style = style
        self._position = sources.position(result.template, (*result.path, *result.caret))
        self._width = max(_GUTTER, len(str(self._position.line)) if self._position is not None else 0)
        self.lines: list[str] = []

    def header(self, properties: str = "") -> None:
        """
        The verdict in a sentence, and where it stands.

        Args:
            properties: what the verdict is on, where it is more than the result's own property.
        """
        result = self._result
        mild = "" if result.severity == ERROR else f" ({result.severity})"
        head = self._style(self._colour, f"{result.verdict}[{properties or result.property}]{mild}")
        self.lines.append(head + self._style("strong", f": {printable(result.message)}"))
        at = self._position
        described = shown(self._sources, result) if at is None else result.logical_id
        place = result.template if at is None else at.shown(result.template)
        inside = ", ".join(filter(None, (described, result.construct_path, result.stack and f"stack {result.stack}")))
        arrow = f"{' ' * self._width}{self._style('gutter', '-->')} {inside_line(place)}"
        self.lines.append(f"{arrow} ({printable(inside)})" if inside else arrow)

    @property
    def _colour(self) -> str:
        refuted = self._result.verdict == REFUTED
        return "warning" if refuted and self._result.severity != ERROR else self._result.verdict

    def excerpt(self) -> None:
        """The line that the result is about, its label under a caret."""
        if self._position is None:
            return
        number, column, end_column, file, _ = self._position
        shown = excerpt(self._sources.line(self._result.template, number, file), column, end_column)
        bar = self._style("gutter", "|")
        empty = f"{' ' * self._width} {bar}"
        caret = self._style(self._colour, f"{'^' * shown.length} {printable(self._result.label)}".rstrip())
        self.lines += [
            empty,
            f"{self._style('gutter', f'{number:>{self._width}}')} {bar} {printable(shown.text)}",
            f"{empty} {' ' * shown.offset}{caret}",
            empty,
        ]

    def note(self, name: str, *lines: str) -> None:
        """``= name: first line``, and the other lines under the first."""
        sign = f"{' ' * self._width} {self._style('gutter', '=')} "
        self.lines.append(f"{sign}{self._style('strong', f'{name}:')} {printable(lines[0])}")
        self.lines += [f"{sign}{' ' * len(name)}  {printable(line)}" for line in lines[1:]]

    def elsewhere(self, others: Sequence[Group]) -> None:
        """Where in other templates the same is said, and put right in the same way."""
        if not others:
            return
        said, others = of_one_place(self._sources, self._result, others)
        for line in said:
            self.note("also", line)
        by_template: dict[str, list[Result]] = {}
        for group in others:
            by_template.setdefault(group.lead.template, []).extend((group.lead, *group.like))
        if not by_template:
            return
        by_template = {template: _one_of_each_place(found) for template, found in by_template.items()}
        lines = [self._there(template, found) for template, found in by_template.items()]
        count = sum(map(len, by_template.values()))
        templates = humanize.count(len(lines), "more template")
        more = [f"and in {len(lines) - _PLACES} more (--verbose shows all)"] if len(lines) > _PLACES else []
        self.note("also", f"{count} more like it in {templates}:", *lines[:_PLACES], *more)

    def _there(self, template: str, found: Sequence[Result]) -> str:
        """Where the first of some results of a template stands, and how many there are."""
        first = found[0]
        at = self._sources.position(template, (*first.path, *first.caret))
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        return f"{inside_line(template if at is None else at.shown(template))} ({first.logical_id}{more})"

    def help(self) -> None:
        """The remedy, as a sentence and a small diff."""
        remedy = self._result.remedy
        if remedy is None:
            return
        self.note("help", remedy.text)
        colours = {"+": "add", "-": "remove"}
        for line in remedy.diff:
            text = printable(line)
            shown = self._style(colours[line[0]], text) if line[:1] in colours else text
            self.lines.append(f"{' ' * self._width}      {shown}".rstrip())

    def reproduce(self) -> None:
        """The commands of the counterexample, each on a line that can be copied as it stands."""
        name = "reproduce"
        for line in self._result.reproduce:
            if line.startswith(REMARK):
                self.note(name, line.removeprefix(REMARK))
            else:
                self.lines.append(f"{' ' * self._width}      {printable(line)}")


def _one_of_each_place(found: Sequence[Result]) -> list[Result]:
    """The first result of each place: several properties may say the same of it."""
    first: dict[tuple[str, Path], Result] = {}
    for one in found:
        first.setdefault((one.logical_id, one.path), one)
    return [*first.values()]


def _block(group: Group, elsewhere: Sequence[Group], sources: Sources, style: Style, verbose: bool) -> list[str]:
    """
    What is to be said of results that have one cause.

    Args:
        elsewhere: those of other templates that say the same.
    """
    if group.lead.verdict == UNKNOWN:
        return _unknown(group, elsewhere, sources, style)
    if group.lead.severity == NOTE and not verbose:
        return _hardening(group, elsewhere, sources, style)
    return _refuted(group, elsewhere, sources, style)


def _more(group: Group, elsewhere: Sequence[Group], sources: Sources, block: _Block) -> None:
    """What else has the same cause."""
    _so_also(group, block)
    if like := [*group.like, *(one for one in group.also if one.message == group.lead.message)]:
        others = list(dict.fromkeys(one.logical_id for one in like))
        where = humanize.names(others if set(others) != {group.lead.logical_id} else places(sources, like), _NAMED)
        block.note("also", f"{len(like)} more like it: {where} (--verbose shows all)")
    block.elsewhere(elsewhere)


def _so_also(group: Group, block: _Block) -> None:
    """What is closed with it, once for all resources of which the same is said."""
    said: dict[tuple[str, ...], list[Result]] = {}
    for one in (one for one in group.also if one.message != group.lead.message):
        without_name = re.split(rf"\b{re.escape(one.logical_id)}\b", one.message) if one.logical_id else [one.message]
        said.setdefault((one.property, *without_name), []).append(one)
    lines: dict[str, list[str]] = {}
    for first, *others in said.values():
        names = [name for name in dict.fromkeys(one.logical_id for one in others) if name != first.logical_id]
        more = f"; so of {humanize.names(names, _NAMED)}" if names else ""
        lines.setdefault(first.property, []).append(f"{first.message} ({first.property}){more}")
    for ident, same in lines.items():
        for line in same[:_NAMED]:
            block.note("and so also", line)
        if (left := len(same) - _NAMED) > 0:
            block.note("and so also", f"{left} more of {ident} (--verbose shows all)")


def _hardening(group: Group, elsewhere: Sequence[Group], sources: Sources, style: Style) -> list[str]:
    """What nobody can use to get in: where it stands, and what to do."""
    block = _Block(group.lead, sources, style)
    block.header()
    _more(group, elsewhere, sources, block)
    helps: dict[str, list[str]] = {}
    for one in (group.lead, *group.like):
        if one.remedy is not None:
            helps.setdefault(one.remedy.text, []).append(one.logical_id)
    first, *others = helps or [""]
    if first:
        more = [f"{humanize.names(list(dict.fromkeys(helps[text])), _NAMED)}: {text}" for text in others[: _PLACES - 1]]
        left = len(others) - len(more)
        block.note("help", first, *more, *([f"and {left} more of other kinds (--verbose shows all)"] if left else []))
    return block.lines


def _refuted(group: Group, elsewhere: Sequence[Group], sources: Sources, style: Style) -> list[str]:
    """One refuted result: the place, the excerpt, the counterexample, why it gets in, the remedy."""
    result = group.lead
    block = _Block(result, sources, style)
    block.header()
    block.excerpt()
    found = result.counterexample
    if found is not None:
        block.note("refused" if found.refused else "request", *counterexamples.request(found))
    for why in result.why:
        block.note("why", why)
    if found is not None:
        for name, title, line in counterexamples.cases(found.deciding, result.resource_type):
            # Each ARN has its partition, and what a request is made in says nothing of who gets in.
            if name != PARTITION and (name != REGION or found.parameters[name] in found.caller):
                block.note(title, line)
    _more(group, elsewhere, sources, block)
    block.help()
    block.reproduce()
    return block.lines


def _unknown(group: Group, elsewhere: Sequence[Group], sources: Sources, style: Style) -> list[str]:
    """One thing that is not known: the place, and what would have to be known."""
    block = _Block(group.lead, sources, style)
    together = (group.lead, *group.like)
    properties = list(dict.fromkeys(one.property for one in together))
    block.header(", ".join(properties) if len(properties) <= _NAMED else f"{len(properties)} properties")
    for reason in reasons.in_lines(reasons_once(together)):
        block.note("reason", reason)
    _so_also(group, block)
    others = dict.fromkeys(one.logical_id for one in group.like if one.logical_id != group.lead.logical_id)
    if others:
        block.note("also", f"{humanize.names(list(others), _NAMED)} (--verbose shows all)")
    block.elsewhere(elsewhere)
    if any(may_say_more_deployed(one) and _is_of_cloudformation(one) for one in together):
        block.note("help", "read what is deployed: aws cloudformation get-template --template-stage Processed")
    block.help()
    return block.lines


def _is_of_cloudformation(result: Result) -> bool:
    """Whether something stands in a template whose processed form AWS can tell."""
    return result.resource_type.startswith(("AWS::", "Custom::")) or calls_macro(result.path)


def _closing(report: Report, found: Sequence[Group], style: Style, verbose: bool) -> Iterator[str]:
    """What proofs rest on, and what was not looked at."""
    for ident, holders, rests in resting_proofs(report, is_each_listed=verbose):
        proved = printable(f"{humanize.names(holders)} {rests}")
        yield f"{style('note', f'note[{ident}]')}: the proof for {proved}"
    if not verbose:
        # Nobody acts on it; whoever asks for everything gets each of them.
        for group in found:
            if is_of_run(group.lead):
                said = printable(run_note(group.results))
                yield f"{style('note', f'note[{group.lead.property}]')}: {said} (--verbose shows all)"
    yield from _suppressed(report, style, verbose)
    for note in _all_named(report) if verbose else report.notes:
        yield f"{style('warning', 'note')}: {style('strong', printable(note))}"
    yield from skipped_files(report.skipped, verbose=verbose)
    yield from passed_over_files(style("warning", "passed over"), report.passed_over, verbose=verbose)
    yield from _basis(report)


def _all_named(report: Report) -> Iterator[str]:
    """The notes, of which those about what nobody has looked into name all of it."""
    short = [*omission_notes(report.omissions)]
    whole = dict(zip(short, omission_notes(report.omissions, all_named=True), strict=True))
    yield from (whole.get(note, note) for note in report.notes)


def _suppressed(report: Report, style: Style, verbose: bool) -> Iterator[str]:
    """What is waived, with the reason; what is in the baseline is counted, unless somebody asks."""
    known = 0
    for result in report.results:
        why = result.suppression
        if why is None:
            continue
        known += why.kind == "baseline"
        if why.kind == "waiver" or verbose:
            label = style(
                "note", f"{'waived' if why.kind == 'waiver' else 'known'} {result.verdict}[{result.property}]"
            )
            where = printable(f"{result.template} ({result.logical_id or shown(report.sources, result)}): {why}")
            yield f"{label}: {printable(result.message)}; {where}"
    if known and not verbose:
        yield f"known before: {humanize.count(known, 'finding')} of the baseline"


def _basis(report: Report) -> Iterator[str]:
    """What a green run rests on besides the templates: the properties that are not asked."""
    answered = {result.property for result in report.results}
    if nowhere := [ident for ident in report.off if ident not in answered]:
        yield printable(f"not asked: {', '.join(nowhere)}")
    # Another configuration asks what that of the run does not.
    if in_part := [ident for ident in report.off if ident in answered]:
        yield printable(f"not asked of every template: {', '.join(in_part)}")


def counted_results(report: Report) -> list[Result]:
    """The results that nobody has waived and that are not in a baseline."""
    return [result for result in report.results if result.suppression is None]


def findings(found: Sequence[Group]) -> tuple[list[Result], list[Result]]:
    """
    What is refuted, and what is unknown, as it is counted.

    What another finding closes is no finding of its own, what could not be read is one gap, and what is one note of
    the run is counted once.
    """
    refuted = [
        one
        for group in found
        if group.lead.verdict == REFUTED
        for one in ((group.lead,) if is_of_run(group.lead) else (group.lead, *group.like))
    ]
    unknown = [
        one
        for group in found
        if group.lead.verdict == UNKNOWN
        for one in ((group.lead,) if any(one.unread for one in group.results) else (group.lead, *group.like))
    ]
    return refuted, unknown


def summary(
    report: Report,
    found: Sequence[Group] | None = None,
    fail_on: Severity = ERROR,
    *,
    is_each_listed: bool = False,
    strict: bool = False,
) -> str:
    """
    What was read, the number of each verdict, and what the run rests on, on one line.

    Args:
        found: the groups of what counts, where they have been made already.
        fail_on: the mildest severity that the exit status minds.
        is_each_listed: whether what another finding closes is listed as well, and so counted beside.
        strict: whether it minds what nobody has looked into as well.
    """
    together = groups(counted_results(report)) if found is None else found
    refuted, unknown = findings(together)
    listed = sum(len(one.results) for one in together if one.lead.verdict == REFUTED)
    proved = len(report.proved)
    mild = [
        humanize.count(sum(1 for one in refuted if one.severity == severity), severity)
        for severity in SEVERITIES[1:]
        if any(one.severity == severity for one in refuted)
    ]
    mildly = f" ({', '.join(mild)})" if mild else ""
    read = f"{humanize.count(report.templates, 'template')}, {humanize.count(report.policies, 'policy', 'policies')}"
    line = f"{read}: {proved} proved, {len(refuted)} refuted{mildly}"
    if is_each_listed and listed > len(refuted):
        line += f" and {listed - len(refuted)} more of the same causes"
    line += f", {len(unknown)} unknown"
    suppressed = [result.suppression.kind for result in report.results if result.suppression is not None]
    line += "".join(
        f"; {suppressed.count(kind)} {words_for}"
        for kind, words_for in (("waiver", "waived"), ("baseline", "known before"))
        if kind in suppressed
    )
    if report.certified is not None:
        line += f"; {humanize.count(report.certified, 'proof')} re-checked"
    if report.passed_over:
        line += f"; {len(report.passed_over)} passed over"
    if report.omissions:
        waived = len(report.omissions) - len(report.not_checked)
        line += f"; {len(report.not_checked)} not checked{f' and {waived} more waived' if waived else ''}"
    line += f"; configuration: {printable(report.config or 'none')}"
    broken = len({error.file for error in report.errors})
    if broken:
        return f"{line}; errors in {humanize.count(broken, 'input')}"
    at_least = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    failing = [one.severity for one in (*refuted, *unknown) if one.severity in at_least]
    said = [humanize.count(failing.count(one), one) for one in at_least if one in failing]
    said += ["what was passed over"] if strict and report.passed_over else []
    said += ["what is not checked"] if strict and report.not_checked else []
    return f"{line}; fails on {' and '.join(filter(None, (', '.join(said[:-1]), said[-1])))}" if said else line
