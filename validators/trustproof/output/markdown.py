"""
A report in Markdown: the comment at a pull request, and the summary of a job.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from trustproof.escaping.text import inside_line, printable
from trustproof.output import humanize, undeclared_ids
from trustproof.output.findings import findings, in_repository, paragraphs, place
from trustproof.output.run_notes import without_run_notes
from trustproof.output.text import counted_results, summary
from trustproof.results.groups import Group, groups, is_of_run
from trustproof.results.report import Report
from trustproof.results.result import ERROR, UNKNOWN, Result, Severity

#: The first line: whoever updates a comment finds it by this, or by this with the category of the run.
MARKER = "<!-- trustproof -->"
#: Characters; a comment at GitHub has 65,536 at most.
_MOST = 60_000
#: How many findings are listed below one that has the same cause.
_NAMED = 10
#: How many lines say which accounts and organizations are not known, and what to declare.
_MOST_LINES = 40
#: What Markdown, its extensions and HTML give a meaning to, links that need no brackets included.
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&:$^])")
#: These call people and link issues even where they are escaped; next to a comment they do not.
_CALLING = re.compile(r"(@|\\#)")


def render(report: Report, *, fail_on: Severity = ERROR, strict: bool = False) -> str:
    """
    The summary, a section for each finding, and what is waived; the worst first, and cut to what a comment may hold.

    What has one cause is shown once, with the places of the others; so is what is unknown for one reason in several
    templates, and whose all the accounts are of which nobody has said it.
    """
    found = list(findings(report))
    _, said = without_run_notes(result for result in found if result.suppression is None)
    together = groups(counted_results(report))
    marker = f"<!-- trustproof {report.category} -->" if report.category else MARKER
    name = f" ({escape(report.category)})" if report.category else ""
    head = [marker, f"## Trustproof{name}", "", escape(summary(report, fail_on=fail_on, strict=strict)) + "  ", ""]
    head += [f"- **could not be read**: {escape(str(error))}" for error in report.errors]
    head += [f"- note: {escape(note)}" for note in (*said, *report.notes)]
    if report.passed_over:
        head.append(
            f"- {humanize.count(len(report.passed_over), 'file or directory', 'files and directories')} passed over"
        )
    shown = [one for one in together if not (is_of_run(one.lead) or one.lead.undeclared)]
    sections = ["\n".join(_section(one, report)) for one in _by_reasons(shown)]
    named = [result for one in together if one.lead.undeclared for result in one.results]
    sections += ["\n".join(_undeclared(named, report))] if named else []
    sections += _waived([result for result in found if result.suppression is not None], report)
    out = "\n".join(head).rstrip() + "\n"
    for number, section in enumerate(sections):
        if len(out) + len(section) > _MOST:
            return f"{out}\n… and {humanize.count(len(sections) - number, 'more section')}, in the other outputs\n"
        out += f"\n{section}\n"
    return out


def escape(text: str) -> str:
    """The text as Markdown that shows it and does nothing else, on one line."""
    return _CALLING.sub(r"\1<!-- -->", _SPECIAL.sub(r"\\\1", printable(text)))


def code(text: str) -> str:
    """The text in a code span, whatever backticks it has: https://spec.commonmark.org/0.31.2/#code-spans"""
    shown = inside_line(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _by_reasons(given: Iterable[Group]) -> list[Group]:
    """Groups, of which those that are unknown for the same reasons are one, whatever their templates."""
    out: dict[object, Group] = {}
    for number, group in enumerate(given):
        reasons = tuple(dict.fromkeys(reason for one in (group.lead, *group.like) for reason in one.reasons))
        key = reasons if group.lead.verdict == UNKNOWN and reasons else number
        first = out.get(key)
        out[key] = (
            group
            if first is None
            else Group(first.lead, (*first.like, group.lead, *group.like), (*first.also, *group.also))
        )
    return list(out.values())


def _undeclared(results: list[Result], report: Report) -> Iterator[str]:
    """Whose something is, asked once for all of them."""
    first, *rest = undeclared_ids.lines(results, report.sources, excerpts=False)
    yield f"### unknown: {escape(first.rstrip(':'))}"
    yield ""
    properties = dict.fromkeys(result.property for result in results)
    yield f"{', '.join(map(code, properties))}: {humanize.count(len(results), 'finding')}"
    # What to declare stands behind the places.
    start = next(number for number, line in enumerate(rest) if line.startswith(undeclared_ids.DECLARE))
    yield from block([*_cut(rest[:start]), *_cut(rest[start:])], "text")


def _cut(lines: list[str]) -> list[str]:
    more = len(lines) - _MOST_LINES
    return lines if more <= 0 else [*lines[:_MOST_LINES], f"  … and {humanize.count(more, 'more line')}"]


def _section(group: Group, report: Report) -> Iterator[str]:
    result = group.lead
    yield f"### {result.verdict}: {escape(result.message)}"
    yield ""
    yield f"{code(result.property)} ({result.severity}) at {code(_where(result, report))}"
    for name, said in paragraphs(result):
        yield ""
        if name in ("request", "refused", "help"):
            first, rest = (said[0], said[1:]) if name == "help" else ("", said)
            yield f"**{name}**{': ' + escape(first) if first else ''}"
            if rest:
                yield from block(rest, "diff" if name == "help" else "text")
        else:
            yield f"**{name}**: {escape(' '.join(said))}"
    if others := (*group.also, *group.like):
        yield ""
        yield f"**of the same cause**: {humanize.count(len(others), 'finding')}"
        yield ""
        alike: dict[tuple[str, str], list[Result]] = {}
        for other in others:
            alike.setdefault((other.property, other.message), []).append(other)
        for (property_, message), those in list(alike.items())[:_NAMED]:
            places = ", ".join(code(_where(one, report)) for one in those[:_NAMED])
            more = f" and {humanize.count(len(those) - _NAMED, 'more place')}" if len(those) > _NAMED else ""
            words = "" if message == result.message else f": {escape(message)}"
            yield f"- {code(property_)} at {places}{more}{words}"
        if (left := sum(map(len, list(alike.values())[_NAMED:]))) > 0:
            yield f"- … and {left} more"


def block(lines: list[str], language: str) -> Iterator[str]:
    """A fenced block; the fence is longer than any that the lines could close it with."""
    shown = [printable(line) for line in lines]
    fence = "`" * max(3, 1 + max((len(run) for line in shown for run in re.findall("`+", line)), default=0))
    yield ""
    yield f"{fence}{language}"
    yield from shown
    yield fence


def _waived(results: list[Result], report: Report) -> Iterator[str]:
    if not results:
        return
    lines = ["<details><summary>" + humanize.count(len(results), "finding") + " waived or known before</summary>", ""]
    for result in results:
        assert result.suppression is not None
        reason = escape(f"{result.suppression.kind}: {result.suppression}")
        lines.append(f"- {code(result.property)} at {code(_where(result, report))}: {reason}")
    yield "\n".join([*lines, "", "</details>"])


def _where(result: Result, report: Report) -> str:
    where = place(result, report.sources)
    position = "" if where is None else f":{where.line}:{where.column}"
    file = in_repository(result.template, report.sources) if where is None else where.file
    return f"{file}{position}" + (f" ({result.logical_id})" if result.logical_id else "")
