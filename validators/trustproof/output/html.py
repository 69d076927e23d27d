"""
A report as one page for people: it needs nothing from elsewhere, runs nothing, and follows the light of the reader.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

from trustproof.escaping.text import printable
from trustproof.output import humanize
from trustproof.output.excerpt import excerpt
from trustproof.output.findings import findings, in_repository, paragraphs, place
from trustproof.output.run_notes import without_run_notes
from trustproof.output.text import summary
from trustproof.results.report import Report
from trustproof.results.result import ERROR, PROVED, REFUTED, SEVERITIES, Result, Severity

_STYLE = """\
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #59636e; --page: #fff; --card: #f6f8fa; --line: #d1d9e0;
  --error: #b42318; --warning: #8a5300; --unknown: #5a3ec8; --note: #59636e; --proved: #12692f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --page: #0d1117; --card: #151b23;
  --line: #3d444d; --error: #ff8d83; --warning: #e3a33b; --unknown: #b9a3ff; --note: #9198a1; --proved: #56d37a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .75rem; }
.soft { color: var(--soft); } ul { padding-left: 1.25rem; }
article { border: 1px solid var(--line); border-left: .3rem solid var(--tone); border-radius: .4rem;
  background: var(--card); padding: .9rem 1.1rem; margin: 0 0 1rem; }
article h3 { font-size: 1.02rem; margin: .15rem 0 .35rem; }
.error { --tone: var(--error); } .warning { --tone: var(--warning); } .unknown { --tone: var(--unknown); }
.note { --tone: var(--note); } .proved { --tone: var(--proved); }
.mark { color: var(--tone); font-weight: 600; }
pre, code { font: .86rem/1.45 ui-monospace, monospace; } pre { background: var(--page); border: 1px solid var(--line);
  border-radius: .3rem; padding: .6rem .8rem; margin: .6rem 0; overflow-x: auto; white-space: pre; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: .6rem 0 0; }
dt { color: var(--soft); } dd { margin: 0; min-width: 0; } dd pre { margin: 0 0 .3rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .8rem .3rem 0;
  border-bottom: 1px solid var(--line); vertical-align: top; } summary { cursor: pointer; margin: 1rem 0 .5rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } }"""
#: What is shown as it is aligned.
_ALIGNED = ("request", "refused", "help")


def render(report: Report, *, fail_on: Severity = ERROR, strict: bool = False) -> str:
    """The page: what is to be done, the worst first; then what is waived, what is proved and what was not looked at."""
    found = list(findings(report))
    counted, said = without_run_notes(result for result in found if result.suppression is None)
    counted.sort(key=lambda result: (SEVERITIES.index(result.severity), result.verdict != REFUTED))
    waived = [result for result in found if result.suppression is not None]
    proved = [result for result in report.results if result.verdict == PROVED]
    passed = [f"{path}: {reason}" for path, reason in report.passed_over]
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<title>Trustproof</title>",
        f"<style>\n{_STYLE}\n</style>",
        "</head>",
        "<body>",
        "<h1>Trustproof</h1>",
        f'<p class="soft">{_text(summary(report, fail_on=fail_on, strict=strict))}</p>',
        *_list("Could not be read", [str(error) for error in report.errors]),
        *_list("Notes", (*said, *report.notes)),
        "<h2>To be done</h2>" if counted else "" if report.errors else "<p>Nothing is to be done.</p>",
        *(line for result in counted for line in _article(result, report)),
    ]
    if waived:
        lines += ["<details>", f"<summary>{humanize.count(len(waived), 'finding')} waived or known before</summary>"]
        lines += [line for result in waived for line in _article(result, report)]
        lines.append("</details>")
    if proved:
        lines += ["<details>", f"<summary>{humanize.count(len(proved), 'proof')}</summary>", *_proofs(proved, report)]
        lines.append("</details>")
    lines += _list("Passed over", passed)
    return "\n".join([*lines, "</body>", "</html>", ""])


def _text(text: str) -> str:
    """The text as HTML that shows it, in an element or an attribute."""
    return html.escape(printable(text))


def _list(name: str, said: Sequence[str]) -> Iterator[str]:
    if said:
        yield f"<h2>{name}</h2>"
        yield "<ul>"
        yield from (f"<li>{_text(one)}</li>" for one in said)
        yield "</ul>"


def _article(result: Result, report: Report) -> Iterator[str]:
    tone = result.severity if result.verdict == REFUTED else "unknown"
    yield f'<article class="{tone}">'
    mark = f"{result.verdict}[{result.property}]"
    yield f'<div><span class="mark">{_text(mark)}</span> <span class="soft">{result.severity}</span></div>'
    yield f"<h3>{_text(result.message)}</h3>"
    yield f"<div><code>{_text(_where(result, report))}</code></div>"
    yield from _excerpt(result, report)
    yield "<dl>"
    for name, said in paragraphs(result):
        if name in _ALIGNED:
            first, rest = (said[0], said[1:]) if name == "help" else ("", said)
            shown = _text(first) + (f"<pre>{'<br>'.join(map(_text, rest))}</pre>" if rest else "")
        else:
            shown = _text(" ".join(said))
        yield f"<dt>{name}</dt><dd>{shown}</dd>"
    yield "</dl>"
    yield "</article>"


def _excerpt(result: Result, report: Report) -> Iterator[str]:
    """The line that it is about, with what matters underlined."""
    position = (
        None
        if place(result, report.sources) is None
        else report.sources.position(result.template, (*result.path, *result.caret))
    )
    if position is None:
        return
    shown = excerpt(
        report.sources.line(result.template, position.line, position.file), position.column, position.end_column
    )
    caret = f"{' ' * shown.offset}{'^' * shown.length} {result.label}".rstrip()
    yield f"<pre>{_text(shown.text)}<br>{_text(caret)}</pre>"


def _proofs(proved: Sequence[Result], report: Report) -> Iterator[str]:
    yield "<table>"
    yield "<tr><th>property</th><th>at</th><th>because</th></tr>"
    for result in proved:
        cells = (result.property, _where(result, report), result.message)
        yield f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in cells)}</tr>"
    yield "</table>"


def _where(result: Result, report: Report) -> str:
    where = place(result, report.sources)
    position = "" if where is None else f":{where.line}:{where.column}"
    file = in_repository(result.template, report.sources) if where is None else where.file
    return f"{file}{position}" + (f" ({result.logical_id})" if result.logical_id else "")
