"""
`trustproof.testing`: a proof as one line of somebody's test, and the counterexample as its failure.
"""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import HELD, HOLE
from trustproof import InputError, UsageError
from trustproof.testing import assert_proved

CONFIG = {"boundary": {"accounts": ["222222222222"]}}
POLICY = json.loads(HOLE)["Resources"]["Deployer"]["Properties"]["AssumeRolePolicyDocument"]


class Synthesized:
    """What the assertions of the CDK give."""

    def __init__(self, text: str) -> None:
        self._text = text

    def to_json(self) -> dict[str, object]:
        return dict(json.loads(self._text))


def test_what_is_proved_passes(tmp_path: Path) -> None:
    """A path, a mapping, what the CDK gives, and a policy."""
    (tmp_path / "held.json").write_text(HELD)
    assert_proved(tmp_path / "held.json", config=CONFIG)
    assert_proved(json.loads(HELD), config=CONFIG, account="111122223333")
    assert_proved(Synthesized(HELD), "mfa-required")
    assert_proved(json.loads(HELD)["Resources"]["Deployer"]["Properties"]["AssumeRolePolicyDocument"], "mfa-required")


def test_the_failure_is_the_counterexample(tmp_path: Path) -> None:
    """Whoever reads the log of the tests sees the place, the request and the remedy."""
    (tmp_path / "hole.json").write_text(HOLE)
    for subject in (tmp_path / "hole.json", json.loads(HOLE), Synthesized(HOLE)):
        with pytest.raises(AssertionError) as caught:
            assert_proved(subject, "mfa-required")
        for words in (
            "refuted[mfa-required]: any user of account 222222222222 who may call sts:AssumeRole",
            "request: arn:aws:iam::222222222222:user/alice calls sts:AssumeRole",
            '+ "Bool": {"aws:MultiFactorAuthPresent": "true"}',
        ):
            assert words in str(caught.value)


def test_a_whole_app_is_given_by_its_directory() -> None:
    """Whoever gives something else reads what is taken."""
    with pytest.raises(UsageError, match=r"expected a stack of the CDK, a template or a path \(of an app: app\.synth"):
        assert_proved(object(), "mfa-required")  # type: ignore[arg-type]


def test_a_stack_of_the_cdk_passes_or_fails() -> None:
    """A stack is asked as it is, in its own account, and the summary of pytest says what is wrong with it."""
    cdk = pytest.importorskip("aws_cdk")
    iam = pytest.importorskip("aws_cdk.aws_iam")
    anybody = iam.AccountPrincipal("111122223333")
    mfa = iam.PrincipalWithConditions(anybody, {"Bool": {"aws:MultiFactorAuthPresent": "true"}})

    def stack(name: str, principal: Any) -> Any:
        app = cdk.App(builtin_cloud_formation_validation=False)
        made = cdk.Stack(app, "Access", env=cdk.Environment(account="111122223333", region="eu-central-1"))
        iam.Role(made, name, assumed_by=principal)
        return made

    assert_proved(stack("Held", mfa), "mfa-required")
    with pytest.raises(AssertionError) as caught:
        assert_proved(stack("Open", anybody), "mfa-required")
    first, *_ = str(caught.value).splitlines()
    assert re.match(
        r"refuted\[mfa-required\]: any user of account 111122223333 who may call sts:AssumeRole gets Open", first
    )


def test_a_stack_is_judged_among_those_of_its_app() -> None:
    """What another stack says counts, what is nested is asked too, and what other stacks do wrong is theirs."""
    cdk = pytest.importorskip("aws_cdk")
    iam = pytest.importorskip("aws_cdk.aws_iam")
    app = cdk.App(builtin_cloud_formation_validation=False)
    place = cdk.Environment(account="111122223333", region="eu-central-1")
    stacks = {name: cdk.Stack(app, name, env=place) for name in ("Entry", "Chain", "Open", "Outer", "Users")}
    anybody = iam.AccountPrincipal("111122223333")
    mfa = iam.PrincipalWithConditions(anybody, {"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    entry = iam.Role(stacks["Entry"], "Entry", assumed_by=mfa)
    iam.Role(stacks["Chain"], "Next", assumed_by=entry)
    iam.Role(stacks["Open"], "Open", assumed_by=anybody)
    iam.Role(cdk.NestedStack(stacks["Outer"], "Inner"), "Open", assumed_by=anybody)
    iam.User(stacks["Users"], "User")
    staged = cdk.Stack(cdk.Stage(app, "Prod", env=place), "Access")
    iam.Role(staged, "Held", assumed_by=mfa)
    for held in (stacks["Entry"], stacks["Chain"], staged):
        assert_proved(held, "mfa-required", strict=True)
    for refuted in (stacks["Open"], stacks["Outer"]):
        with pytest.raises(AssertionError, match="gets Open"):
            assert_proved(refuted, "mfa-required")
    with pytest.raises(AssertionError, match="no policy was asked about"):
        assert_proved(stacks["Users"], "mfa-required")


def test_what_a_stack_carries_is_its_own(tmp_path: Path) -> None:
    """A template among the files of a stack is asked with it, and with no other one."""
    cdk = pytest.importorskip("aws_cdk")
    iam = pytest.importorskip("aws_cdk.aws_iam")
    assets = pytest.importorskip("aws_cdk.aws_s3_assets")
    (tmp_path / "nested.json").write_text(HOLE)
    app = cdk.App(builtin_cloud_formation_validation=False)
    carrying, other = (cdk.Stack(app, name) for name in ("Carrying", "Other"))
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    for stack in (carrying, other):
        iam.Role(stack, "Held", assumed_by=iam.AccountPrincipal("111122223333").with_conditions(mfa))
    asset = assets.Asset(carrying, "Nested", path=str(tmp_path / "nested.json"))
    cdk.CfnStack(carrying, "Inner", template_url=asset.http_url)
    assert_proved(other, "mfa-required")
    with pytest.raises(AssertionError, match="refuted"):
        assert_proved(carrying, "mfa-required")


def test_a_policy_is_asked_what_is_named() -> None:
    """The policy of a role has no name, and the failure has the request all the same."""
    with pytest.raises(AssertionError, match=r"refuted\[mfa-required\]: any user of(.|\n)*calls sts:AssumeRole"):
        assert_proved(POLICY, "statement-usable", "mfa-required")
    with pytest.raises(UsageError, match="name the properties"):
        assert_proved(POLICY)


def test_nothing_asked_is_nothing_proved() -> None:
    """A template without a policy passes no test."""
    with pytest.raises(AssertionError, match="nothing was proved"):
        assert_proved({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})


def test_an_invariant_that_is_named_has_to_be_about_something() -> None:
    """Beside a property that is proved it would pass for one that holds."""
    config = {"invariant": [{"name": "admins", "resources": ["OrgAdmin"], "mfa": True}]}
    held = json.loads(HELD)
    assert_proved(held, "mfa-required", config=config)
    with pytest.raises(AssertionError, match="nothing was proved of invariant-admins"):
        assert_proved(held, "mfa-required", "invariant-admins", config=config)
    config["invariant"][0]["resources"] = ["*"]
    assert_proved(held, "mfa-required", "invariant-admins", config=config)


def test_severities_count_as_in_the_gate() -> None:
    """What is a warning fails where warnings count."""
    config = {**CONFIG, "properties": {"mfa-required": {"severity": "warning"}}}
    assert_proved(json.loads(HOLE), config=config)
    with pytest.raises(AssertionError, match="mfa-required"):
        assert_proved(json.loads(HOLE), config=config, fail_on="warning")


def test_what_is_unknown_is_not_proved() -> None:
    """Nobody knows whose the account is: that is a warning of the gate, and no proof."""
    with pytest.raises(AssertionError, match="whose it is") as caught:
        assert_proved(json.loads(HELD), "inside-boundary")
    assert str(caught.value).endswith("or pass allow_unknown=True")
    assert_proved(json.loads(HELD), "inside-boundary", allow_unknown=True)
    assert_proved(json.loads(HELD), "inside-boundary", config=CONFIG)
    waiver = {"property": "inside-boundary", "resource": "Deployer", "reason": "the partner's"}
    assert_proved(json.loads(HELD), "inside-boundary", config={"waiver": [waiver]})
    with pytest.raises(AssertionError, match="whose it is"):
        assert_proved(json.loads(HELD), "inside-boundary", allow_unknown=True, strict=True)
    # What is refuted has its counterexample, and no advice about what is unknown.
    with pytest.raises(AssertionError, match="refuted") as caught:
        assert_proved(json.loads(HOLE), "mfa-required")
    assert "allow_unknown" not in str(caught.value)


@pytest.mark.parametrize(("account", "is_proved"), [("111122223333", True), ("999988887777", False)])
def test_a_policy_of_a_resource_is_asked_as_one(account: str, *, is_proved: bool) -> None:
    """A policy that stands alone does not say what it is put on: a property of several kinds is told."""
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    config = {"boundary": {"accounts": ["111122223333"]}}
    with nullcontext() if is_proved else pytest.raises(AssertionError, match=r"refuted\[inside-boundary\]"):
        assert_proved(policy, "inside-boundary", config=config, account="111122223333", kind="resource")


def test_a_kind_is_of_a_policy_only(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a kind is for a policy that stands alone"):
        assert_proved(tmp_path, kind="resource")


def test_what_is_unknown_of_a_policy_fails_with_its_reasons() -> None:
    """A policy has no severities: whatever is unknown fails, or nothing."""
    held = json.loads(HELD)["Resources"]["Deployer"]["Properties"]["AssumeRolePolicyDocument"]
    with pytest.raises(AssertionError, match=r"unknown\[inside-boundary\](.|\n)*reason: (.|\n)*allow_unknown=True"):
        assert_proved(held, "inside-boundary")
    assert_proved(held, "inside-boundary", allow_unknown=True)
    with pytest.raises(AssertionError, match="refuted"):
        assert_proved(POLICY, "mfa-required", allow_unknown=True)


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """A file that is broken, or not there, is neither proved nor refuted."""
    with pytest.raises(InputError, match="cannot be read"):
        assert_proved(tmp_path / "gone.json")


@pytest.mark.parametrize(("day", "strict", "said"), [(2, False, "waiver-expired"), (1, True, "waiver-unused")])
def test_a_waiver_of_a_mapping_fails_with_the_report(day: int, strict: bool, said: str) -> None:
    """The day a waiver ends, or is about nothing, the test fails for that, and names no file that there is not."""
    waiver = {"property": "mfa-required", "resource": "Deployer", "reason": "moves", "expires": date(2026, 12, 1)}
    config = {**CONFIG, "waiver": [waiver]}
    template = json.loads(HELD if strict else HOLE)
    with pytest.raises(AssertionError, match=said):
        assert_proved(template, config=config, today=date(2026, 12, day), strict=strict)
    with pytest.raises(UsageError, match=r"^<configuration>: this waiver expires"):
        assert_proved(template, config=config)
