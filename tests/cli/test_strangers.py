"""
What a stranger may put into a repository: none of it is a traceback, read from elsewhere, or a pass by absence.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import called

_TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
_ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": _TRUST}}
_TEMPLATE = json.dumps({"Resources": {"R": _ROLE}})


def check(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit status and all output of a run in a directory."""
    done = called(folder, "check", *arguments)
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["../outside.json", "/etc/passwd", "a\0b"], ids=["above", "absolute", "nul"])
def test_an_assembly_reads_nothing_outside_itself(tmp_path: Path, name: str) -> None:
    """Whatever its manifest says; the error names the file, and says nothing of what is in it."""
    (tmp_path / "outside.json").write_text(_TEMPLATE, encoding="utf-8")
    (tmp_path / "cdk.out").mkdir()
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": name}}
    manifest = json.dumps({"version": "36.0.0", "artifacts": {"S": stack}})
    (tmp_path / "cdk.out" / "manifest.json").write_text(manifest, encoding="utf-8")
    status, said = check(tmp_path, "cdk.out")
    assert status == 2
    assert "names a file that is not in the cloud assembly" in said
    assert "refuted[" not in said


@pytest.mark.parametrize(
    ("kind", "key"), [("aws:cloudformation:stack", "templateFile"), ("cdk:cloud-assembly", "directoryName")]
)
@pytest.mark.parametrize("properties", [{}, {"templateFile": "", "directoryName": 3}], ids=["none", "odd"])
def test_a_manifest_that_does_not_say_where_something_is(
    tmp_path: Path, kind: str, key: str, properties: dict[str, object]
) -> None:
    """The error names what is missing, and the manifest: the path of nothing is the assembly itself."""
    (tmp_path / "cdk.out").mkdir()
    manifest = json.dumps({"version": "36.0.0", "artifacts": {"S": {"type": kind, "properties": properties}}})
    (tmp_path / "cdk.out" / "manifest.json").write_text(manifest, encoding="utf-8")
    status, said = check(tmp_path, "cdk.out")
    assert status == 2
    assert f"S of the cloud assembly has no {key}" in said
    assert "manifest.json" in said


def test_nested_assets_outside_an_assembly_are_not_read(tmp_path: Path) -> None:
    """The template of a nested stack is inside of the assembly too."""
    (tmp_path / "outside.json").write_text(_TEMPLATE, encoding="utf-8")
    (tmp_path / "cdk.out").mkdir()
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "../outside.json"}}
    (tmp_path / "cdk.out" / "S.template.json").write_text(json.dumps({"Resources": {"N": nested}}), encoding="utf-8")
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "S.template.json"}}
    manifest = json.dumps({"version": "36.0.0", "artifacts": {"S": stack}})
    (tmp_path / "cdk.out" / "manifest.json").write_text(manifest, encoding="utf-8")
    status, said = check(tmp_path, "cdk.out")
    assert (status, "not in the cloud assembly" in said, "refuted[" in said) == (2, True, False)


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "gitlab", "github", "markdown", "html"])
def test_names_that_are_no_text_are_shown_in_every_format(tmp_path: Path, form: str) -> None:
    """A name of a file may be any bytes."""
    (tmp_path / os.fsdecode(b"a\xff\xfe.json")).write_text(_TEMPLATE, encoding="utf-8")
    done = called(tmp_path, "check", "--format", form, ".")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr


def test_names_that_are_no_text_are_shown_by_the_program(tmp_path: Path) -> None:
    """Its own streams take them too."""
    (tmp_path / os.fsdecode(b"a\xff\xfe.json")).write_text(_TEMPLATE, encoding="utf-8")
    command = [sys.executable, "-m", "trustproof", "check", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (1, False), done.stderr


@pytest.mark.parametrize(
    "text",
    [
        'exclude = ["[z-a]"]\n',
        '[[override]]\npaths = ["[z-a]"]\n',
        '[[waiver]]\nproperty = "mfa-required"\nreason = "r"\ntemplate = "[z-a]"\n',
    ],
    ids=["exclude", "override", "waiver"],
)
def test_patterns_of_files_that_are_none_are_errors(tmp_path: Path, text: str) -> None:
    """A class of characters that is none is an error of the configuration, with its line."""
    (tmp_path / "trustproof.toml").write_text(text, encoding="utf-8")
    (tmp_path / "t.json").write_text(_TEMPLATE, encoding="utf-8")
    status, said = check(tmp_path, ".")
    assert (status, "error: trustproof.toml:" in said) == (2, True)


def test_a_configuration_that_is_no_file_is_an_error(tmp_path: Path) -> None:
    """A directory in its place does not make a run without configuration."""
    (tmp_path / "trustproof.toml").mkdir()
    (tmp_path / "t.json").write_text(_TEMPLATE, encoding="utf-8")
    assert check(tmp_path, ".") == (2, "error: trustproof.toml: is no regular file\n")


def test_a_trust_policy_that_is_taken_away_is_missing(tmp_path: Path) -> None:
    """Found by a campaign: AWS refuses a role whose only trust policy is no value, and so do we."""
    gone = {**_ROLE, "Properties": {"AssumeRolePolicyDocument": {"Ref": "AWS::NoValue"}}}
    policy = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "b", "PolicyDocument": {"Ref": "AWS::NoValue"}}}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"R": gone, "P": policy}}), encoding="utf-8")
    status, said = check(tmp_path, "t.json")
    assert status == 2
    assert "the role R has no AssumeRolePolicyDocument" in said
    assert "the policy P has no PolicyDocument" in said


def test_a_cluster_without_a_policy_is_no_error(tmp_path: Path) -> None:
    """A type whose policy is optional is none that forgets it: a cluster of Aurora DSQL."""
    cluster = {"Type": "AWS::DSQL::Cluster", "Properties": {}}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"C": cluster, "R": _ROLE}}), encoding="utf-8")
    assert "has no PolicyDocument" not in check(tmp_path, "t.json")[1]
