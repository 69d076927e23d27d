"""
Writes ``docs/precision.md``: of a sample of what is said about the public corpus, what is worth a reader's time.

``tools/precision.py draw`` draws the sample and writes it to ``judgements.tsv``, with what has been judged of it;
``make docs`` writes the page, and a test holds it to the file.

Nothing of a template is in the file: a result is known by its fingerprint, and a template by its digest.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import trustproof
from tests.corpus.files import CORPUS, entries
from trustproof.results.groups import groups
from trustproof.results.result import NOTE, PROVED, REFUTED, UNKNOWN, Result

FILE = Path(__file__).with_name("judgements.tsv")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "precision.md"

#: Results are drawn in the order of their digest with this in front.
SEED = "precision-1"
#: What is drawn, and how many at most.
FINDINGS, HARDENING, OPEN, PROOFS = "finding", "hardening", "unknown", "proof"
SIZES = {FINDINGS: 150, HARDENING: 60, OPEN: 50, PROOFS: 50}

TRUE, NOISE, FALSE = "true", "noise", "false"
JUDGEMENTS = (TRUE, NOISE, FALSE)
HARMLESS, HARMFUL, NONE = "harmless", "harmful", "none"
REMEDIES = (HARMLESS, HARMFUL, NONE)

_DIGITS = 12


class Row(NamedTuple):
    """
    One result of the sample, and what was judged of it.
    """

    #: Of the result, and of the file that it is about.
    fingerprint: str
    digest: str
    ident: str
    verdict: str
    severity: str
    #: One of `JUDGEMENTS`; empty where nobody has judged it.
    judgement: str = ""
    #: Whether the remedy is safe: one of `REMEDIES`.
    remedy: str = ""
    #: The same of the release before findings were sorted by severity and remedies tried; empty where it said nothing.
    before: str = ""
    remedy_before: str = ""
    #: Of the second pass, blind to the first; empty where it was not judged again.
    again: str = ""
    remedy_again: str = ""
    reason: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What tells it apart."""
        return self.digest, self.fingerprint

    @property
    def kind(self) -> str:
        """Which part of the sample it belongs to."""
        return _kind(self.verdict, self.severity)


class Unit(NamedTuple):
    """
    One thing that a report shows.
    """

    row: Row
    file: str
    result: Result


def files() -> Iterator[tuple[str, str]]:
    """The CloudFormation templates of the corpus, labelled ones included, and their digests; of twins one."""
    for entry in (*entries("templates/cfn"), *entries("labelled")):
        if "twin_of" not in entry and entry["file"].endswith((".json", ".yaml", ".yml", ".template")):
            yield entry["file"], entry["sha256"][:_DIGITS]


def units() -> Iterator[Unit]:
    """All that is shown of the templates, each checked by itself, without a configuration; and each proof."""
    for file, digest in files():
        results = trustproof.check([str(CORPUS / file)], config={}).results
        shown = [group.lead for group in groups(results)]
        for result in (*shown, *(one for one in results if one.verdict == PROVED)):
            row = Row(result.fingerprint, digest, result.property, result.verdict, result.severity)
            yield Unit(row, file, result)


def sample() -> list[Unit]:
    """What is drawn: of each kind, the first so many in an order that the results themselves do not decide."""
    found = sorted(units(), key=lambda unit: _order(unit.row))
    taken: Counter[str] = Counter()
    out: list[Unit] = []
    for unit in found:
        kind = unit.row.kind
        taken[kind] += 1
        if taken[kind] <= SIZES[kind]:
            out.append(unit)
    return out


def judged() -> list[Row]:
    """The rows of the file."""
    with FILE.open(encoding="utf-8", newline="") as opened:
        return [Row(**row) for row in csv.DictReader(opened, delimiter="\t")]


def draw() -> None:
    """Write what is drawn now, with what has been judged of it."""
    known = {row.key: row for row in judged()} if FILE.exists() else {}
    rows = []
    for unit in sample():
        row = known.get(unit.row.key, unit.row)
        rows.append(row._replace(verdict=unit.row.verdict, severity=unit.row.severity))
    write(rows)


def write(rows: Sequence[Row]) -> None:
    """Write the file."""
    with FILE.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, delimiter="\t", lineterminator="\n")
        writer.writerow(Row._fields)
        writer.writerows(sorted(rows, key=lambda row: (row.kind, row.ident, _order(row))))


def _order(row: Row) -> str:
    return sha256(f"{SEED}:{row.digest}:{row.fingerprint}".encode()).hexdigest()


def _kind(verdict: str, severity: str) -> str:
    if verdict == REFUTED:
        return HARDENING if severity == NOTE else FINDINGS
    return OPEN if verdict == UNKNOWN else PROOFS
