"""
The sample of the corpus that was judged: the page is made from it, and it is about what the program says now.
"""

from __future__ import annotations

from collections import Counter

from tests.corpus.files import missing
from tests.corpus.precision import (
    FALSE,
    FINDINGS,
    HARDENING,
    HARMFUL,
    JUDGEMENTS,
    NOISE,
    OPEN,
    PAGE,
    PROOFS,
    REMEDIES,
    Row,
    judged,
    units,
    with_judgements,
)
from tests.corpus.terraform_precision import FILE, SIZES, whole_page
from tests.strategies import one_in

#: The shortest reason that says something.
_WORDS = 4


def of_kind(*kinds: str) -> list[Row]:
    """The rows of some kinds."""
    return [row for row in judged() if row.kind in kinds]


def test_the_page_is_made_from_the_judgements() -> None:
    """Whoever changes a judgement writes the page with it."""
    assert PAGE.read_text(encoding="utf-8") == whole_page()


def test_the_sample_is_large_enough_and_judged() -> None:
    """Each row has a judgement with a reason, and stands in the file once."""
    assert len(of_kind(FINDINGS, HARDENING)) >= 150
    assert len(of_kind(OPEN)) >= 45
    assert len(of_kind(PROOFS)) >= 45
    assert len({row.key for row in judged()}) == len(judged())
    for row in judged():
        assert row.judgement in JUDGEMENTS
        assert row.remedy in REMEDIES
        assert row.again in ("", *JUDGEMENTS)
        assert (row.remedy_again in REMEDIES) == bool(row.again)
        assert len(row.reason.split()) >= _WORDS
        assert not row.differs or len(row.reason_again.split()) >= _WORDS
    assert 3 * sum(bool(row.again) for row in judged()) >= len(judged())


def test_what_says_something_else_is_judged_again() -> None:
    """A judgement is of one verdict and severity; that of the release before stays."""
    said = Row("f", "d", "mfa-required", "refuted", "error", "")
    known = said._replace(judgement="true", remedy="none", before="noise", again="true", reason="so it is")
    note, unknown = said._replace(severity="note"), said._replace(verdict="unknown")
    assert with_judgements([said, said._replace(digest="e")], [known]) == [known, said._replace(digest="e")]
    assert with_judgements([note, unknown], [known]) == [row._replace(before="noise") for row in (note, unknown)]


def test_findings_are_worth_acting_on() -> None:
    """At most one in ten findings that fail or warn is noise, none is false, and no remedy hurts; no proof is wrong."""
    for rows in (of_kind(FINDINGS), [row for row in of_kind(FINDINGS) if not row.origin]):
        assert 10 * sum(row.judgement == NOISE for row in rows) <= len(rows)
    assert not [row for row in of_kind(FINDINGS, HARDENING) if row.judgement == FALSE or row.remedy == HARMFUL]
    assert not [row for row in of_kind(PROOFS) if row.judgement == FALSE]


def test_notes_are_worth_reading() -> None:
    """At most one in ten notes is noise: of the templates, and of both samples together."""
    terraform = [row for row in judged(FILE) if row.kind == HARDENING]
    for rows in (of_kind(HARDENING), [*of_kind(HARDENING), *terraform]):
        assert 10 * sum(row.judgement == NOISE for row in rows) <= len(rows)


def test_terraform_is_judged_too() -> None:
    """All that the sample asks for and there is, with reasons; at most one in ten is noise, none false, none hurts."""
    rows = judged(FILE)
    findings = [row for row in rows if row.kind == FINDINGS]
    assert 10 * sum(row.judgement == NOISE for row in findings) <= len(findings)
    assert not [row for row in rows if row.remedy == HARMFUL]
    counts = Counter(row.kind for row in rows)
    assert len({row.key for row in rows}) == len(rows)
    assert all(counts[kind] == size for kind, size in SIZES.items() if kind not in (FINDINGS, HARDENING))
    # There are no more of them.
    assert 5 <= counts[HARDENING] <= SIZES[HARDENING]
    assert 20 <= counts[FINDINGS] <= SIZES[FINDINGS]
    for row in rows:
        assert row.judgement in JUDGEMENTS
        assert row.judgement != FALSE
        assert row.remedy in REMEDIES
        assert len(row.reason.split()) >= _WORDS


@missing
def test_the_judgements_are_about_what_is_said_now() -> None:
    """Nearly all of a third, in `make deep` of all, has the same verdict and severity; else it is drawn anew."""
    rows = one_in(3, judged())
    said = {unit.row.key: unit.row for unit in units({row.digest for row in rows})}
    other = [row for row in rows if (now := said.get(row.key)) is None or now[2:5] != row[2:5]]
    assert 10 * len(other) <= len(rows), other
