"""
``trustproof properties``: the list, and one page.
"""

from __future__ import annotations

from tests.cli.program import Run
from trustproof.properties.registry import PROPERTIES
from trustproof.results.rules import RULES


def test_the_list_has_a_line_for_each_property(run: Run) -> None:
    """Identifier and summary of every property, aligned."""
    done = run("properties")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == [found.ident for found in PROPERTIES]
    (column,) = {line.index(found.summary) for line, found in zip(lines, PROPERTIES, strict=True)}
    assert column == max(len(found.ident) for found in PROPERTIES) + 2


def test_a_page_explains_one_property(run: Run) -> None:
    """The page has the claim, the threat and both examples."""
    done = run("properties", "mfa-required")
    assert done.returncode == 0
    assert done.stdout.startswith("# mfa-required\n")
    for heading in ("Claim", "Threat", "Refuted by", "Proved for", "Remedy"):
        assert f"\n## {heading}\n" in done.stdout


def test_what_is_said_of_waivers_has_a_page_too(run: Run) -> None:
    """Its name is in every output, so somebody looks it up."""
    for rule in RULES:
        done = run("properties", rule.ident)
        assert done.stdout == f"# {rule.ident}\n\nWhat it says: {rule.summary} ({rule.severity}).\n\n{rule.page}\n"
