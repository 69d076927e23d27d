"""
What ``lifecycle`` leaves as it is: a configuration alone says what a resource is created with, and not what is there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import HUB, OTHER, OWN, Resource, plan, trust
from trustproof.results.report import Report
from trustproof.results.result import Result

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")


def line(report: Report, found: Result) -> int:
    return report.sources.position(found.template, (*found.path, *found.caret)).line


MFA = 'Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }'


def document(statement: str) -> str:
    return f'jsonencode({{ Version = "2012-10-17", Statement = [{{ {statement} }}] }})'


def trusting(condition: str = MFA) -> str:
    statement = f'Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "{HUB}" }}'
    return document(f"{statement}, {condition}" if condition else statement)


def allowing(condition: str = "") -> str:
    statement = 'Effect = "Allow", Action = "s3:*", Resource = "*"'
    return document(f"{statement}, {condition}" if condition else statement)


def block(type_: str, arguments: str, ignored: str = "", name: str = "x") -> str:
    lifecycle = f"  lifecycle {{\n    ignore_changes = {ignored}\n  }}\n" if ignored else ""
    return f'resource "{type_}" "{name}" {{\n{arguments}\n{lifecycle}}}\n'


def role(policy: str, ignored: str = "") -> str:
    return block("aws_iam_role", f'  name = "x"\n  assume_role_policy = {policy}', ignored)


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., Report]:
    """Checks the configuration that some files are."""

    def _check(files: str | dict[str, str]) -> Report:
        for name, text in ({"main.tf": files} if isinstance(files, str) else files).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return trustproof.check([tmp_path], config={}, account=OWN)

    return _check


def verdicts(report: Report, property_: str) -> set[str]:
    assert report.errors == ()
    return {one.verdict for one in report.results if one.property == property_}


@pytest.mark.parametrize(
    "ignored",
    ["[assume_role_policy]", "all", '["assume_role_policy"]', '["*"]', "[tags, assume_role_policy[0]]"],
)
def test_a_policy_that_is_left_as_it_is_is_not_proved(check: Callable[..., Report], ignored: str) -> None:
    """What is written is right, and what is there is not known: the reason names the line and what would tell."""
    report = check(role(trusting(), ignored))
    assert verdicts(report, "mfa-required") == {"unknown"}
    (found,) = (one for one in report.results if one.property == "mfa-required")
    (reason,) = found.reasons
    assert "main.tf:5 leaves the assume_role_policy of aws_iam_role.x as it is" in reason
    assert reason.endswith("check the plan, or the state")
    assert line(report, found) == 5


def test_what_is_written_is_refuted_all_the_same(check: Callable[..., Report]) -> None:
    """Where the role is created it has the policy that is written, and the counterexample says that."""
    report = check(role(trusting(""), "[assume_role_policy]"))
    assert "refuted" in verdicts(report, "mfa-required")
    found = next(one for one in report.results if one.verdict == "refuted")
    assert found.counterexample is not None
    assert "aws_iam_role.x was there before" in str(found.counterexample)


@pytest.mark.parametrize("ignored", ["[name]", "[description]", '[tags["Owner"]]', "[]"])
def test_what_does_not_decide_who_gets_in_changes_nothing(check: Callable[..., Report], ignored: str) -> None:
    """Of a role whose tags somebody else sets the policy is proved."""
    assert verdicts(check(role(trusting(), ignored)), "mfa-required") == {"proved"}


def test_tags_that_others_set_are_not_known_to_be_missing(check: Callable[..., Report]) -> None:
    """A policy that lets in roles with a tag is not proved of one that may have it."""
    tagged = 'Condition = { StringEquals = { "aws:PrincipalTag/admin" = "yes" } }'
    policy = block("aws_iam_user_policy", f'  name = "x"\n  user = aws_iam_user.x.name\n  policy = {allowing(tagged)}')
    tags = '  name = "x"\n  tags = { admin = "no" }'
    known = block("aws_iam_user", tags)
    assert verdicts(check(known + policy), "sensitive-actions-require-mfa") == {"proved"}
    ignored = block("aws_iam_user", tags, "[tags]")
    assert "proved" not in verdicts(check(ignored + policy), "sensitive-actions-require-mfa")


BAD, GOOD = allowing(), allowing(MFA)
USER = block("aws_iam_user", '  name = "x"')


def held(policy: str, ignored: str = "") -> str:
    arguments = f'  name = "x"\n  user = aws_iam_user.x.name\n  policy = {policy}'
    return block("aws_iam_user_policy", arguments, ignored)


def attached(policy: str, ignored: str = "", type_: str = "aws_iam_user_policy_attachment") -> str:
    holder = "users = [aws_iam_user.x.name]" if type_ == "aws_iam_policy_attachment" else "user = aws_iam_user.x.name"
    named = '  name = "x"\n' if type_ == "aws_iam_policy_attachment" else ""
    arguments = f"{named}  {holder}\n  policy_arn = aws_iam_policy.x.arn"
    return block("aws_iam_policy", f'  name = "x"\n  policy = {policy}') + block(type_, arguments, ignored)


@pytest.mark.parametrize(
    "made",
    [
        lambda policy, ignored: USER + held(policy, "[policy]" if ignored else ""),
        lambda policy, ignored: USER + attached(policy, "[policy_arn]" if ignored else ""),
        lambda policy, ignored: USER + attached(policy, "[users]" if ignored else "", "aws_iam_policy_attachment"),
    ],
    ids=["inline", "policy_arn", "users"],
)
def test_what_somebody_has_is_proved_only_where_it_is_set(
    check: Callable[..., Report], made: Callable[[str, bool], str]
) -> None:
    """Of a policy, an attachment, and whom it names: what is written is refuted, and never proved."""
    asked = "sensitive-actions-require-mfa"
    assert verdicts(check(made(GOOD, False)), asked) == {"proved"}
    assert "refuted" in verdicts(check(made(BAD, True)), asked)
    ignored = check(made(GOOD, True))
    assert "unknown" in verdicts(ignored, asked)
    assert "refuted" not in verdicts(ignored, asked)
    assert any("ignore_changes" in reason for one in ignored.results for reason in one.reasons)


def test_a_boundary_that_is_left_as_it_is_proves_nothing(check: Callable[..., Report]) -> None:
    """What a boundary keeps out is only kept out where the user is created."""
    boundary = block("aws_iam_policy", f'  name = "b"\n  policy = {allowing(MFA)}', "", "b")
    bound = '  name = "x"\n  permissions_boundary = aws_iam_policy.b.arn'
    assert verdicts(check(boundary + block("aws_iam_user", bound) + held(BAD)), "sensitive-actions-require-mfa") == {
        "proved"
    }
    ignored = check(boundary + block("aws_iam_user", bound, "[permissions_boundary]") + held(BAD))
    assert verdicts(ignored, "sensitive-actions-require-mfa") == {"unknown"}


def test_inline_blocks_that_are_left_as_they_are(check: Callable[..., Report]) -> None:
    """They are judged where the role is created, each at its line, and unknown elsewhere."""
    admin = document('Effect = "Allow", Action = "*", Resource = "*"')
    inline = f'  inline_policy {{\n    name = "p"\n    policy = {admin}\n  }}'
    text = f'  name = "x"\n  assume_role_policy = {trusting()}\n{inline}'
    report = check(block("aws_iam_role", text, "[inline_policy]"))
    found = [one for one in report.results if one.property == "assume-role-scoped"]
    assert {one.verdict for one in found} == {"refuted", "unknown"}
    assert [line(report, one) for one in found if one.verdict == "refuted"] == [6]


def test_lifecycle_in_json_in_overrides_and_in_modules(check: Callable[..., Report]) -> None:
    """Wherever it is written; an override of another argument of lifecycle leaves it as it is."""
    written = {"name": "x", "assume_role_policy": trust(condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})}
    lifecycle = {"ignore_changes": ["assume_role_policy"]}
    for value in (lifecycle, [lifecycle], {"ignore_changes": "all"}):
        content = {"resource": {"aws_iam_role": {"x": {**written, "lifecycle": value}}}}
        assert verdicts(check({"main.tf.json": json.dumps(content)}), "mfa-required") == {"unknown"}


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": role(trusting()), "a_override.tf": block("aws_iam_role", "", "[assume_role_policy]")},
        {
            "main.tf": role(trusting(), "[assume_role_policy]"),
            "override.tf": 'resource "aws_iam_role" "x" {\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n',
        },
        {"main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": role(trusting(), "[assume_role_policy]")},
    ],
    ids=["added", "kept", "module"],
)
def test_where_lifecycle_stands(check: Callable[..., Report], files: dict[str, str]) -> None:
    """An override adds it, one of another argument leaves it, and a module has its own."""
    assert verdicts(check(files), "mfa-required") == {"unknown"}


def test_what_is_taken_from_an_argument_that_is_left_as_it_is(check: Callable[..., Report]) -> None:
    """Another role with the policy of such a role has what that one has."""
    other = block("aws_iam_role", '  name = "y"\n  assume_role_policy = aws_iam_role.x.assume_role_policy', "", "y")
    report = check(role(trusting(), "[assume_role_policy]") + other)
    asked = [one for one in report.results if one.logical_id == "aws_iam_role.y" and one.property == "mfa-required"]
    assert [one.verdict for one in asked] == ["unknown"]


def test_a_plan_has_what_is_there(tmp_path: Path) -> None:
    """The plan's policy is judged, which is not the one that is written; and that is no other configuration."""
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(role(trusting(), "[assume_role_policy]"))
    there = Resource("aws_iam_role.x", {"name": "x", "assume_role_policy": trust({"AWS": OTHER})})
    (tmp_path / "plan.json").write_text(json.dumps(plan(there)))
    report = trustproof.check([tmp_path / "plan.json"], config={}, account=OWN, source=tmp_path / "infra")
    assert verdicts(report, "mfa-required") == {"refuted"}
    found = next(one for one in report.results if one.property == "mfa-required")
    assert line(report, found) == 1
    (tmp_path / "infra" / "main.tf").write_text(role(trusting()))
    (error,) = trustproof.check([tmp_path / "plan.json"], config={}, account=OWN, source=tmp_path / "infra").errors
    assert "is not the one that was planned" in str(error)


def test_what_a_resource_of_another_provider_ignores_refers_to_nothing(tmp_path: Path) -> None:
    """An argument with a key is none of the names of a configuration."""
    others = block("azurerm_linux_web_app", "  name = 1", '[app_settings["A"]]') + 'output "x" {\n  value = x[0]\n}\n'
    (tmp_path / "main.tf").write_text(others + role(trusting()), encoding="utf-8")
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["mfa-required"])
    assert [one.verdict for one in report.results] == ["proved"]
