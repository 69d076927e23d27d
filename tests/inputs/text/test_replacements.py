"""
Remedies as replacements in a text: what is put in mends the template, and changes nothing else.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.cli.program import HOLE, role
from trustproof.inputs.text.replacements import replacements
from trustproof.inputs.text.source import Source
from trustproof.results.edit import END, Edit, set_value
from trustproof.results.report import Replacement

BROKEN = Path(__file__).parents[3] / "examples" / "broken"
CONFIG = {"boundary": {"accounts": ["222222222222"]}}
STATEMENT = ("Resources", "R", "Properties", "AssumeRolePolicyDocument", "Statement", 0)
CONDITION = (*STATEMENT, "Condition")

INDENT = " " * 12
LAST = INDENT + '    aws:MultiFactorAuthPresent: "true"\n'
YAML = """\
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          # who builds
          - Effect: Allow
            Principal: {AWS: "*"} # everyone
            Action: sts:AssumeRole
            Condition:
              StringEquals:
                aws:PrincipalOrgID: o-a1b2c3d4e5

              BoolIfExists: # asked for
                aws:MultiFactorAuthPresent: "true"
      # the end
      MaxSessionDuration: 3600
"""


def put(text: str, found: tuple[Replacement, ...]) -> str:
    """The text with the replacements made, as an editor makes them."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for change in reversed(found):
        start = starts[change.line - 1] + change.column - 1
        end = starts[change.end_line - 1] + change.end_column - 1
        text = text[:start] + change.text + text[end:]
    return text


def changed(text: str, *edits: Edit | None) -> str:
    return put(text, replacements(Source("t", text), [edit for edit in edits if edit is not None]))


@pytest.mark.parametrize(
    "text",
    [
        *(file.read_text() for file in sorted(BROKEN.iterdir())),
        HOLE,
        json.dumps(json.loads(HOLE)),
        HOLE.replace("\n", "\r\n"),
        role('{"StringLike": {"aws:PrincipalTag/é": "x"}, "BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}'),
        role("{}"),
    ],
    ids=lambda text: str(len(text)),
)  # fmt: skip
def test_the_remedy_in_the_text_mends_the_template(text: str, tmp_path: Path) -> None:
    """Whatever is refuted and has a remedy that can be written into the text is proved with it, and nothing is lost."""
    file = tmp_path / "template"
    file.write_bytes(text.encode())
    config = {"boundary": {"accounts": ["222222222222", "444455556666"]}}
    report = trustproof.check([file], config=config)
    mended = 0
    for result in report.results:
        if result.verdict != "refuted" or result.remedy is None:
            continue
        found = report.sources.replacements(str(file), result.remedy.edits)
        if not found:
            continue
        file.write_bytes(put(text, found).encode())
        again = trustproof.check([file], config=config, properties=[result.property])
        assert [one.verdict for one in again.results] == ["proved"], put(text, found)
        file.write_bytes(text.encode())
        mended += 1
    assert mended or 'Condition": {}' in text


def test_yaml_keeps_its_comments_and_its_style() -> None:
    """Only the lines of the entry are written anew, as a block."""
    edits = (
        set_value((*CONDITION, "BoolIfExists"), {"aws:MultiFactorAuthPresent": "true"}, None),
        set_value((*CONDITION, "Bool"), None, {"aws:MultiFactorAuthPresent": "true"}),
    )
    before = '              BoolIfExists: # asked for\n                aws:MultiFactorAuthPresent: "true"\n'
    after = '              Bool:\n                aws:MultiFactorAuthPresent: "true"\n'
    assert changed(YAML, *edits) == YAML.replace(before, after)


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        (set_value((*CONDITION, "StringEquals"), {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, None), None, None),
        (set_value((*STATEMENT, "Action"), "sts:AssumeRole", "sts:*"), "Action: sts:AssumeRole", 'Action: "sts:*"'),
        (
            Edit(("Resources", "R", "Properties", "MaxSessionDuration"), "replace", "900", "3600", is_json=False),
            "MaxSessionDuration: 3600",
            "MaxSessionDuration: 900",
        ),
        (
            set_value((*CONDITION, "Null"), None, {"aws:PrincipalTag/a": "false"}),
            LAST,
            LAST + INDENT + '  "Null":\n' + INDENT + '    aws:PrincipalTag/a: "false"\n',
        ),
        (
            set_value((*STATEMENT[:-1], END), None, {"Effect": "Deny", "Principal": "*"}),
            LAST,
            LAST + '          - Effect: "Deny"\n' + INDENT + 'Principal: "*"\n',
        ),
    ],
    ids=["remove", "replace", "number", "add", "item"],
)  # fmt: skip
def test_each_edit_of_yaml(edit: Edit, before: str | None, after: str | None) -> None:
    """Entries are taken out, replaced and added where they belong, and lines end as they did."""
    text = changed(YAML, edit)
    assert changed(YAML.replace("\n", "\r\n"), edit) == text.replace("\n", "\r\n")
    assert text != YAML
    assert "# who builds" in text
    if before is not None and after is not None:
        assert text == YAML.replace(before, after)
    else:
        assert "StringEquals" not in text


@pytest.mark.parametrize(
    "edit",
    [
        set_value((*STATEMENT, "Action"), "sts:TagSession", "sts:*"),
        set_value((*STATEMENT, "Resource"), "a", "b"),
        set_value((*STATEMENT, "Action"), None, "sts:*"),
        set_value((*STATEMENT, "Principal", "AWS"), "*", None),
        set_value(("Resources", "Gone", "Properties"), "a", "b"),
    ],
    ids=["other value", "no such key", "there already", "would leave nothing", "no such resource"],
)
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_is_not_there_is_not_replaced(edit: Edit, form: str) -> None:
    """Edits that are about something else than the text make no replacement at all."""
    text = YAML if form == "yaml" else json.dumps(Source("t", YAML).load(), indent=1)
    assert replacements(Source("t", text), [edit]) == ()


@pytest.mark.parametrize(
    "text",
    [
        YAML.replace("Action: sts:AssumeRole", "Action: !Sub sts:AssumeRole"),
        YAML.replace("Action: sts:AssumeRole", "Action: &a sts:AssumeRole").replace("3600", "3600\n      Path: *a"),
        "{",
        "",
    ],
    ids=["a function", "an anchor that another value has", "no JSON", "empty"],
)
def test_what_cannot_be_written_safely_is_not(text: str) -> None:
    """A text that would say something else afterwards, or nothing, stays as it is."""
    edit = set_value((*STATEMENT, "Action"), "sts:AssumeRole", "sts:*")
    assert edit is not None
    assert replacements(Source("t.yaml", text), [edit]) == ()


def test_two_things_at_one_place_are_one_replacement() -> None:
    """The last condition of a policy and its version stand one behind the other, in one order only."""
    text = "Statement:\n  - Effect: Allow\n    Action: '*'\n    Resource: '*'"
    edits = (
        set_value(("Statement", 0, "Condition"), None, {"Bool": {"aws:MultiFactorAuthPresent": ("true",)}}),
        set_value(("Version",), None, "2012-10-17"),
    )
    for given in (edits, edits[::-1]):
        (found,) = replacements(Source("policy.yaml", text), given)
        changed = Source("policy.yaml", text + found.text).load()
        assert isinstance(changed, dict)
        assert (changed["Version"], [*changed["Statement"][0]]) == (
            "2012-10-17",
            ["Effect", "Action", "Resource", "Condition"],
        )
