"""
Remedies of one document that several resources share.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import Resource, plan
from trustproof import Result
from trustproof.results.groups import groups

OWN = "111122223333"
ROLES = """
Resources:
  Human:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: &trust
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}
            Action: sts:AssumeRole
  Support:
    Type: AWS::IAM::Role
    Properties:
      RoleName: support
      AssumeRolePolicyDocument: *trust
"""
BUILD = """
  Build:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: codebuild.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: p
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: sts:AssumeRole,
                         Resource: !Sub "arn:aws:iam::${AWS::AccountId}:role/support"}]
"""
MODULE = """
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
}
resource "aws_iam_role" "human" {
  name               = "human"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
resource "aws_iam_role" "support" {
  name               = "support"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
"""
SENDER = """
resource "aws_iam_role" "build" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = { Service = "codebuild.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy" "build" {
  role   = aws_iam_role.build.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.support.arn }] })
}
"""
STATEMENT = "[{Effect: Allow, Principal: {Service: %s}, Action: 'sns:Publish', Resource: !Ref T}]"
TOPIC = """
  T: {Type: AWS::SNS::Topic}
  TP:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref T]
      PolicyDocument: {Version: "2012-10-17", Statement: %s}
"""
BOTH = "Parameters: {Service: {Type: String, AllowedValues: [cloudwatch.amazonaws.com, ONE.amazonaws.com]}}"
STACK = """
  %s:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ./child.yaml, Parameters: {Service: %s.amazonaws.com}}
"""
QUEUE = """
variable "service" { type = string }
resource "aws_sqs_queue" "q" {}
resource "aws_sqs_queue_policy" "q" {
  queue_url = aws_sqs_queue.q.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sqs:SendMessage", Principal = { Service = var.service }, Resource = aws_sqs_queue.q.arn
  }] })
}
"""
REGIONAL_MODULE = """
variable "region" { default = "eu-west-2" }
resource "aws_kms_key" "k" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "kms:*", Resource = "*", Principal = { AWS = "arn:aws:iam::111122223333:root" }
  }, {
    Effect = "Allow", Action = "kms:Decrypt", Resource = "*",
    Principal = { Service = "logs.${var.region}.amazonaws.com" }
  }] })
}
"""
REGIONAL = """
Parameters: {Region: {Type: String, Default: eu-west-2}}
Resources:
  K:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Action: "kms:*", Resource: "*", Principal: {AWS: !Ref AWS::AccountId}}
          - Effect: Allow
            Action: kms:Decrypt
            Resource: "*"
            Principal: {Service: !Sub "logs.${Region}.amazonaws.com"}
"""
CALL = """
module "%s" {
  source  = "%s"
  service = "%s.amazonaws.com"
}
"""
LOOP = """
data "aws_iam_policy_document" "t" {
  for_each = local.topics
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.t[each.key].arn]
    principals {
      type        = "Service"
      identifiers = [each.value]
    }
  }
}
resource "aws_sns_topic" "t" {
  for_each = local.topics
  name     = each.key
}
resource "aws_sns_topic_policy" "t" {
  for_each = local.topics
  arn      = aws_sns_topic.t[each.key].arn
  policy   = data.aws_iam_policy_document.t[each.key].json
}
locals { topics = { a = "cloudwatch.amazonaws.com", b = "ONE.amazonaws.com" } }
"""
PERMISSIONS = """
resource "aws_lambda_permission" "p" {
  for_each      = { a = "s3.amazonaws.com", b = "ONE.amazonaws.com" }
  function_name = each.key
  action        = "lambda:InvokeFunction"
  principal     = each.value
}
"""
STATEMENTS = """
resource "aws_sns_topic" "t" {}
resource "aws_sns_topic_policy" "t" {
  arn    = aws_sns_topic.t.arn
  policy = jsonencode({ Version = "2012-10-17", Statement = [for s in ["cloudwatch", "ONE"] : {
    Effect = "Allow", Principal = { Service = "${s}.amazonaws.com" }, Action = "sns:Publish", Resource = "*" }] })
}
"""
EACH = """
Transform: AWS::LanguageExtensions
Resources:
  T: {Type: AWS::SNS::Topic}
  'Fn::ForEach::Loop':
    - Name
    - [cloudwatch, ONE]
    - 'TP${Name}':
        Type: AWS::SNS::TopicPolicy
        Properties:
          Topics: [!Ref T]
          PolicyDocument: {Version: "2012-10-17", Statement: %s}
"""
BY_SUB = STATEMENT % "!Sub '${Name}.amazonaws.com'"
BY_REF = TOPIC % (STATEMENT % "!Ref Service")
BY_MAP = """
Parameters: {Kind: {Type: String, AllowedValues: [a, b]}}
Mappings: {M: {a: {Service: cloudwatch.amazonaws.com}, b: {Service: ONE.amazonaws.com}}}
Resources:
"""
BY_IF = """
Parameters: {Kind: {Type: String, AllowedValues: [a, b]}}
Conditions: {First: !Equals [!Ref Kind, a]}
Resources:
  P:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: f
      Action: lambda:InvokeFunction
      Principal: !If [First, config.amazonaws.com, ONE.amazonaws.com]
"""
CHOICE = """
variable "kind" {}
resource "aws_lambda_permission" "p" {
  function_name = "f"
  action        = "lambda:InvokeFunction"
  principal     = var.kind == "a" ? "s3.amazonaws.com" : "ONE.amazonaws.com"
}
"""
MERGE = """
locals {
  base = {
    Effect = "Allow", Action = "sns:Publish", Resource = "*", Principal = { Service = "cloudwatch.amazonaws.com" }
  }
}
resource "aws_sns_topic" "a" {}
resource "aws_sns_topic" "b" {}
resource "aws_sns_topic_policy" "a" {
  arn    = aws_sns_topic.a.arn
  policy = jsonencode({ Version = "2012-10-17", Statement = [local.base] })
}
resource "aws_sns_topic_policy" "b" {
  arn    = aws_sns_topic.b.arn
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    merge(local.base, { Principal = { Service = "ONE.amazonaws.com" } })] })
}
"""
#: One text for two services, one of which is ``ONE``.
TEXTS = {
    "parameter": {"t.yaml": f"{BOTH}\nResources:{BY_REF}"},
    "mapping": {"t.yaml": BY_MAP + TOPIC % (STATEMENT % "!FindInMap [M, !Ref Kind, Service]")},
    "nested stacks": {
        "root.yaml": f"Resources:{STACK % ('A', 'cloudwatch')}{STACK % ('B', 'ONE')}",
        "child.yaml": f"Parameters: {{Service: {{Type: String}}}}\nResources:{BY_REF}",
    },
    "Fn::ForEach": {"t.yaml": EACH % BY_SUB},
    "Fn::If": {"t.yaml": BY_IF},
    "condition": {"main.tf": CHOICE},
    "merge": {"main.tf": MERGE},
    "for_each": {"main.tf": LOOP},
    "permission": {"main.tf": PERMISSIONS},
    "statements": {"main.tf": STATEMENTS},
    "module": {"main.tf": CALL % ("a", "./q", "s3") + CALL % ("b", "./q", "ONE"), "q/main.tf": QUEUE},
    "roots": {"a/main.tf": CALL % ("q", "../q", "s3"), "b/main.tf": CALL % ("q", "../q", "ONE"), "q/main.tf": QUEUE},
}


def refuted(path: Path) -> list[Result]:
    """The refutations of `mfa-required`."""
    report = trustproof.check([path], account=OWN, properties=["mfa-required"])
    assert not report.errors
    return [one for one in report.results if one.verdict == trustproof.REFUTED]


@pytest.mark.parametrize(("name", "shared", "sender"), [("t.yaml", ROLES, BUILD), ("main.tf", MODULE, SENDER)])
def test_no_diff_of_a_shared_document_harms_another_resource(
    tmp_path: Path, name: str, shared: str, sender: str
) -> None:
    """Where the resources of one document need different changes, each finding says so, and has no diff."""
    if name == "main.tf":
        pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed")
    file = tmp_path / name
    file.write_text(shared + sender)
    given = file if name == "t.yaml" else tmp_path
    human, machine = refuted(given)
    for one, other in ((human, machine), (machine, human)):
        assert one.remedy is not None
        assert not one.remedy.edits
        assert one.remedy.text.startswith(f"{other.logical_id} has the same document")
        assert f"give {one.logical_id} one of its own" in one.remedy.text
    # Both need the same change, which is made once for both.
    file.write_text(shared)
    assert all(one.remedy is not None and one.remedy.edits for one in refuted(given))


@pytest.mark.parametrize("name", TEXTS)
def test_no_diff_of_a_text_for_several_services_harms_one_of_them(tmp_path: Path, name: str) -> None:
    """A diff that is right for one service only is none where a parameter, a loop or a call gives another the text."""
    if any(file.endswith(".tf") for file in TEXTS[name]):
        pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed")
    # EventBridge tells a topic nothing of its customer, and a queue or a function by an ARN only.
    for other, has_diff in (("events", False), ("s3", True)):
        for file, text in TEXTS[name].items():
            (tmp_path / file).parent.mkdir(exist_ok=True)
            (tmp_path / file).write_text(text.replace("ONE", other))
        report = trustproof.check([tmp_path], account=OWN, properties=["no-confused-deputy"], config={})
        found = [one for one in report.results if one.verdict == trustproof.REFUTED]
        assert found
        assert not report.errors
        for one in found:
            assert one.remedy is not None
            assert bool(one.remedy.edits) == has_diff, one.remedy.text
            assert (
                "this change may be wrong for" in one.remedy.text or "at another value" in one.remedy.text
            ) != has_diff


@pytest.mark.parametrize("name", ["t.yaml", "main.tf"])
def test_no_diff_is_right_for_a_default_only(tmp_path: Path, name: str) -> None:
    """Where a parameter names the service, a diff that is right for its default is put in words."""
    if name == "main.tf":
        pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed")
    declared = "Parameters: {Service: {Type: String, Default: s3.amazonaws.com}}"
    variable = '{\n  default = "s3.amazonaws.com"\n}'
    terraform = QUEUE.replace("{ type = string }", variable)
    (tmp_path / name).write_text(terraform if name == "main.tf" else f"{declared}\nResources:{BY_REF}")
    given = tmp_path if name == "main.tf" else tmp_path / name
    report = trustproof.check([given], account=OWN, properties=["no-confused-deputy"], config={})
    (found,) = (one for one in report.results if one.verdict == trustproof.REFUTED)
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "Service is s3.amazonaws.com" in found.remedy.text or "var.service is" in found.remedy.text


@pytest.mark.parametrize("name", ["t.yaml", "main.tf"])
def test_a_region_in_the_name_of_a_service_is_no_other_service(tmp_path: Path, name: str) -> None:
    """It tells the same in each Region; in another partition its ARNs begin otherwise, so that these are in words."""
    if name == "main.tf":
        pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed")
    (tmp_path / name).write_text(REGIONAL_MODULE if name == "main.tf" else REGIONAL)
    given = tmp_path if name == "main.tf" else tmp_path / name
    report = trustproof.check([given], account=OWN, properties=["no-confused-deputy"], config={})
    (found,) = (one for one in report.results if one.verdict == trustproof.REFUTED)
    assert found.remedy is not None
    assert found.remedy.text.startswith("say for whom")
    assert "at another value" not in found.remedy.text
    assert "arn:aws:" not in repr(found.remedy.edits)


def test_no_diff_of_a_plan_is_right_for_one_instance_only(tmp_path: Path) -> None:
    """A plan by itself names the instances of a block, so that none of them gets what another one does not share."""
    services = {"a": "s3.amazonaws.com", "b": "events.amazonaws.com"}
    common = {"action": "lambda:InvokeFunction", "function_name": "f"}
    for address in ('aws_lambda_permission.p["%s"]', "module.%s.aws_lambda_permission.p"):
        instances = [Resource(address % key, {**common, "principal": one}) for key, one in services.items()]
        (tmp_path / "plan.json").write_text(json.dumps(plan(*instances)))
        report = trustproof.check([tmp_path / "plan.json"], account=OWN, properties=["no-confused-deputy"], config={})
        remedies = [one.remedy for one in report.results if one.verdict == trustproof.REFUTED]
        assert len(remedies) == len(services)
        assert not any(remedy is None or remedy.edits for remedy in remedies)


MERGED = """
Shared: &shared
  Effect: Allow
  Action: sts:AssumeRole
  Principal: {AWS: "arn:aws:iam::111122223333:user/operator"}
Resources:
  People:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: [*shared]}}
  Other:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: [{<<: *shared%s}]}}
"""


@pytest.mark.parametrize(
    ("more", "is_shown"), [(', Principal: {AWS: "arn:aws:iam::111122223333:role/ci"}', False), ("", True)]
)
def test_an_anchor_that_is_merged_with_other_callers_has_no_diff(tmp_path: Path, more: str, is_shown: bool) -> None:
    """The role would be locked out, whose statement takes the demand for MFA from the anchor."""
    file = tmp_path / "t.yaml"
    file.write_text(MERGED % more, encoding="utf-8")
    report = trustproof.check([file], account="111122223333", properties=["mfa-required"])
    found = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found
    assert all(one.remedy is not None and bool(one.remedy.edits) is is_shown for one in found)


@pytest.mark.parametrize(
    ("names", "begins"), [(("one", "other"), "allow only"), (("one", "ci"), "if people assume it")]
)
def test_instances_of_a_module_share_the_doubt_who_assumes_them(
    tmp_path: Path, names: tuple[str, str], begins: str
) -> None:
    """The text is changed for all of them or for none, so what is said of one that may be a program's holds for all."""
    pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed")
    (tmp_path / "roles").mkdir()
    document = MODULE.partition('resource "aws_iam_role" "human"')[0]
    role = 'resource "aws_iam_role" "support" {\n  name = "support"\n'
    trust = "  assume_role_policy = data.aws_iam_policy_document.trust.json\n}\n"
    (tmp_path / "roles" / "main.tf").write_text(document + role + trust)
    (tmp_path / "main.tf").write_text("".join(f'module "{name}" {{\n  source = "./roles"\n}}\n' for name in names))
    found = refuted(tmp_path)
    assert len(found) == len(names)
    assert all(one.remedy is not None and one.remedy.text.startswith(begins) for one in found)
    assert len({str(one.remedy) for one in found}) == 1


KEYS = """
data "aws_iam_policy_document" "key" {
  statement {
    actions   = ["kms:Decrypt"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["logs.us-east-1.amazonaws.com", "logs.us-west-2.amazonaws.com"]
    }
  }
}
resource "aws_kms_key" "primary" {
  policy = data.aws_iam_policy_document.key.json
}
provider "aws" {
  alias  = "other"
  region = "us-west-2"
}
resource "aws_kms_key" "other" {
  provider = aws.other
  policy   = data.aws_iam_policy_document.key.json
}
"""


def test_what_is_to_be_done_alike_for_a_shared_document_is_said_once(tmp_path: Path) -> None:
    """Only the values differ, or are known for one of them: one finding for both keys, in words that hold for both."""
    pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed")
    (tmp_path / "main.tf").write_text(KEYS)
    report = trustproof.check([tmp_path], properties=["no-confused-deputy"])
    found = [one for one in groups(report.results) if one.lead.verdict == trustproof.REFUTED]
    assert [(one.lead.logical_id, len(one.like)) for one in found] == [("aws_kms_key.primary", 1)]
    remedy = found[0].lead.remedy
    assert remedy is not None
    assert not remedy.edits
    assert remedy.text.endswith("as is right for each that has the same text")
