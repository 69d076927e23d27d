"""
The sample of the Terraform configurations and plans of the corpus that was judged, as ``precision.py`` has that of the
templates; and the page with both.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path, PurePosixPath

import trustproof
from tests.corpus import precision
from tests.corpus.files import CORPUS, entries
from tests.corpus.precision import (
    DIGITS,
    FINDINGS,
    HARDENING,
    OPEN,
    PAGE,
    PROOFS,
    Row,
    Unit,
    judged,
    once,
    ordered,
    page,
    reasons_of_noise,
    table,
    with_judgements,
    write,
)
from trustproof.results.groups import groups
from trustproof.results.result import PROVED

FILE = Path(__file__).with_name("terraform_judgements.tsv")

#: What is drawn, and how many at most.
SIZES = {FINDINGS: 30, HARDENING: 10, OPEN: 10, PROOFS: 10}


def inputs() -> Iterator[tuple[str, str]]:
    """The directories of configurations, and plans, each with its digest; of equal ones one."""
    found: dict[str, list[str]] = {}
    manifest = CORPUS / "terraform" / "MANIFEST.json"
    own = json.loads(manifest.read_text(encoding="utf-8"))["files"] if manifest.exists() else []
    listed = [(f"terraform/{one['file']}", one) for one in own]
    listed += [(one["file"], one) for one in (*entries("templates/tf/"), *entries("templates/tfplan/"))]
    for file, entry in listed:
        if file.endswith((".tf", ".tf.json")) and entry["kind"] != "hcl-support":
            found.setdefault(str(PurePosixPath(file).parent), []).append(entry["sha256"])
        elif entry["kind"].startswith(("plan", "tfplan", "terraform-plan")) or file.startswith("templates/tfplan/"):
            found[file] = [entry["sha256"]]
    seen: set[str] = set()
    for name, digests in sorted(found.items()):
        digest = sha256("".join(sorted(digests)).encode()).hexdigest()[:DIGITS]
        if digest not in seen:
            seen.add(digest)
            yield name, digest


def units() -> Iterator[Unit]:
    """All that is shown of them, each checked by itself, without a configuration; and each proof."""
    for name, digest in inputs():
        results = trustproof.check([str(CORPUS / name)], config={}).results
        shown = [group.lead for group in groups(results)]
        for result in (*shown, *(one for one in results if one.verdict == PROVED)):
            row = Row(result.fingerprint, digest, result.property, result.verdict, result.severity, "")
            yield Unit(row, name, result)


def sample() -> list[Unit]:
    """What is drawn: of each kind, the first so many in the order of the seed."""
    taken: Counter[str] = Counter()
    out: list[Unit] = []
    for unit in once(ordered(units())):
        taken[unit.row.kind] += 1
        if taken[unit.row.kind] <= SIZES[unit.row.kind]:
            out.append(unit)
    return out


def draw() -> None:
    """Write what is drawn now, with what has been judged of it."""
    known = judged(FILE) if FILE.exists() else []
    write(with_judgements([unit.row for unit in sample()], known), FILE)


_HEAD = """

## Terraform

The same of {files} Terraform configurations and plans of the corpus, drawn by the same seed and judged once,
beside their policies. Modules are checked as they stand, at the defaults of their variables; none is taken from
what the tests of other tools hold up as right or wrong. Two remedies that were harmful when they were first drawn are
words since. The judgements are in `tests/corpus/terraform_judgements.tsv`.
"""


def section(rows: Sequence[Row]) -> str:
    """The part of the page about them, in Markdown."""
    lines = [_HEAD.format(files=len({row.digest for row in rows})), "Findings that fail a build, or warn:\n"]
    lines += table([row for row in rows if row.kind == FINDINGS])
    for kind, title in ((HARDENING, "Hardening"), (OPEN, "Unknown"), (PROOFS, "Proofs")):
        lines += [f"\n{title}:\n", *table([row for row in rows if row.kind == kind])]
    return "\n".join([*lines, "\nWhat is noise, or not so:\n", *reasons_of_noise(rows)]) + "\n"


def whole_page() -> str:
    """The page about both samples, in Markdown."""
    return page(judged()) + section(judged(FILE))


def main(asked: Sequence[str]) -> None:
    """Draw the samples, or write the page."""
    if list(asked) == ["draw"]:
        precision.draw()
        draw()
    elif asked:
        raise SystemExit("usage: precision.py [draw]")
    PAGE.write_text(whole_page(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
