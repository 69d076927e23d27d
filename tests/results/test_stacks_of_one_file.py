"""
Findings of several stacks of an assembly that are made of one file are told apart, whatever their order.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import trustproof
from tests.hostile.constructions import ALLOW, role

ACCOUNTS = {"A": "111122223333", "B": "222233334444"}


def _assembly(folder: Path, stacks: Sequence[str]) -> Path:
    """An assembly whose stacks are made of one file, and differ by their account."""
    (folder / "t.json").write_text(json.dumps({"Resources": {"R": role(ALLOW)}}), encoding="utf-8")
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
