"""
Reports made by hand: a template's text, and results that point into it.
"""

from __future__ import annotations

from pathlib import Path as File
from typing import Any

from trustproof.errors import TemplateError
from trustproof.inputs.source_texts import SourceTexts
from trustproof.model.policy import Path
from trustproof.model.position import Position
from trustproof.model.request import USER_KEY, Caller, Request
from trustproof.results.edit import set_value
from trustproof.results.report import Report
from trustproof.results.result import ERROR, PROVED, REFUTED, UNKNOWN, WARNING, Counterexample, Remedy, Result

SNAPSHOTS = File(__file__).parent / "snapshots"

TEMPLATE = "access.template.json"
TEXT = """\
{
  "Resources": {
    "Deployer": {
      "Type": "AWS::IAM::Role",
      "Properties": {
        "AssumeRolePolicyDocument": {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Effect": "Allow",
              "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
              "Action": "sts:AssumeRole",
              "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
            }
          ]
        }
      }
    }
  }
}
"""
STATEMENT = ("Resources", "Deployer", "Properties", "AssumeRolePolicyDocument", "Statement", 0)
CONDITION = (*STATEMENT, "Condition", "BoolIfExists", "aws:MultiFactorAuthPresent")
ALICE = "arn:aws:iam::222222222222:user/alice"


class FakeSources(SourceTexts):
    """One text for every template, and the positions it is told."""

    below = top = ""

    def __init__(self, positions: dict[Path, tuple[int, int, int]], text: str = TEXT) -> None:
        self.positions = positions
        self.text = text
        self.asked: list[Path] = []

    def position(self, template: str, path: Path) -> Position | None:
        self.asked.append(path)
        found = self.positions.get(path)
        return None if found is None else Position(*found)

    def shown_path(self, template: str, path: Path) -> Path:
        return path

    def line(self, template: str, number: int, file: str = "") -> str:
        return self.text.split("\n")[number - 1]


def report(*results: Result, sources: FakeSources, **more: Any) -> Report:
    """A report on one template with one policy, unless more is said."""
    whole = Report(results, templates=1, policies=1, skipped=(), errors=(), notes=(), sources=sources)
    return whole.replace(**more)


def snapshot(name: str) -> str:
    """The expected output of that name, byte for byte."""
    return (SNAPSHOTS / name).read_bytes().decode()


def counterexample(**changes: Any) -> Counterexample:
    """Alice's access key."""
    role = "arn:aws:iam::111122223333:role/Deployer"
    found = Counterexample(
        caller=ALICE,
        credentials="IAM user, long-term access key, no MFA",
        action="sts:AssumeRole",
        resource=role,
        context={"aws:MultiFactorAuthPresent": None},
        parameters={},
        request=Request(Caller(USER_KEY, ALICE), "sts:AssumeRole", role, {}),
    )
    return found._replace(**changes)


def result(**changes: Any) -> Result:
    """A refuted `mfa-required` of the template's role."""
    found = Result(
        property="mfa-required",
        verdict=REFUTED,
        severity=ERROR,
        template=TEMPLATE,
        logical_id="Deployer",
        resource_type="AWS::IAM::Role",
        construct_path="Prod/Access/Deployer/Resource",
        account="111122223333",
        path=CONDITION,
        message="a user without MFA may get credentials of Deployer",
        label="true when the key is absent",
        counterexample=counterexample(),
        why=("BoolIfExists is true when the key is absent",),
        remedy=Remedy(
            "ask with Bool, which is false when the key is absent",
            (
                set_value((*CONDITION[:-2], "BoolIfExists"), {"aws:MultiFactorAuthPresent": "true"}, None),
                set_value((*CONDITION[:-2], "Bool"), None, {"aws:MultiFactorAuthPresent": "true"}),
            ),
        ),
    )
    return found._replace(**changes)


def sources(text: str = TEXT) -> FakeSources:
    """Positions of the template's condition and statement."""
    return FakeSources({CONDITION: (13, 47, 75), STATEMENT: (9, 13, 14)}, text)


def refuted() -> Report:
    """One role, one hole."""
    return report(result(), sources=sources())


def mixed() -> Report:
    """Every kind of result, and everything else a report may have to say."""
    warning = result(
        property="session-duration-bounded",
        severity=WARNING,
        construct_path=None,
        path=("Resources", "Deployer", "Properties", "a/b"),
        message="sessions of Deployer may last 12 hours",
        label="",
        counterexample=counterexample(
            action="s3:GetObject",
            resource="arn:aws:s3:::bucket/key",
            context={"aws:SourceIp": "203.0.113.7", "aws:CalledVia": ("athena.amazonaws.com", 'odd"one')},
            parameters={"Stage": "prod", "HubAccount": "222222222222"},
        ),
        why=("the first reason", "the second reason"),
        remedy=Remedy("set MaxSessionDuration to 3600"),
    )
    unknown = result(
        property="inside-boundary",
        verdict=UNKNOWN,
        path=STATEMENT,
        message="whether outsiders may assume Deployer is not known",
        counterexample=None,
        why=(),
        reasons=(
            "222222222222 is not declared; add it to [boundary] accounts if it is one of yours",
            "Vendor is a parameter without default",
        ),
        remedy=None,
    )
    proved = result(verdict=PROVED, counterexample=None, why=(), remedy=None, label="", message="holds")
    rests = ("whoever may create virtual MFA devices in 222222222222 can pass MFA",)
    return report(
        proved,
        proved._replace(reasons=rests),
        unknown,
        *(proved._replace(reasons=rests, logical_id=name) for name in ("Auditor", "Auditor", "Reader", "Viewer")),
        warning,
        result(),
        sources=sources(),
        templates=3,
        policies=12,
        skipped=(
            ("cdk.out/tree.json", "not a template"),
            ("cdk.out/assets/a.json", "not a template"),
            ("notes.yaml", "has no Resources"),
        ),
        errors=(TemplateError("duplicate key", "broken.json", 3, 7), TemplateError("duplicate key", "broken.json", 9)),
        notes=("empty.json has no policy: nothing was proved about it",),
    )
