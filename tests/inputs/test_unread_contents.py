"""
Files that are none of the kinds that are read, and hold what would be judged in one that is.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trustproof.cli.main import main
from trustproof.inputs.discovery.unread_contents import unread_content

TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}
TEMPLATE = {"Resources": {"R": ROLE}}
HARMLESS = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}
HELD = {
    "serverless-framework": ({"service": "s", "resources": TEMPLATE}, "a resource of type AWS::IAM::Role"),
    "fragment": ({"R": ROLE}, "a resource of type AWS::IAM::Role"),
    "lower-case": ({"resources": {"R": ROLE}}, "a resource of type AWS::IAM::Role"),
    "list": ([TEMPLATE], "a resource of type AWS::IAM::Role"),
    "get-template": ({"TemplateBody": TEMPLATE, "StagesAvailable": []}, "a resource of type AWS::IAM::Role"),
    "text": (json.dumps(TEMPLATE), "a template in a text"),
    "text-of-yaml": ({"TemplateBody": "Resources:\n  R:\n    Type: AWS::IAM::Role\n"}, "a template in a text"),
    "get-role": ({"Role": {"RoleName": "r", "AssumeRolePolicyDocument": TRUST}}, "a policy"),
    "get-bucket-policy": ({"Policy": json.dumps(TRUST)}, "a policy in a text"),
    "resources-in-a-text": ({"Resources": json.dumps({"R": ROLE})}, "a resource of type AWS::IAM::Role in a text"),
    "one-statement": ({"Role": {"AssumeRolePolicyDocument": {"Statement": TRUST["Statement"][0]}}}, "a policy"),
    "policies": ([TRUST, TRUST], "a policy"),
    "large-file": ("version https://git-lfs.github.com/spec/v1 oid sha256:00 size 1", "a pointer of Git LFS"),
    "encrypted-state": ({"serial": 1, "lineage": "x", "meta": {}, "encrypted_data": "AA=="}, "an encrypted state"),
}


@pytest.mark.parametrize("name", HELD)
def test_what_is_of_no_kind_and_holds_something_is_passed_over(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What would be judged elsewhere is named with why it is not read, and fails with --strict beside a proof."""
    content, held = HELD[name]
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": HARMLESS}}
    (tmp_path / "good.json").write_text(json.dumps({"Resources": {"K": role}}), encoding="utf-8")
    (tmp_path / "odd.json").write_text(json.dumps(content), encoding="utf-8")
    assert main(["check", str(tmp_path)]) == 0
    assert "1 passed over" in capsys.readouterr().out
    assert main(["check", "--strict", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert f"odd.json: it holds {held}" in out
    assert "expected a CloudFormation template" in out


def test_what_opentofu_has_encrypted_is_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A plan has no lineage, as a state has, and is named with what to give instead."""
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": HARMLESS}}
    (tmp_path / "good.json").write_text(json.dumps({"Resources": {"K": role}}), encoding="utf-8")
    (tmp_path / "terraform.tfstate").write_text('{"encrypted_data": "AA==", "encryption_version": "v0"}')
    assert main(["check", "--strict", str(tmp_path)]) == 1
    assert "holds an encrypted state or plan, and is encrypted by OpenTofu" in capsys.readouterr().out


def test_what_git_crypt_has_encrypted_is_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A configuration that the repository keeps encrypted ends no run; named by itself it is an error."""
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": HARMLESS}}
    (tmp_path / "good.json").write_text(json.dumps({"Resources": {"K": role}}), encoding="utf-8")
    (tmp_path / "config.yaml").write_bytes(b"\0GITCRYPT\0\xd1\x02")
    assert main(["check", str(tmp_path)]) == 0
    assert "config.yaml: git-crypt has encrypted it" in capsys.readouterr().out
    assert main(["check", "--strict", str(tmp_path)]) == 1
    assert main(["check", str(tmp_path / "config.yaml")]) == 2


def test_values_of_variables_that_git_crypt_has_encrypted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What variables are is in there, so nothing is read without; the error says how it can be."""
    pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed")
    (tmp_path / "main.tf").write_text('variable "account" {}\nresource "aws_iam_role" "r" {}')
    (tmp_path / "terraform.tfvars").write_bytes(b"\0GITCRYPT\0\xd1\x02")
    assert main(["check", str(tmp_path)]) == 2
    assert "terraform.tfvars: git-crypt has encrypted it: git-crypt unlock" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    [
        {"name": "p", "scripts": {"test": "AWS::IAM::Role"}},
        {"Type": "AWS::IAM::Role"},
        {"ResourceTypes": {"AWS::IAM::Role": {"Properties": {}}}},
        {"Statement": "x"},
        {"Statement": [{"Effect": "Fade"}]},
        [1, None, True],
        "text",
        None,
    ],
)
def test_what_holds_nothing_is_only_skipped(content: object) -> None:
    """Names of types, and words that policies have too, are no policy."""
    assert unread_content(content) == ""


def test_an_alias_of_itself_is_looked_into_once() -> None:
    """What contains itself, as YAML allows, has an end."""
    content: list[object] = [1]
    content.append(content)
    assert unread_content(content) == ""


_CIPHER = "ENC[AES256_GCM,data:Tr7o,iv:1=,tag:2=,type:str]"
_SOPS = {"mac": _CIPHER, "version": "3.7.3"}
_STATEMENT = {"Effect": _CIPHER, "Action": _CIPHER, "Resource": _CIPHER}
_NOT_CHECKED = "not checked: the template, which SOPS has encrypted"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"Resources": {"R": {"Type": _CIPHER, "Properties": {"AssumeRolePolicyDocument": _CIPHER}}}}, _NOT_CHECKED),
        ({"Resources": {"R": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": _CIPHER}}}}, _NOT_CHECKED),
        ({"Version": "2012-10-17", "Statement": [_STATEMENT]}, "it holds a policy that SOPS has encrypted"),
        ({"Version": "2012-10-17", "Statement": [_CIPHER]}, "it holds a policy that SOPS has encrypted"),
    ],
)
def test_strict_fails_on_what_sops_has_encrypted(
    content: dict[str, object], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A template or a policy of which only the keys are in clear is nothing that somebody has looked into."""
    (tmp_path / "good.json").write_text(json.dumps({"Resources": {"K": _role(HARMLESS)}}), encoding="utf-8")
    (tmp_path / "odd.json").write_text(json.dumps({**content, "sops": _SOPS}), encoding="utf-8")
    assert main(["check", str(tmp_path)]) == 0
    capsys.readouterr()
    assert main(["check", "--strict", str(tmp_path)]) == 1
    assert f"odd.json: {said}" in capsys.readouterr().out


def test_what_is_in_clear_beside_what_sops_has_encrypted_is_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One encrypted value hides no open role beside it."""
    content = {"Description": _CIPHER, "Resources": {"R": ROLE}, "sops": _SOPS}
    (tmp_path / "odd.json").write_text(json.dumps(content), encoding="utf-8")
    assert main(["check", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "refuted" in out
    assert _NOT_CHECKED in out


def test_strict_fails_on_modules_that_another_tool_puts_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A section of rain and the AWS CLI: what is deployed has more than what is there."""
    content = {"Modules": {"Net": {"Source": "https://example.com/net.yaml"}}, "Resources": {}}
    file = tmp_path / "t.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    assert main(["check", str(file)]) == 0
    assert "the module Net, which another tool puts in" in capsys.readouterr().out
    assert main(["check", "--strict", str(file)]) == 1


def test_other_files_that_sops_has_encrypted_are_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Secrets that nobody would read in clear either fail nothing."""
    (tmp_path / "good.json").write_text(json.dumps({"Resources": {"K": _role(HARMLESS)}}), encoding="utf-8")
    (tmp_path / "secrets.json").write_text(json.dumps({"password": _CIPHER, "sops": _SOPS}), encoding="utf-8")
    assert main(["check", "--strict", str(tmp_path)]) == 0
    assert "passed over" not in capsys.readouterr().out


def _role(trust: dict[str, object]) -> dict[str, object]:
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
