"""
In ``.tf.json``, blocks of one type may be written one after the other: HCL keeps each of several equal keys.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN
from trustproof.cli.main import main

pytest.importorskip("tree_sitter_hcl")


def policy(condition: str = "") -> str:
    return json.dumps(
        f"""${{jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole"
        Principal = {{ AWS = local.account }}{condition} }}] }})}}"""
    )


def test_blocks_of_one_type_may_follow_each_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each of several equal keys of a file, or of a block's labels, counts, and each finding stands in its own."""
    condition = '\n Condition = { (local.operator) = { "aws:MultiFactorAuthPresent" = "true" } }'
    optional = condition.replace("(local.operator)", "BoolIfExists")
    text = f"""{{
  "//": "one", "//": "two",
  "locals": {{ "operator": "Bool" }},
  "locals": {{ "account": "arn:aws:iam::111122223333:root" }},
  "resource": {{
    "aws_iam_role": {{ "a": {{ "name": "a", "assume_role_policy": {policy(condition)} }} }},
    "aws_iam_role": {{
      "b": {{ "name": "b", "assume_role_policy": {policy()} }},
      "c": {{ "name": "c", "assume_role_policy": {policy(condition)} }}
    }}
  }},
  "resource": {{
    "aws_iam_role": {{ "d": {{ "name": "d", "assume_role_policy": {policy(optional)} }} }}
  }}
}}
"""
    (tmp_path / "main.tf.json").write_text(text, encoding="utf-8")
    main(["check", "--format", "json", "--account", OWN, str(tmp_path)])
    found = [one for one in json.loads(capsys.readouterr().out)["results"] if one["property"] == "mfa-required"]
    assert {one["logical_id"]: one["verdict"] for one in found} == {
        "aws_iam_role.a": "proved",
        "aws_iam_role.b": "refuted",
        "aws_iam_role.c": "proved",
        "aws_iam_role.d": "refuted",
    }
    lines = {one["logical_id"]: one["location"]["line"] for one in found}
    # Of what a local gives, the line of the local.
    assert (lines["aws_iam_role.b"], lines["aws_iam_role.d"]) == (4, 13)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"locals": {"a": 1},\n "locals": {"b": 1, "b": 2}}', 'main.tf.json:2:21: the key "b" stands twice'),
        ('{"output": {"o": {"value": {"a": 1, "a": 2}}}}', 'main.tf.json:1:37: the key "a" stands twice'),
        ('{"locals": {"a": {}, "a": {}}}', 'main.tf.json:1:22: the key "a" stands twice'),
        ('{"output": {"o": {"value": {}, "value": {}}}}', 'main.tf.json:1:32: the key "value" stands twice'),
        ('{"resource": {"t": {"r": {"a": {}, "a": 1}}}}', 'main.tf.json:1:36: the key "a" stands twice'),
        ('{"locals": {"a": 1}, "locals": 2}', "main.tf.json:1:22: locals is 2, expected an object"),
        ('{"locals": {"a": 1}, "locals": {', "main.tf.json:1:33: not JSON"),
    ],
)
def test_an_argument_stands_once(tmp_path: Path, text: str, message: str) -> None:
    """An argument that stands twice is an error at the second, as it is to Terraform."""
    (tmp_path / "main.tf.json").write_text(text, encoding="utf-8")
    report = trustproof.check([tmp_path], account=OWN)
    assert [message in str(error) for error in report.errors] == [True], report.errors


WHO = {"type": "AWS", "identifiers": ["arn:aws:iam::111122223333:root"]}
MFA = {"test": "Bool", "variable": "aws:MultiFactorAuthPresent", "values": ["true"]}
CLOSED = {"actions": ["sts:AssumeRole"], "principals": WHO, "condition": MFA}
OPEN = {**CLOSED, "condition": []}


@pytest.mark.parametrize(
    ("verdict", "second"),
    [
        ("proved", {"statement": CLOSED}),
        ("refuted", {"statement": OPEN}),
        ("refuted", {"dynamic": {"statement": {"for_each": [1], "content": OPEN}}}),
    ],
)
def test_blocks_inside_of_a_block_may_stand_one_after_the_other(
    tmp_path: Path, verdict: str, second: dict[str, object]
) -> None:
    """Nested blocks of one type are read under a key that is repeated, too."""
    role = {"aws_iam_role": {"r": {"assume_role_policy": "${data.aws_iam_policy_document.d.json}"}}}
    nothing = {"dynamic": {"statement": {"for_each": [], "content": {}}}}
    parts = ", ".join(json.dumps(part)[1:-1] for part in ({"statement": CLOSED}, nothing, second))
    text = f'{{"resource": {json.dumps(role)}, "data": {{"aws_iam_policy_document": {{"d": {{{parts}}}}}}}}}'
    (tmp_path / "main.tf.json").write_text(text, encoding="utf-8")
    report = trustproof.check([tmp_path], account=OWN, properties=["mfa-required"])
    assert not report.errors
    assert {one.verdict for one in report.results if one.logical_id} == {verdict}
