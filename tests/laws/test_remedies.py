"""
A remedy puts right what it is for, locks out nobody whom the template itself sends, and loses nothing that was proved.
"""

from __future__ import annotations

import json
import tempfile
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import trustproof
from tests.corpus.files import CORPUS, missing
from tests.corpus.precision import files
from tests.laws.remedying import NotHere, Step, edited, proved, refuted_there, sent, written
from tests.strategies import examples, is_deep
from trustproof import Report, Result
from trustproof.inputs.text.source import read
from trustproof.results.groups import groups

Json = dict[str, Any]
ROOT = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
EC2, PIPELINE, SCHEDULER = ({"Service": f"{name}.amazonaws.com"} for name in ("ec2", "codepipeline", "scheduler"))
PRINCIPALS: list[Json] = [
    {"AWS": ROOT},
    {"AWS": [ROOT]},
    {"AWS": ROOT, **EC2},
    {"AWS": "*"},
    {"AWS": ["444455556666", ROOT]},
    {"AWS": "arn:aws:iam::444455556666:role/entry"},
    EC2,
    PIPELINE,
    SCHEDULER,
    {"Service": ["scheduler.amazonaws.com", "ec2.amazonaws.com"]},
    {"AWS": ROOT, **SCHEDULER},
]
MFA = "aws:MultiFactorAuthPresent"
CONDITIONS: list[Json | None] = [
    None,
    None,
    {"Bool": {MFA: "true"}},
    {"BoolIfExists": {MFA: "true"}},
    {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
    {"StringEquals": {"sts:ExternalId": "ours"}},
    {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}},
]
ROLES = ("First", "Second", "Third")


def any_template(rng: Random) -> Json:
    """Roles that are let in and sent in many ways, with a user and a topic beside them."""
    resources: Json = {}
    for name in ROLES:
        trust = [any_statement(rng) for _ in range(rng.choice((1, 1, 2)))]
        resources[name] = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": trust},
                **({"RoleName": name.lower()} if rng.random() < 0.5 else {}),
                **({"MaxSessionDuration": 43200} if rng.random() < 0.2 else {}),
            },
        }
    for number in range(rng.choice((1, 2, 3))):
        whom, target = rng.choice([*ROLES, "User"]), rng.choice(ROLES)
        to = rng.choice(
            (
                {"Fn::GetAtt": [target, "Arn"]},
                {"Fn::GetAtt": [target, "Arn"]},
                "*",
                f"arn:aws:iam::*:role/{target.lower()}",
            )
        )
        action = rng.choice(("sts:AssumeRole", ["sts:AssumeRole", "s3:GetObject"], "*"))
        resources[f"Policy{number}"] = {
            "Type": "AWS::IAM::Policy",
            "Properties": {
                "PolicyName": f"p{number}",
                "Users" if whom == "User" else "Roles": [{"Ref": whom}],
                "PolicyDocument": {
                    "Version": rng.choice(("2012-10-17", "2008-10-17")),
                    "Statement": {"Effect": "Allow", "Action": action, "Resource": to},
                },
            },
        }
    resources["User"] = {"Type": "AWS::IAM::User", "Properties": {}}
    service = rng.choice(("budgets", "cloudtrail", "s3"))
    resources["Topic"] = {
        "Type": "AWS::SNS::TopicPolicy",
        "Properties": {
            "Topics": ["t"],
            "PolicyDocument": {
                "Statement": {
                    "Effect": "Allow",
                    "Principal": rng.choice(("*", {"Service": f"{service}.amazonaws.com"})),
                    "Action": "sns:Publish",
                    "Resource": "*",
                }
            },
        },
    }
    # Each part is its own, whatever it was chosen from.
    found: Json = json.loads(json.dumps({"Resources": resources}))
    return found


def any_statement(rng: Random) -> Json:
    """A statement of a trust policy."""
    condition = rng.choice(CONDITIONS)
    found: Json = {"Effect": "Allow", "Principal": rng.choice(PRINCIPALS), "Action": "sts:AssumeRole"}
    return found if condition is None else {**found, "Condition": condition}


def held(folder: Path, template: Json, report: Report, found: Result, before: set[Step]) -> bool:
    """
    Hold the remedy of a result to the law; whether it could be applied.

    Args:
        before: which roles the template sends to which.

    Raises:
        AssertionError: somebody is locked out, something is lost, or it does not help.
    """
    assert found.remedy is not None
    try:
        file = written(folder, edited(template, found.remedy.edits))
    except NotHere:
        return False
    after = trustproof.check([file], config={})
    assert not after.errors, (found.remedy, after.errors)
    about = (found.property, found.logical_id, found.remedy)
    left = sent(file) if before else set()
    assert before <= left, (about, before - left)
    assert proved(report) <= proved(after), (about, proved(report) - proved(after))
    assert not refuted_there(after, found), about
    return True


@given(st.integers(0, 2**32))
@examples(15, in_deep=250)
def test_no_remedy_hurts_a_template(seed: int) -> None:
    """Of roles that send each other, whoever is sent still gets in, and what was proved is proved."""
    template = any_template(Random(seed))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        report = trustproof.check([written(folder, template)], config={})
        assert not report.errors
        before = sent(written(folder, template))
        for found in report.results:
            if found.verdict == trustproof.REFUTED and found.remedy is not None and found.remedy.edits:
                held(folder, template, report, found, before)


@missing
def test_no_remedy_hurts_a_real_template(tmp_path: Path) -> None:
    """The same of every finding that a report on the corpus shows; in ``make test``, of every sixteenth template."""
    applied, one_in = 0, 1 if is_deep() else 16
    for file, _ in islice(files(), 0, None, one_in):
        report = trustproof.check([str(CORPUS / file)], config={})
        # Of what AWS refuses nothing can be said to be proved.
        shown = [] if report.errors else [group.lead for group in groups(report.results)]
        edits = [r for r in shown if r.verdict == trustproof.REFUTED and r.remedy is not None and r.remedy.edits]
        template = read(str(CORPUS / file)).load() if edits else {}
        assert isinstance(template, dict)
        before = sent(written(tmp_path, template)) if edits else set()
        applied += sum(held(tmp_path, template, report, found, before) for found in edits)
    assert applied > (80 if one_in == 1 else 2)
