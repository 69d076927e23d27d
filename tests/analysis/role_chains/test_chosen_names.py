"""
Names of roles that what a nested stack is passed chooses among a few: proofs about chains rest on a default of that.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.analysis.role_chains.templates import HUB, MFA, Json, arn, role, statement

NAME: Json = {"Ref": "Name"}
ROW: Json = {"Fn::FindInMap": ["M", NAME, "V"]}
ROWS: Json = {"M": {"safe": {"V": "safe"}, "other": {"V": "low"}, "path": {"V": "/low/"}}}
COLUMNS: Json = {"M": {"row": {"safe": "safe", "other": "low"}}}


def templates(passed: Json, named: Json, mappings: Json, **properties: object) -> tuple[Json, Json]:
    """A template with a role that demands MFA, and the one of its nested stack, with a role that lets users in."""
    nested = {"TemplateURL": "nested.json", "Parameters": {"Name": passed}}
    high = role("high", statement(HUB, MFA), statement(arn(HUB, "low")))
    outer: Json = {
        "Parameters": {"Name": {"Type": "String", "Default": "safe"}},
        "Mappings": mappings,
        "Resources": {"High": high, "Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": nested}},
    }
    inner: Json = {
        "Parameters": {"Name": {"Type": "String"}},
        "Mappings": mappings,
        "Resources": {"Low": role(None, statement(HUB), assumes="*", RoleName=named, **properties)},
    }
    return outer, inner


def found_of(folder: Path, outer: Json, inner: Json, name: str | None = None) -> trustproof.Result:
    """What is said of chains to the role that demands MFA."""
    files = [folder / "main.json", folder / "nested.json"]
    for file, content in zip(files, (outer, inner), strict=True):
        file.write_text(json.dumps(content), encoding="utf-8")
    given = None if name is None else {"Name": name}
    report = trustproof.check(files, account=HUB, parameters=given, properties=["mfa-survives-chaining"])
    assert report.errors == ()
    (found,) = report.results
    return found


@pytest.mark.parametrize(
    ("passed", "named", "mappings"),
    [
        (NAME, ROW, ROWS),
        (ROW, NAME, ROWS),
        (NAME, {"Fn::FindInMap": ["M", "row", NAME]}, COLUMNS),
        (NAME, {"Fn::Sub": ["${V}w", {"V": ROW}]}, {"M": {"safe": {"V": "safe"}, "other": {"V": "lo"}}}),
    ],
)
def test_a_row_that_a_default_chooses(passed: Json, named: Json, mappings: Json, tmp_path: Path) -> None:
    """The first row is the default, and stood for all others as well."""
    outer, inner = templates(passed, named, mappings)
    found = found_of(tmp_path, outer, inner)
    assert (found.verdict, [name.partition(" of ")[0][-5:] for name, _ in found.at_defaults]) == ("proved", ["/Name"])
    assert found_of(tmp_path, outer, inner, "other").verdict == "refuted"


def test_rows_none_of_which_is_a_role_of_a_chain(tmp_path: Path) -> None:
    found = found_of(tmp_path, *templates(NAME, ROW, {"M": {"safe": {"V": "safe"}, "other": {"V": "else"}}}))
    assert (found.verdict, found.at_defaults) == ("proved", ())


def test_a_path_that_a_default_chooses(tmp_path: Path) -> None:
    """A row with a slash in it is no part of a name."""
    mappings: Json = {"M": {"safe": {"V": "/safe/"}, "other": {"V": "/other/"}}}
    found = found_of(tmp_path, *templates(NAME, {"Fn::Sub": "x"}, mappings, Path=ROW))
    assert found.verdict == "proved"


STAGE: Json = {"Stage": {"Type": "String", "AllowedValues": ["dev", "qa", "prod"]}}
IS: Json = {f"Is{value}": {"Fn::Equals": [{"Ref": "Stage"}, value.lower()]} for value in ("Qa", "Prod")}


@pytest.mark.parametrize("account", [HUB, None])
@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ({"Fn::If": ["IsProd", "low", "safe"]}, "prod"),
        ({"Fn::If": ["IsProd", "safe", {"Fn::If": ["IsQa", "low", "safe"]}]}, "qa"),
    ],
)
def test_a_condition_chooses_the_name(name: Json, stage: str, account: str | None) -> None:
    """Where nobody says the account, too: a chain is shown at what the role is called so at."""
    high = role("high", statement(HUB, MFA), statement(arn(HUB, "low")))
    low = role(None, statement(HUB), assumes="*", RoleName=name)
    template: Json = {"Parameters": STAGE, "Conditions": IS, "Resources": {"High": high, "Low": low}}
    (found,) = chains_of(template, account)
    assert found.counterexample is not None
    assert found.counterexample.parameters["Stage"] == stage
    template["Resources"] = {"High": {**high, "Condition": "IsQa" if stage == "prod" else "IsProd"}, "Low": low}
    (found,) = chains_of(template, account)
    assert found.verdict == "proved"


def chains_of(template: Json, account: str | None) -> tuple[trustproof.Result, ...]:
    """What is said of chains in a template."""
    return trustproof.check([template], account=account, properties=["mfa-survives-chaining"]).results
