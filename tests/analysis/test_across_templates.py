"""
Runs over templates that speak of each other: in several processes, from standard input, with files that go away.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

import trustproof
from tests.analysis.stacks import (
    ADMINISTRATOR,
    FALSE_MFA,
    HUB,
    MFA,
    NO_MFA,
    Json,
    arn,
    check,
    demanding,
    document,
    exported,
    imported,
    may,
    plain,
    resource,
    template,
    trusting,
    verdicts,
)
from trustproof.analysis.execution import pool as _jobs
from trustproof.output.json import render as render_json


def _templates(count: int) -> dict[str, Json]:
    """Hubs, each with a template that trusts its role; and users, each with a policy of another template."""
    found: dict[str, Json] = {}
    for number in range(count):
        condition = MFA if number % 3 else None
        found[f"{number:03d}-hub"] = template(
            {"Out": exported(f"entry-{number}", arn("Entry")), "Ann": exported(f"ann-{number}", {"Ref": "Ann"})},
            Entry=trusting(f"arn:aws:iam::{HUB}:root", condition),
            Ann=resource("User", ManagedPolicyArns=[ADMINISTRATOR]),
        )
        deny = may("Deny", "*", NO_MFA if number % 2 else FALSE_MFA)
        found[f"{number:03d}-two"] = template(
            Target=demanding(imported(f"entry-{number}")),
            Deny=resource("ManagedPolicy", PolicyDocument=document(deny), Users=[imported(f"ann-{number}")]),
        )
    return found


def test_several_processes_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte: what templates give each other does not depend on who has read them."""
    # As many processes as of eight times the templates, and still more than one batch.
    monkeypatch.setattr(_jobs, "MIN_SHARE", _jobs.MIN_SHARE // 8)
    plain(tmp_path, _templates(_jobs.MIN_SHARE + 2))
    used: list[int] = []
    pooled = _jobs._pooled
    monkeypatch.setattr(_jobs, "_pooled", lambda *given, **more: used.append(len(given[1])) or pooled(*given, **more))
    one, three = check(str(tmp_path), jobs=1), check(str(tmp_path), jobs=3)
    # The templates and the end of the directory, those that are read again, and the pairs that are judged together.
    assert used == [2 * _jobs.MIN_SHARE + 5, _jobs.MIN_SHARE + 2, _jobs.MIN_SHARE + 2]
    assert render_json(three) == render_json(one)
    refuted = [(result.property, result.logical_id) for result in one.results if result.verdict == "refuted"]
    assert refuted.count(("mfa-survives-chaining", "Target")) == (_jobs.MIN_SHARE + 4) // 3
    assert refuted.count(("sensitive-actions-require-mfa", "Ann")) == _jobs.MIN_SHARE // 2 + 1


def test_nothing_is_read_again_where_nothing_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports that nobody imports, and imports of what nobody exports, cost nothing."""
    monkeypatch.setattr("trustproof.analysis.run.run.link", None)
    templates = _templates(3)
    files = plain(tmp_path, {name: content for name, content in templates.items() if name.endswith("hub")})
    files += plain(tmp_path, {"nobody": template(Target=trusting(imported("nothing-that-is-here")))})
    assert not check(files).errors


def test_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read once, and may be on either side."""
    for given, other in (("000-hub", "000-two"), ("000-two", "000-hub")):
        templates = _templates(1)
        text = json.dumps(templates[given]).encode()
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text)))
        report = check(["-", *plain(tmp_path, {other: templates[other]})], jobs=2)
        assert verdicts(report, "Target")["mfa-survives-chaining"] == "refuted"
        assert verdicts(report, "Ann")["sensitive-actions-require-mfa"] == "refuted"
        assert all(report.sources.position(result.template, result.path) for result in report.results)


@pytest.mark.parametrize("gone", [0, 1])
def test_a_file_that_goes_away(gone: int, tmp_path: Path) -> None:
    """What each says by itself stands where one cannot be read again, and that this is not all is an error."""
    files = plain(tmp_path, _templates(1))

    def remove(number: int, total: int | None) -> None:
        if number == len(files):
            Path(files[gone]).unlink()

    report = trustproof.check(files, progress=remove)
    assert {result.logical_id for result in report.results} == {"Entry", "Ann", "Target", "Deny"}
    (error,) = report.errors
    assert error.file == files[gone]
    assert "what the templates say next to each other is not judged" in str(error)
