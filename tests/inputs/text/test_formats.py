"""
JSON and YAML give the same values, and say where they are wrong.
"""

from __future__ import annotations

import pytest

from trustproof.errors import InputError, TemplateError
from trustproof.inputs.text import json as json_reader
from trustproof.inputs.text import yaml as yaml_reader
from trustproof.inputs.text.source import Source
from trustproof.inputs.text.yaml_positions import scan_yaml


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2012-10-17", "2012-10-17"),
        ("012345670123", "1402433619"),
        ("'012345670123'", "012345670123"),
        ("012345678901", "012345678901"),
        ("00", "0"),
        ("-010", "-8"),
        ("111122223333", "111122223333"),
        ("3600", "3600"),
        ("1:30", "90"),
        ("02:00:00", "02:00:00"),
        ("0x1F", "31"),
        ("0b11", "3"),
        ("1_000", "1000"),
        ("+5", "5"),
        ("0o17", "0o17"),
        ("1.10", "1.1"),
        ("1.0", "1.0"),
        ("1.10.0", "1.10.0"),
        (".5", "0.5"),
        ("1.5e3", "1500.0"),
        ("12345678901.50", "12345678901.50"),
        ("1" * 5000, "1" * 5000),
        ("!Ref 010", {"Ref": "010"}),
        ("!!str 010", "010"),
        ("|\n  010", "010\n"),
        ("true", True),
        ("No", False),
        ("'no'", "no"),
        ("~", None),
        ("", None),
        ("!!str true", "true"),
        ("!Ref Vendor", {"Ref": "Vendor"}),
        ("!Sub 'a-${B}'", {"Fn::Sub": "a-${B}"}),
        ("!GetAtt Role.Arn", {"Fn::GetAtt": ["Role", "Arn"]}),
        ("!GetAtt Nested.Outputs.Arn", {"Fn::GetAtt": ["Nested", "Outputs.Arn"]}),
        ("!GetAtt [Role, Arn]", {"Fn::GetAtt": ["Role", "Arn"]}),
        ("!Condition IsProd", {"Condition": "IsProd"}),
        ("!If [A, !Ref B, yes]", {"Fn::If": ["A", {"Ref": "B"}, True]}),
        ("!Rain::S3 x", {"Fn::Rain::S3": "x"}),
    ],
)
def test_yaml_scalars_keep_what_iam_compares(written: str, value: object) -> None:
    """Dates and numbers stay text, that of the number which YAML 1.1 reads; short tags become the long form."""
    assert yaml_reader.load(f"a: {written}\n", "t.yaml") == {"a": value}


def test_yaml_anchors_and_merge_keys_are_followed() -> None:
    """A merge key adds what the mapping does not have; the mapping's own entries win, wherever they stand."""
    text = "base: &b {a: 1, b: 2}\nmore: &m {c: 3}\nx:\n  b: mine\n  <<: [*b, *m]\ny: *b\n"
    assert yaml_reader.load(text, "t.yaml") == {
        "base": {"a": "1", "b": "2"},
        "more": {"c": "3"},
        "x": {"b": "mine", "a": "1", "c": "3"},
        "y": {"a": "1", "b": "2"},
    }


def test_keys_are_the_numbers_that_they_are_read_as() -> None:
    """A key in octal is another one than it looks like, and what is written there is found."""
    text = "012: &n 010\n'012': a\n*n : b\n1.10: c\n"
    assert yaml_reader.load(text, "t.yaml") == {"10": "8", "012": "a", "8": "b", "1.1": "c"}
    assert set(scan_yaml(text)[2] or ()) == {"10", "012", "8", "1.1"}
    with pytest.raises(TemplateError, match='"10" stands twice'):
        yaml_reader.load("012: a\n10: b\n", "t.yaml")


def test_keys_are_the_booleans_that_they_are_read_as() -> None:
    """Norway without quotes is false, and an operator of IAM is no null."""
    text = "NO: a\n'yes': b\non: c\nNull: {x: d}\n"
    assert yaml_reader.load(text, "t.yaml") == {"false": "a", "yes": "b", "true": "c", "Null": {"x": "d"}}
    assert set(scan_yaml(text)[2] or ()) == {"false", "yes", "true", "Null"}
    with pytest.raises(TemplateError, match='"true" stands twice'):
        yaml_reader.load("yes: a\non: b\n", "t.yaml")


def test_a_key_that_stands_twice_with_one_value_is_one() -> None:
    """CloudFormation takes one of the two, and there is no choice; a number and its text are two."""
    assert yaml_reader.load("a: {x: [1]}\nb: c\na: {x: [1]}\n", "t.yaml") == {"a": {"x": ["1"]}, "b": "c"}
    assert set(scan_yaml("a: b\na: b\n")[2] or ()) == {"a"}
    with pytest.raises(TemplateError, match='"a" stands twice'):
        yaml_reader.load("a: yes\na: 'yes'\n", "t.yaml")


def test_the_pure_python_parser_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without libyaml the same values come out."""
    import yaml

    text = "a: [1, yes, !Sub 'x', {b: &n null, c: *n}]\nd: |\n  text\n"
    with_c = yaml_reader.load(text, "t.yaml")
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert yaml_reader.load(text, "t.yaml") == with_c


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029"], ids=["NEL", "LS", "PS"])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1 # note{}b: 2\n", "f.yaml:1:12: "),
        ("x: y\n# note{}a: 1\n", "f.yaml:2:7: "),
        ("- a{}- b\n", "f.yaml:1:4: "),
        ("a: |\n  b{}c: d\n", "f.yaml:"),
        ("a: {{b: c}}{}d: e\n", "f.yaml:1:10: "),
    ],
)
def test_a_line_that_ends_for_some_readers_only_is_refused(text: str, message: str, end: str) -> None:
    """What is a comment for one reader of YAML, and for whoever reviews it, is no statement for another one."""
    with pytest.raises(TemplateError) as caught:
        yaml_reader.load(text.format(end), "f.yaml")
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029"], ids=["NEL", "LS", "PS"])
@pytest.mark.parametrize("text", ["a: b # note{}\n", "a: 'b{}  c'\n", 'a: "b{}c"\n', "# note{}\na: b\n"])
def test_where_it_makes_no_difference_it_is_read(text: str, end: str) -> None:
    """Such a character in a text or at the end of a line says the same to everybody."""
    assert yaml_reader.load(text.format(end), "f.yaml").keys() == {"a"}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n  x: 1\n  y: 2\n  x: 3\n", 't.yaml:4:3: the key "x" stands twice in one mapping'),
        ("a: *nowhere\n", "t.yaml:1:4: the alias *nowhere has no anchor before it"),
        ("a: &loop [*loop]\n", "t.yaml:1:11: the alias *loop has no anchor before it"),
        ("? [a, b]\n: c\n", "t.yaml:1:3: a key of a mapping is not text"),
        ("a: 1\n---\nb: 2\n", "t.yaml:2:1: more than one YAML document in the file, expected one"),
        ("a: [1\nb: 2\n", "t.yaml:2:2: not YAML: did not find expected ',' or ']' (while parsing a flow sequence)"),
        ("<<: text\n", "t.yaml:1:1: a merge key takes a mapping or a list of mappings"),
    ],
)
def test_yaml_errors_say_the_place(text: str, message: str) -> None:
    """A broken YAML file gives file, line, column and what is wrong."""
    with pytest.raises(TemplateError) as caught:
        yaml_reader.load(text, "t.yaml")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n "a": {"x": 1,\n  "y": 2, "x": 3}}', 't.json:3:11: the key "x" stands twice in one object'),
        ('{"a": [{"k\\u0061": 1, "ka": 2}]}', 't.json:1:23: the key "ka" stands twice in one object'),
        ('{"a": 1, "a": 2, "b": }', "t.json:1:23: not JSON: expecting value"),
        ('{"a": 1, "a": NaN}', "t.json:1:15: not JSON: there is no NaN in JSON"),
        ('{"a": 1, b}', "t.json:1:10: not JSON: expecting property name enclosed in double quotes"),
        ('{"a": NaN}', "t.json:1:7: not JSON: there is no NaN in JSON"),
        ('{"a": "NaN",\n "b": [1, -Infinity]}', "t.json:2:11: not JSON: there is no -Infinity in JSON"),
        (
            f'{{"a": "{"9" * 5_000}\\"", "b": 1.{"9" * 5_000},\n "c": -{"9" * 5_000}}}',
            "t.json:2:7: not JSON: a number of 5000 digits is too long",
        ),
        (
            f'{{"a": "{"[" * 9_000}\\"[",\n "b": {"[" * 5_000}1{"]" * 5_000}, "c": [2]}}',
            "t.json:2:5006: the nesting is too deep to be read",
        ),
    ],
)
def test_json_errors_say_the_place(text: str, message: str) -> None:
    """A broken JSON file gives file, line, column and what is wrong."""
    with pytest.raises(TemplateError) as caught:
        json_reader.load(text, "t.json")
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["[" * 100_000 + "]" * 100_000, "a: " + "[" * 3000 + "]" * 3000])
def test_deep_nesting_is_an_error_and_no_crash(text: str) -> None:
    """A file nested beyond reason is refused."""
    with pytest.raises(InputError):
        Source("deep", text).load()


def test_format_is_decided_by_content() -> None:
    """JSON in a .yaml file and a YAML flow mapping in a .template file are both read."""
    assert Source("t.yaml", '{"a": "\\ud83d\\ude00\\t"}').load() == {"a": "\U0001f600\t"}
    assert Source("t.template", "{a: !Ref B, }").load() == {"a": {"Ref": "B"}}


def test_a_broken_json_file_is_reported_as_json() -> None:
    """What begins with a brace and is neither is reported as the JSON it looks like."""
    with pytest.raises(TemplateError, match="not JSON"):
        Source("t.template", '{"a": [1, }').load()


@pytest.mark.parametrize("written", ["1e400", "-1.5E999"])
def test_a_number_beyond_all_bounds_is_as_it_is_written(written: str) -> None:
    """What is too large for a number is told by its own text, and not as infinite."""
    assert json_reader.decode(f'{{"a": [{written}, 1.5]}}') == {"a": [written, 1.5]}
