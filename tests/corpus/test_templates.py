"""
Everything asked of every real template: no traceback, no disagreement with ourselves, no file that takes for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from statistics import median

import pytest

import trustproof
from tests.corpus.alone import Run, alone
from tests.corpus.files import CORPUS, entries, missing, text
from tests.strategies import is_deep, one_in
from trustproof import Report, TrustproofError
from trustproof.properties import registry
from trustproof.properties.base import RunProperty
from trustproof.proving.prover import DISAGREEMENT

pytestmark = missing

#: With a boundary that knows none of the accounts there, nothing is left undecided for want of one.
BOUNDARY = {"boundary": {"accounts": ["210987654321"], "organizations": ["o-a1b2c3d4e5"]}}


def runs() -> tuple[Run, ...]:
    """Every third template, in `make deep` each, on its own, all properties."""
    return tuple(alone(entry["file"]) for entry in one_in(3, entries("templates/cfn"), 1))


@cache
def with_boundary() -> Report:
    """Every sixth template, in `make deep` each, all in one run, with a boundary, every proof checked again."""
    files = [str(CORPUS / entry["file"]) for entry in one_in(6, entries("templates/cfn"))]
    return trustproof.check(files, config=BOUNDARY, certify=True)


def results() -> Iterator[trustproof.Result]:
    """What is said of each template by itself, and what is with a boundary."""
    for report in (*(run.report for run in runs()), with_boundary()):
        yield from report.results


def test_the_corpus_is_whole() -> None:
    """A corpus that has lost its files would prove nothing."""
    assert len(entries("templates/cfn")) > 350
    assert sum(run.report.policies for run in runs()) > (1_500 if is_deep() else 500)


def test_every_template_is_judged() -> None:
    """A template has a result, or holds nothing to ask about; what is an error is one of ours, and has a place."""
    for run in runs():
        assert run.report.templates + len(run.report.errors) > 0
        for error in run.report.errors:
            assert isinstance(error, TrustproofError)
            assert error.line is not None, run.file


def test_search_and_evaluator_agree() -> None:
    """No request that the search finds is refused by the evaluator without a reason that is named."""
    for result in results():
        assert DISAGREEMENT not in result.reasons, (result.template, result.path)


def test_what_is_unknown_says_why() -> None:
    """An unknown result has a reason, and a refuted one a request, unless it is about what cannot exist."""
    for result in results():
        if result.verdict == trustproof.UNKNOWN:
            assert result.reasons
        elif result.verdict == trustproof.REFUTED and result.counterexample is None:
            assert result.property in ("statement-usable", "session-duration-bounded")


def test_no_template_takes_orders_of_magnitude_more_steps() -> None:
    """The work for the worst template is less than five hundred times that for the one in the middle."""
    steps = [run.steps for run in runs() if run.steps]
    assert max(steps) < 500 * median(steps)


def test_one_run_says_what_many_runs_say() -> None:
    """What is found in a template does not depend on those before it, chains across them aside; here, of a third."""
    files = [entry["file"] for entry in one_in(3, entries("templates/cfn"), 1)]
    asked = [found.ident for found in registry.PROPERTIES if not isinstance(found, RunProperty)]
    together = trustproof.check([str(CORPUS / file) for file in files], properties=asked)
    apart = [r for file in files for r in alone(file).report.results if r.property in asked]
    assert [_said(r) for r in together.results] == [_said(r) for r in apart]


def _said(result: trustproof.Result) -> tuple[object, ...]:
    return (result.property, result.verdict, result.template, result.path, result.message, result.reasons)


def twins() -> Iterator[tuple[str, str]]:
    """Pairs of the same template in JSON and YAML."""
    for entry in entries("templates/cfn"):
        if "twin_of" in entry:
            yield entry["file"], entry["twin_of"]


#: It attaches ReadOnlyAccess besides, which its twin does not.
_MORE_IN_JSON = "aws-cloudformation-iam-policy-validator/test_files/test_file_2.json"


def test_twins_have_the_same_findings() -> None:
    """The same template in the other notation has the same results, at the same paths."""
    for file, twin in twins():
        if not file.endswith(_MORE_IN_JSON):
            first, second = (Counter(_without_file(r) for r in alone(one).report.results) for one in (file, twin))
            assert first == second, file


def _without_file(result: trustproof.Result) -> tuple[object, ...]:
    return (result.property, result.verdict, result.path, result.message)


@pytest.mark.parametrize("entry", entries("templates/policy"), ids=lambda entry: entry["file"].rsplit("/", 1)[-1])
def test_bare_policies_are_judged(entry: dict[str, str]) -> None:
    """A policy without a template is judged by each property that is about its kind."""
    content = text(entry["file"])
    kind = "identity"
    if '"Principal"' in content:
        kind = "trust" if '"Resource"' not in content else "resource"
    verdicts = []
    for asked in registry.PROPERTIES:
        try:
            found = trustproof.prove(content, asked.ident, kind=kind, config=BOUNDARY)
        except trustproof.UsageError:
            continue
        verdicts.append(found.verdict)
        assert DISAGREEMENT not in found.reasons
    assert verdicts
