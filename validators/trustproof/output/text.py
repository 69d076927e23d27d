"""
A report for a person: what is wrong, where, by which request, and how to put it right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os.path import commonpath, dirname

from trustproof.output import words
from trustproof.output.excerpt import excerpt
from trustproof.output.style import Style
from trustproof.results.report import Report, Sources
from trustproof.results.result import ERROR, PROVED, REFUTED, UNKNOWN, Result

#: Line numbers below a hundred share one layout, so that most findings line up.
_GUTTER = 2


def render_text(report: Report, style: Style, *, verbose: bool = False) -> str:
    """
    The whole report: the refuted, the unknown, what proofs rest on, and a summary in one line.

    Results that are proved and rest on nothing are counted and not listed.
    """
    blocks = [_refuted(result, report.sources, style) for result in report.results if result.verdict == REFUTED]
    blocks += [_unknown(result, report.sources, style) for result in report.results if result.verdict == UNKNOWN]
    blocks += [list(_closing(report, style, verbose))]
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
        self._position = sources.position(result.template, result.path)
        self._width = max(_GUTTER, len(str(self._position[0])) if self._position is not None else 0)
        self.lines: list[str] = []

    def header(self) -> None:
        """The verdict in a sentence, and where it stands."""
        result = self._result
        mild = "" if result.severity == ERROR else f" ({result.severity})"
        head = self._style(self._colour, f"{result.verdict}[{result.property}]{mild}")
        self.lines.append(head + self._style("strong", f": {words.printable(result.message)}"))
        place, described = result.template, result.logical_id
        if self._position is None:
            described = words.pointer(result.path)
        else:
            place += f":{self._position[0]}:{self._position[1]}"
        inside = ", ".join(part for part in (described, result.construct_path) if part)
        arrow = f"{' ' * self._width}{self._style('gutter', '-->')} {words.printable(place)}"
        self.lines.append(f"{arrow} ({words.printable(inside)})" if inside else arrow)

    @property
    def _colour(self) -> str:
        refuted = self._result.verdict == REFUTED
        return "warning" if refuted and self._result.severity != ERROR else self._result.verdict

    def excerpt(self) -> None:
        """The line that the result is about, its label under a caret."""
        if self._position is None:
            return
        number, column, end_column = self._position

        shown = excerpt(self._sources.line(self._result.template, number), column, end_column)
        bar = self._style("gutter", "|")
        empty = f"{' ' * self._width} {bar}"
        caret = self._style(self._colour, f"{'^' * shown.length} {words.printable(self._result.label)}".rstrip())
        self.lines += [
            empty,
            f"{self._style('gutter', f'{number:>{self._width}}')} {bar} {shown.text}",
            f"{empty} {' ' * shown.offset}{caret}",
            empty,
        ]

    def note(self, name: str, *lines: str) -> None:
        """``= name: first line``, and the other lines under the first."""
        sign = f"{' ' * self._width} {self._style('gutter', '=')} "
        self.lines.append(f"{sign}{self._style('strong', f'{name}:')} {words.printable(lines[0])}")
        self.lines += [f"{sign}{' ' * len(name)}  {words.printable(line)}" for line in lines[1:]]

    def help(self) -> None:
        """The remedy, as a sentence and a small diff."""
        remedy = self._result.remedy
        if remedy is None:
            return
        self.note("help", remedy.text)
        colours = {"+": "add", "-": "remove"}
        for line in remedy.diff:
            text = words.printable(line)
            shown = self._style(colours[line[0]], text) if line[:1] in colours else text
            self.lines.append(f"{' ' * self._width}      {shown}".rstrip())


def _refuted(result: Result, sources: Sources, style: Style) -> list[str]:
    """One refuted result: the place, the excerpt, the counterexample, why it gets in, the remedy."""
    block = _Block(result, sources, style)
    block.header()
    block.excerpt()
    found = result.counterexample
    if found is not None:
        block.note("refused" if found.refused else "request", *words.request(found))
    for why in result.why:
        block.note("why", why)
    for name, value in sorted(found.parameters.items()) if found is not None else ():
        block.note("parameter", f"{name} = {value}")
    block.help()
    return block.lines


def _unknown(result: Result, sources: Sources, style: Style) -> list[str]:
    """One unknown result: the place, and what would have to be known."""
    block = _Block(result, sources, style)
    block.header()
    for reason in result.reasons:
        block.note("reason", reason)
    block.help()
    return block.lines


def _closing(report: Report, style: Style, verbose: bool) -> Iterator[str]:
    """What proofs rest on, what was not looked at, and the summary."""
    resting: dict[tuple[str, str], dict[str, None]] = {}
    for result in report.proved:
        for reason in result.reasons:
            resting.setdefault((result.property, reason), {})[result.logical_id or result.template] = None
    for (ident, reason), holders in resting.items():
        proved = words.printable(f"{words.names(list(holders))} rests on this: {reason}")
        yield f"{style('note', f'note[{ident}]')}: the proof for {proved}"
    for note in report.notes:
        yield f"{style('warning', 'note')}: {style('strong', words.printable(note))}"
    yield from _by_reason("skipped", report.skipped, verbose)
    yield from _by_reason(style("warning", "passed over"), report.passed_over, verbose)
    yield from _basis(report)
    yield style("strong", _summary(report))


def _by_reason(what: str, found: Sequence[tuple[str, str]], verbose: bool) -> Iterator[str]:
    """One line for each reason why something was not read, or one for each file and directory."""
    reasons: dict[str, list[str]] = {}
    for path, reason in found:
        reasons.setdefault(reason, []).append(path)
    for reason, paths in reasons.items():
        if verbose or len(paths) == 1:
            yield from (f"{what} {words.printable(path)}: {words.printable(reason)}" for path in paths)
        else:
            yield f"{what} {len(paths)} files{words.printable(_directory(paths))}: {words.printable(reason)}"


def _basis(report: Report) -> Iterator[str]:
    """What a green run rests on besides the templates: the properties that are not asked."""
    if report.off:
        yield words.printable(f"not asked: {', '.join(report.off)}")


def _directory(paths: list[str]) -> str:
    """`` in DIRECTORY`` where all the files are below one."""
    try:
        return f" in {commonpath([dirname(path) for path in paths]) or '.'}"
    except ValueError:  # Absolute and relative paths have nothing in common.
        return ""


def _summary(report: Report) -> str:
    counts = dict.fromkeys((PROVED, REFUTED, UNKNOWN), 0)
    proved = len(report.proved)
    mild = 0
    for result in report.results:
        counts[result.verdict] += 1
        mild += result.verdict == REFUTED and result.severity != ERROR
    read = f"{words.count(report.templates, 'template')}, {words.count(report.policies, 'policy', 'policies')}"
    warnings = f" ({words.count(mild, 'warning')})" if mild else ""
    line = f"{read}: {proved} proved, {counts[REFUTED]} refuted{warnings}, {counts[UNKNOWN]} unknown"
    if report.certified is not None:
        line += f"; {words.count(report.certified, 'proof')} re-checked"
    if report.passed_over:
        line += f"; {len(report.passed_over)} passed over"
    line += f"; configuration: {words.printable(report.config or 'none')}"
    broken = len({error.file for error in report.errors})
    return f"{line}; errors in {words.count(broken, 'input')}" if broken else line
