"""
Policies that resources of Terraform's call actions of AWS's with.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trustproof.cli.main import main

POLICY = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]})
CALL = json.dumps({"RoleName": "r", "PolicyDocument": POLICY})
PLACES = {
    "aws_scheduler_schedule": "target {{\n    input = {}\n  }}",
    "aws_sfn_state_machine": "definition = {}",
    "aws_ssm_document": "content = {}",
}


@pytest.mark.parametrize("type_", PLACES)
def test_a_policy_in_the_text_of_a_call_is_not_looked_into(
    type_: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A policy whose quotes are escaped in another text is named, and what has none is passed in silence."""
    for text, expected in ((CALL, True), (json.dumps({"RoleName": "r"}), False)):
        body = PLACES[type_].format(json.dumps(text))
        (tmp_path / "main.tf").write_text(f'resource "{type_}" "a" {{\n  {body}\n}}\n', encoding="utf-8")
        assert main(["check", "--strict", str(tmp_path)]) == int(expected)
        assert (f"not checked: {type_}.a, which may have a policy in" in capsys.readouterr().out) is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("weighted_routing_policy {\n weight = 1\n }", False),
        ('security_policy = "TLS_1_2"', False),
        ("new_policy {\n policy = var.p\n }", True),
        ("new_policy = var.p", True),
    ],
)
def test_what_is_only_called_like_a_policy_is_passed_in_silence(
    body: str, expected: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A block of other arguments is none, and a text that is known tells."""
    (tmp_path / "main.tf").write_text(f'variable "p" {{}}\nresource "aws_new_thing" "a" {{\n {body}\n}}\n', "utf-8")
    main(["check", str(tmp_path)])
    assert ("not checked: aws_new_thing.a" in capsys.readouterr().out) is expected
