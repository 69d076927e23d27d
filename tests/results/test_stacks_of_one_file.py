"""
Findings of several stacks of an assembly that are made of one file are told apart, whatever their order.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import trustproof
from tests.hostile.constructions import ALLOW, role
from trustproof.output.formats import render
from trustproof.output.style import Style

ACCOUNTS = {"A": "111122223333", "B": "222233334444"}


_WITH_MFA = {
    **ALLOW,
    "Principal": {"AWS": {"Ref": "AWS::AccountId"}},
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
}
_ASSUME = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}
#: A role that demands MFA, and one that leads to it.
CHAIN = {
    "R": role([_WITH_MFA, {**ALLOW, "Principal": {"AWS": {"Fn::GetAtt": ["Step", "Arn"]}}}], RoleName="r"),
    "Step": role(
        {**ALLOW, "Principal": {"AWS": {"Ref": "AWS::AccountId"}}},
        RoleName="step",
        Policies=[{"PolicyName": "p", "PolicyDocument": _ASSUME}],
    ),
}


def _assembly(folder: Path, stacks: Sequence[str], resources: Mapping[str, object] | None = None) -> Path:
    """An assembly whose stacks are made of one file, and differ by their account."""
    (folder / "t.json").write_text(json.dumps({"Resources": resources or {"R": role(ALLOW)}}), encoding="utf-8")
    artifacts = {
        name: {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://{ACCOUNTS[name]}/eu-west-1",
            "properties": {"templateFile": "t.json"},
        }
        for name in stacks
    }
    (folder / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": artifacts}), encoding="utf-8")
    return folder


def _found(folder: Path, stacks: Sequence[str], **more: object) -> dict[str, trustproof.Result]:
    """What is found of the role, by the account of the stack."""
    report = trustproof.check([_assembly(folder, stacks)], properties=["inside-boundary"], **more)  # type: ignore[arg-type]
    return {str(one.account): one for one in report.results if one.logical_id == "R"}


def test_a_fingerprint_has_the_stack_where_a_file_is_that_of_several(tmp_path: Path) -> None:
    """The order of stacks does not decide which has which fingerprint; that of a file with one stack has none in it."""
    both, turned = (_found(tmp_path, stacks) for stacks in ("AB", "BA"))
    alone = {name: _found(tmp_path, name)[account] for name, account in ACCOUNTS.items()}
    assert {account: one.fingerprint for account, one in both.items()} == {
        account: one.fingerprint for account, one in turned.items()
    }
    assert alone["A"].fingerprint == alone["B"].fingerprint
    assert len({alone["A"].fingerprint, *(one.fingerprint for one in both.values())}) == 3


def test_a_waiver_of_one_stack_leaves_the_other_alone(tmp_path: Path) -> None:
    """A waiver by fingerprint is about the finding of one stack, and one by resource about whatever is found there."""
    known = _found(tmp_path, "AB")[ACCOUNTS["A"]].fingerprint
    waiver = {"property": "inside-boundary", "reason": "a sandbox", "template": "**/t.json"}
    one = _found(tmp_path, "AB", config={"waiver": [{**waiver, "fingerprint": known}]})
    assert {account: found.suppression is not None for account, found in one.items()} == {
        ACCOUNTS["A"]: True,
        ACCOUNTS["B"]: False,
    }
    both = _found(tmp_path, "AB", config={"waiver": [{**waiver, "resource": "R"}]})
    assert all(found.suppression is not None for found in both.values())


def test_chains_of_each_stack_are_found_and_told_apart(tmp_path: Path) -> None:
    """What leads to a role is found in each stack, by a fingerprint of its own, whatever their order."""
    found = [
        {
            one.stack: one
            for one in trustproof.check([_assembly(tmp_path, stacks, CHAIN)], properties=["mfa-survives-chaining"])
            if isinstance(one, trustproof.Result)
        }
        for stacks in ("AB", "BA")
    ]
    for both in found:
        assert {stack: (one.verdict, one.account) for stack, one in both.items()} == {
            stack: ("refuted", account) for stack, account in ACCOUNTS.items()
        }
    first, second = ({stack: one.fingerprint for stack, one in both.items()} for both in found)
    assert first == second
    assert len({*first.values()}) == 2


def test_a_report_names_the_stack_only_where_a_file_is_that_of_several(tmp_path: Path) -> None:
    """Of two stacks of one file the text and the JSON say which is meant; of one there is nothing to say."""
    for stacks in ("AB", "A"):
        report = trustproof.check([_assembly(tmp_path, stacks)], properties=["inside-boundary"])
        said = render("text", report, Style(coloured=False))
        assert [f"stack {stack})" in said for stack in "AB"] == [len(stacks) > 1] * 2
        named = [one.get("stack") for one in json.loads(render("json", report, Style(coloured=False)))["results"]]
        assert named == [*stacks] if len(stacks) > 1 else named == [None]


def test_explain_names_the_stack(tmp_path: Path) -> None:
    """Who gets into a role is said for each stack, by its name; that of a file with one stack needs none."""
    both = trustproof.explain([_assembly(tmp_path, "AB")], "R")
    assert [(one.account, one.stack) for one in both] == [(ACCOUNTS[name], name) for name in "AB"]
    (alone,) = trustproof.explain([_assembly(tmp_path, "A")], "R")
    assert alone.stack == ""
