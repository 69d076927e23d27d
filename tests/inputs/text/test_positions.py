"""
Paths lead to the line and column where a person would look.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.text.positions import SourceMap
from trustproof.inputs.text.yaml_positions import scan_yaml
from trustproof.model.position import Position

YAML = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub "x-${AWS::Region}"
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Action: [sts:AssumeRole, 'sts:TagSession']
            Principal: !If
              - IsProd
              - AWS: "111122223333"
              - !Ref AWS::NoValue
      Description: |
        two
        lines
"""


def shown(text: str, path: tuple[Any, ...]) -> str:
    """The characters that a path leads to."""
    source = SourceMap(text, scan_yaml)
    position = source.key(path)
    return source.line(position.line)[position.column - 1 : position.end_column - 1]


STATEMENT = ("Resources", "Role", "Properties", "AssumeRolePolicyDocument", "Statement", 0)


def test_yaml_keys_and_items() -> None:
    """A mapping entry is shown by its key, a list item by itself."""
    assert shown(YAML, (*STATEMENT, "Effect")) == "Effect"
    assert shown(YAML, (*STATEMENT, "Action", 1)) == "'sts:TagSession'"
    assert shown(YAML, STATEMENT) == "Effect: Allow"


def test_yaml_short_tags_are_steps_of_a_path() -> None:
    """The long form's key stands at the tag."""
    inside = (*STATEMENT, "Principal", "Fn::If")
    assert shown(YAML, inside) == "!If"
    assert shown(YAML, (*inside, 1, "AWS")) == "AWS"
    assert shown(YAML, ("Resources", "Role", "Properties", "RoleName", "Fn::Sub")) == "!Sub"


def test_a_path_that_is_not_written_leads_to_its_nearest_ancestor() -> None:
    """What stands inside a text, or nowhere, is shown by what is around it."""
    assert shown(YAML, (*STATEMENT, "Condition", "Bool")) == "Effect: Allow"
    assert shown(YAML, ("Resources", "Other")) == "Resources"


def test_json_positions_through_a_template(read: Callable[..., Template], role: Callable[..., Any]) -> None:
    """A template gives line, column and the source line of a path."""
    template = read({"Resources": {"R\n": role("111122223333")}})
    path = (*template.documents[0].policy.statements[0].path, "Principal")
    position = template.locate(path)
    line = template.source_line(position.line)
    assert line[position.column - 1 : position.end_column - 1] == '"Principal"'
    assert template.source_line(9999) == ""


def test_crlf_and_wide_characters_do_not_shift_columns() -> None:
    """Lines end at CRLF too, and columns count characters."""
    text = '{\r\n "ключ": "значение",\r\n "b": 1\r\n}'
    source = SourceMap(text)
    assert source.key(("b",)) == Position(3, 2, 5)
    assert source.key(("ключ",)) == Position(2, 2, 8)
    assert source.line(2) == ' "ключ": "значение",'


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def _paths(value: Any) -> list[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, inner in pairs for path in [(key,), *((key, *rest) for rest in _paths(inner))]]


@given(_VALUES, st.sampled_from([None, 1]))
def test_every_json_key_and_item_is_found_where_it_stands(value: Any, indent: int | None) -> None:
    """Decoding what stands at the place of a path gives its last key, or the item of the list."""
    text = json.dumps(value, indent=indent)
    source = SourceMap(text)
    starts = [0, *(index + 1 for index, char in enumerate(text) if char == "\n")]
    for path in _paths(value):
        position = source.key(path)
        expected, inner = value, value
        for step in path:
            expected, inner = step if isinstance(inner, dict) else inner[step], inner[step]
        found, _ = json.JSONDecoder().raw_decode(text, starts[position.line - 1] + position.column - 1)
        assert found == expected


POLICY = ["{", '  "Statement": [{', '    "Principal": {"Service": ["a.amazonaws.com"]}', "  }]", "}"]


@pytest.mark.parametrize(
    "head", ["|", "|-", ">", ">-", "!Sub |", "!Sub >-", "!Sub | # as JSON", "Fn::Sub: |", "Fn::Sub: >"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_policy_in_a_block_has_its_own_lines(head: str, end: str) -> None:
    """Folded or not, and behind a function that fills in its parts, JSON stands where it is written."""
    lines = ["Document:", f"  {head}"] if head.startswith("Fn") else [f"Document: {head}"]
    text = end.join((*lines, *(f"    {line}" for line in POLICY), "After: x", ""))
    found = SourceMap(text, scan_yaml).key(("Document", "Statement", 0, "Principal", "Service", 0))
    line = text.split(end)[found.line - 1]
    assert line[found.column - 1 : found.end_column - 1] == '"a.amazonaws.com"'


@pytest.mark.parametrize("block", ["> \n    Statement:\n      - Principal: x", "!Base64 |\n    x"])
def test_a_block_that_is_no_policy_is_shown_by_its_key(block: str) -> None:
    """Folded YAML is something else than it looks, and what a function encodes has no lines of its own."""
    found = SourceMap(f"Document: {block}\n", scan_yaml).key(("Document", "Statement", 0))
    assert (found.line, found.column) == (1, 1)


@pytest.mark.parametrize("of_function", [False, True])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("form", ["json", "json in ASCII", "double", "single"])
def test_a_policy_in_quotation_marks_is_shown_where_it_is_written(
    form: str, indent: int | None, of_function: bool
) -> None:
    """In a JSON string each quotation mark of the text is two characters, and a letter may be six."""
    value = {"Statement": [{"Sid": 'ü"\\😀', "Principal": {"Service": ["a.amazonaws.com", "é"]}}]}
    path = ("Document", "Statement", 0, "Principal", "Service", 0)
    said = json.dumps(value, indent=indent if form != "single" else None, ensure_ascii=False)
    if form.startswith("json"):
        inner = {"Fn::Sub": said} if of_function else said
        text = json.dumps({"Document": inner}, ensure_ascii=form != "json", indent=1)
        found, expected = SourceMap(text).key(path), '\\"a.amazonaws.com\\"'
    else:
        quoted = json.dumps(said, ensure_ascii=False) if form == "double" else "'" + said.replace("'", "''") + "'"
        text = f"Document: {'!Sub ' if of_function else ''}{quoted}\n"
        found = SourceMap(text, scan_yaml).key(path)
        expected = '"a.amazonaws.com"' if form == "single" else '\\"a.amazonaws.com\\"'
    assert text.split("\n")[found.line - 1][found.column - 1 : found.end_column - 1] == expected


@pytest.mark.parametrize("text", ['{"Document": "Statement"}', '{"Document": "{1"}'])
def test_another_text_in_quotation_marks_is_shown_by_its_key(text: str) -> None:
    """What is no JSON has no parts."""
    found = SourceMap(text).key(("Document", "Statement", 0))
    assert text[found.column - 1 : found.end_column - 1] == '"Document"'
