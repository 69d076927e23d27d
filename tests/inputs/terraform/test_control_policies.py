"""
Control policies of Terraform: only what certainly denies, and is certainly attached to an account, makes a proof.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN, After, Resource, plan
from tests.inputs.terraform.test_twins import CONFIG, IAM, ROOT, SERVICE_CONTROL
from trustproof.results.report import Report

ASKED = "sensitive-actions-require-mfa"
HELD = [
    Resource("aws_iam_user.u", {"name": "u"}),
    Resource("aws_iam_user_policy.p", {"name": "p", "user": "u", "policy": IAM}),
]
POLICY, ATTACHMENT = "aws_organizations_policy.c", "aws_organizations_policy_attachment.c"


def asked(given: object, **options: Any) -> Report:
    report = trustproof.check([given], config=CONFIG, account=OWN, properties=[ASKED], **options)  # type: ignore[list-item]
    assert report.errors == ()
    return report


def verdict(report: Report) -> str:
    (found,) = (one for one in report.results if one.logical_id == "aws_iam_user_policy.p")
    rests = ("this rests on service control policies that stay attached: ",)
    assert any(reason.startswith(rests) for reason in found.reasons) is (found.verdict == "proved")
    return found.verdict


#: What is hidden of a plan, and the verdict.
PLANS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("nothing", {}, {}, "proved"),
    ("the target", {}, {"target_id": After()}, "refuted"),
    ("the policy that is attached", {}, {"policy_id": After(f"{POLICY}.id", POLICY)}, "refuted"),
    ("another policy", {}, {"policy_id": "p-FullAWSAccess"}, "refuted"),
    ("the content", {"content": After("data.http.x")}, {}, "refuted"),
    ("the type", {"type": After("var.type")}, {}, "refuted"),
]


@pytest.mark.parametrize(
    ("of_policy", "of_attachment", "expected"), [case[1:] for case in PLANS], ids=[case[0] for case in PLANS]
)
def test_what_a_plan_does_not_know(of_policy: dict[str, Any], of_attachment: dict[str, Any], expected: str) -> None:
    """A proof rests on no policy that is not known, nor on one of which nobody knows what it is attached to."""
    said = {"name": "c", "type": "SERVICE_CONTROL_POLICY", "content": SERVICE_CONTROL, **of_policy}
    attached = {"policy_id": "p-c", "target_id": ROOT, **of_attachment}
    made = [Resource(POLICY, said, {"id": "p-c"}), Resource(ATTACHMENT, attached)]
    assert verdict(asked(plan(*HELD, *made))) == expected


def test_an_attachment_that_is_deleted_and_made_anew_may_be_gone() -> None:
    """Terraform does not order the two; neither does one that is deleted alone keep anybody out."""
    policy = Resource(POLICY, {"name": "c", "content": SERVICE_CONTROL}, {"id": "p-c"})
    attached = {"policy_id": "p-c", "target_id": ROOT}
    old = Resource(ATTACHMENT, attached).change
    old["change"] = {"actions": ["delete"], "before": attached, "after": None, "after_unknown": {}}
    for more in ([Resource(f"{ATTACHMENT}_new", attached)], []):
        content = plan(*HELD, policy, *more)
        content["resource_changes"].append(old)
        assert verdict(asked(content)) == "refuted"


@pytest.mark.parametrize(
    ("actions", "before", "after", "expected"),
    [
        (["no-op"], ["SERVICE_CONTROL_POLICY"], ["SERVICE_CONTROL_POLICY"], "proved"),
        (["no-op"], [], [], "refuted"),
        (["no-op"], None, None, "refuted"),
        (["create"], None, ["TAG_POLICY"], "refuted"),
        (["create"], None, ["SERVICE_CONTROL_POLICY"], "proved"),
        (["create"], None, After("var.types"), "proved"),
        (["update"], [], ["SERVICE_CONTROL_POLICY"], "proved"),
        (["update"], ["SERVICE_CONTROL_POLICY", "TAG_POLICY"], ["SERVICE_CONTROL_POLICY"], "proved"),
        (["update"], ["SERVICE_CONTROL_POLICY", "TAG_POLICY"], ["TAG_POLICY"], "refuted"),
        (["update"], ["SERVICE_CONTROL_POLICY"], After("var.types"), "refuted"),
        (["update"], ["RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY"], ["SERVICE_CONTROL_POLICY"], "proved"),
        (["delete", "create"], ["SERVICE_CONTROL_POLICY"], ["SERVICE_CONTROL_POLICY"], "refuted"),
    ],
)
@pytest.mark.parametrize("is_of_cloud_control", [False, True])
def test_what_an_organization_disables_is_detached(
    actions: list[str], before: list[str] | None, after: Any, expected: str, is_of_cloud_control: bool
) -> None:
    """All policies of a type, from everything: what the plan leaves attached is so no more."""
    made = [
        Resource(POLICY, {"name": "c", "type": "SERVICE_CONTROL_POLICY", "content": SERVICE_CONTROL}, {"id": "p-c"}),
        Resource(ATTACHMENT, {"policy_id": "p-c", "target_id": ROOT}),
    ]
    if is_of_cloud_control:
        said = {"name": "c", "type": "SERVICE_CONTROL_POLICY", "content": SERVICE_CONTROL, "target_ids": [ROOT]}
        made = [Resource("awscc_organizations_policy.c", said)]
    organization = Resource("aws_organizations_organization.o", {"enabled_policy_types": after})
    content = plan(*HELD, *made, organization)
    change = content["resource_changes"][-1]["change"]
    is_made = actions == ["create"]
    change |= {"actions": actions, "before": None if is_made else {"id": "o-1", "enabled_policy_types": before}}
    report = asked(content)
    assert verdict(report) == expected
    assert any("counts as attached to nothing" in one for one in report.notes) is (expected == "refuted")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('enabled_policy_types = ["SERVICE_CONTROL_POLICY"]', "proved"),
        ("enabled_policy_types = var.types", "proved"),
        ("enabled_policy_types = []", "refuted"),
        ("enabled_policy_types = null", "refuted"),
        ("", "refuted"),
        ("lifecycle {\n ignore_changes = [enabled_policy_types]\n }", "proved"),
        ("enabled_policy_types = []\n lifecycle {\n ignore_changes = all\n }", "proved"),
    ],
)
def test_a_configuration_attaches_nothing_of_a_type_that_its_organization_has_not_enabled(
    tmp_path: Path, said: str, expected: str
) -> None:
    """Terraform disables what is not listed, and AWS then detaches it, or refuses to attach it."""
    (tmp_path / "main.tf").write_text(
        f"""
        variable "types" {{}}
        resource "aws_organizations_organization" "o" {{
          {said}
        }}
        data "aws_organizations_organization" "o" {{}}
        resource "aws_organizations_policy" "c" {{
          name    = "c"
          content = {json.dumps(SERVICE_CONTROL)}
        }}
        resource "aws_organizations_policy_attachment" "c" {{
          policy_id = aws_organizations_policy.c.id
          target_id = "{ROOT}"
        }}
        resource "aws_iam_user" "u" {{
          name = "u"
        }}
        resource "aws_iam_user_policy" "p" {{
          name   = "p"
          user   = aws_iam_user.u.name
          policy = {json.dumps(IAM)}
        }}
        """
    )
    assert verdict(asked(tmp_path)) == expected


def test_a_policy_that_is_taken_from_where_it_was_is_named() -> None:
    """By a plan that no longer attaches it, or attaches it to something else."""
    policy = Resource(POLICY, {"name": "c", "content": SERVICE_CONTROL}, {"id": "p-c"})
    old, other = (
        plan(policy, Resource(ATTACHMENT, {"policy_id": "p-c", "target_id": target})) for target in (ROOT, OWN)
    )
    for new in (plan(policy), other):
        said = [reason for one in trustproof.diff(old, new).undecided for reason in one.reasons]
        assert "what the control policy of the old side stops is not compared" in said
    assert trustproof.diff(old, old).is_empty


USER = """
resource "aws_iam_user" "u" {
  name = "u"
}
resource "aws_iam_user_policy" "p" {
  user   = aws_iam_user.u.name
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "iam:CreateUser", Resource = "*" }] })
}
data "aws_x" "y" {}
variable "v" {
  type = bool
}
"""
WITHOUT_MFA = '{ BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }'
DENY = f'{{ Effect = "Deny", Action = "iam:*", Resource = "*", Condition = {WITHOUT_MFA} }}'
CONTENT = f'jsonencode({{ Version = "2012-10-17", Statement = [{DENY}] }})'
OPEN_STATEMENT = """data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = data.aws_x.y.list
    content {
      effect    = "Deny"
      actions   = ["*"]
      resources = ["*"]
    }
  }
}
"""
OF_AWS, OF_AWSCC = "aws_organizations_policy", "awscc_organizations_policy"


def policy(more: str = "", content: str = CONTENT) -> str:
    return f'resource "{OF_AWS}" "c" {{\n  {more}\n  name = "c"\n  content = {content}\n}}\n'


def attachment(more: str = "", policy_id: str = f"{POLICY}.id", target: str = f'"{ROOT}"') -> str:
    arguments = f"{more}\n  policy_id = {policy_id}\n  target_id = {target}"
    return f'resource "{OF_AWS}_attachment" "c" {{\n  {arguments}\n}}\n'


def of_awscc(more: str = "", targets: str = "", content: str = CONTENT) -> str:
    arguments = f'{more}\n  name = "c"\n  type = "SERVICE_CONTROL_POLICY"\n  content = {content}\n  {targets}'
    return f'resource "{OF_AWSCC}" "c" {{\n  {arguments}\n}}\n'


ONE_OF_TWO = "count = var.v ? 1 : 0"
OPEN = "for_each = data.aws_x.y.list"
KNOWN_AND_OPEN = f'for_each = toset(["{ROOT}", data.aws_x.y.one])'
UNIT = 'data "aws_organizations_organizational_unit" "u" {\n  parent_id = "r-a1b2"\n  name = "u"\n}\n'
#: Blocks, and the verdict.
CONFIGURATIONS: list[tuple[str, str, str]] = [
    ("attached", policy() + attachment(), "proved"),
    ("attached to the account", policy() + attachment(target=f'"{OWN}"'), "proved"),
    ("attached to nothing", policy(), "refuted"),
    ("attached elsewhere", policy() + attachment(target='"r-zz99"'), "refuted"),
    ("to each of some", policy() + attachment(f'for_each = toset(["{ROOT}", "r-zz99"])', target="each.key"), "proved"),
    ("to one of two", policy() + attachment(target=f'var.v ? "{ROOT}" : "r-zz99"'), "refuted"),
    (
        "to the root of the organization",
        'data "aws_organizations_organization" "o" {}\n'
        + policy()
        + attachment(target="data.aws_organizations_organization.o.roots[0].id"),
        "proved",
    ),
    (
        "to the root of the organization that is made",
        'resource "aws_organizations_organization" "o" {\n  enabled_policy_types = ["SERVICE_CONTROL_POLICY"]\n}\n'
        + policy()
        + attachment(target="aws_organizations_organization.o.roots[0].id"),
        "proved",
    ),
    (
        "to the root of another provider's organization",
        'provider "aws" {\n  alias = "other"\n  profile = "other"\n}\n'
        'data "aws_organizations_organization" "o" {\n  provider = aws.other\n}\n'
        + policy()
        + attachment(target="data.aws_organizations_organization.o.roots[0].id"),
        "refuted",
    ),
    (
        "to what is made of the root",
        'data "aws_organizations_organization" "o" {}\n'
        + policy()
        + attachment(target='"${data.aws_organizations_organization.o.roots[0].id}x"'),
        "refuted",
    ),
    (
        "to a unit that is looked up",
        UNIT + policy() + attachment(target="data.aws_organizations_organizational_unit.u.id"),
        "refuted",
    ),
    ("perhaps attached", policy() + attachment(ONE_OF_TWO), "refuted"),
    ("attached any number of times", policy() + attachment("count = data.aws_x.y.n"), "refuted"),
    ("attached by keys that are not known", policy() + attachment(OPEN), "refuted"),
    ("attached by a known key and others", policy() + attachment(KNOWN_AND_OPEN, target="each.key"), "proved"),
    ("perhaps there", policy(ONE_OF_TWO) + attachment(ONE_OF_TWO, f"{POLICY}[0].id"), "refuted"),
    ("each of some", policy('for_each = toset(["a.b"])') + attachment(policy_id=f'{POLICY}["a.b"].id'), "proved"),
    ("one of any number", policy(OPEN) + attachment(policy_id=f'{POLICY}["a"].id'), "refuted"),
    ("another attribute", policy() + attachment(policy_id=f"{POLICY}.arn"), "refuted"),
    ("made of its id", policy() + attachment(policy_id=f'replace({POLICY}.id, "a", "b")'), "refuted"),
    ("left as it is", policy("lifecycle {\n    ignore_changes = [content]\n  }") + attachment(), "refuted"),
    ("left where it is", policy() + attachment("lifecycle {\n    ignore_changes = [target_id]\n  }"), "refuted"),
    ("a content that is not known", policy(content="data.aws_x.y.json") + attachment(), "refuted"),
    ("of another type", policy('type = "TAG_POLICY"') + attachment(), "refuted"),
    ("a type that is not known", policy("type = data.aws_x.y.type") + attachment(), "refuted"),
    ("perhaps of another type", policy('type = var.v ? null : "TAG_POLICY"') + attachment(), "refuted"),
    (
        "any number of statements",
        OPEN_STATEMENT + policy(content="data.aws_iam_policy_document.d.json") + attachment(),
        "refuted",
    ),
    ("a part that is not known", policy(content=CONTENT.replace('"*"', "data.aws_x.y.arn")) + attachment(), "refuted"),
    ("of awscc", of_awscc(targets=f'target_ids = ["{ROOT}"]'), "proved"),
    ("of awscc, attached besides", of_awscc() + attachment(policy_id=f"{OF_AWSCC}.c.id"), "proved"),
    ("of awscc, attached to any", of_awscc(targets="target_ids = data.aws_x.y.list"), "refuted"),
    ("of awscc, to any and besides", of_awscc(targets="target_ids = data.aws_x.y.list") + attachment(), "refuted"),
    ("of awscc, perhaps there", of_awscc(OPEN, f'target_ids = ["{ROOT}"]'), "refuted"),
    ("of awscc, not known", of_awscc("", f'target_ids = ["{ROOT}"]', "data.aws_x.y.json"), "refuted"),
]


@pytest.mark.parametrize(
    ("blocks", "expected"), [case[1:] for case in CONFIGURATIONS], ids=[case[0] for case in CONFIGURATIONS]
)
def test_what_a_configuration_says(blocks: str, expected: str, tmp_path: Path) -> None:
    """What perhaps is there, or perhaps attached, keeps nobody out."""
    pytest.importorskip("tree_sitter_hcl")
    (tmp_path / "main.tf").write_text(USER + blocks)
    assert verdict(asked(tmp_path)) == expected


def test_the_roots_of_two_root_modules_may_be_two(tmp_path: Path) -> None:
    """Which of them is the one of the configuration, nobody says; of one a proof says that it is taken to be."""
    pytest.importorskip("tree_sitter_hcl")
    looked_up = 'data "aws_organizations_organization" "o" {}\n'
    looked_up += policy() + attachment(target="data.aws_organizations_organization.o.roots[0].id")
    for name, text in (("a", USER + looked_up), ("b", looked_up)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text)
    assert verdict(asked(tmp_path)) == "refuted"
    report = asked(tmp_path / "a")
    assert verdict(report) == "proved"
    assert any("taken to be the root of [organization]" in reason for one in report.results for reason in one.reasons)


def test_an_attachment_is_compared_with_its_policy(tmp_path: Path) -> None:
    """A policy that is split into two, each with an attachment, is no change; an attachment that is gone is one."""
    pytest.importorskip("tree_sitter_hcl")

    def control(name: str, *actions: str) -> str:
        statement = f'{{ Effect = "Deny", Action = {json.dumps(actions)}, Resource = "*" }}'
        content = f'jsonencode({{ Version = "2012-10-17", Statement = [{statement}] }})'
        return (policy(content=content) + attachment()).replace('"c"', f'"{name}"').replace(".c.id", f".{name}.id")

    def found(old: str, new: str) -> trustproof.Difference:
        for name, text in (("old", old), ("new", new)):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / "main.tf").write_text(USER + text)
        return trustproof.diff(tmp_path / "old", tmp_path / "new", config=CONFIG, account=OWN)

    one, two = control("a", "iam:*", "ec2:*"), control("a", "iam:*") + control("b", "ec2:*")
    assert found(one, two).is_empty
    assert found(two, one).is_empty
    gone = found(two, two.partition('resource "aws_organizations_policy_attachment" "b"')[0])
    assert gone.gained or gone.undecided


def test_what_organizations_refuses_is_said_at_its_line(tmp_path: Path) -> None:
    """As of any other policy."""
    pytest.importorskip("tree_sitter_hcl")
    content = '<<-E\n{"Statement": [{\n"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}\nE'
    (tmp_path / "main.tf").write_text(policy('type = "RESOURCE_CONTROL_POLICY"', content))
    (error,) = trustproof.check([tmp_path]).errors
    said = f'main.tf:6:1: {POLICY}: the Effect of a resource control policy is "Allow", expected "Deny"'
    assert str(error).endswith(said)
