"""
Policies of a configuration that name the ARN of what they stand on: it is known as far as AWS does not make it up.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from trustproof.inputs.terraform.types.cloud_control_names import attribute_value

INSIDE = {"boundary": {"accounts": ["111122223333"]}}
#: The resource, its policy with the argument that holds it, what names the resource, and an action.
STANDING = [
    ('aws_glacier_vault" "a" { name = "v"', "aws_glacier_vault_lock policy vault_name=name", "glacier:DeleteArchive"),
    (
        'aws_codeartifact_domain" "a" { domain = "c"',
        "aws_codeartifact_domain_permissions_policy policy_document domain=domain",
        "codeartifact:GetAuthorizationToken",
    ),
    (
        'aws_codeartifact_repository" "a" { repository = "c"',
        "aws_codeartifact_repository_permissions_policy policy_document repository=repository",
        "codeartifact:ReadFromRepository",
    ),
    (
        'aws_media_store_container" "a" { name = "c"',
        "aws_media_store_container_policy policy container_name=name",
        "mediastore:GetObject",
    ),
    (
        'aws_cloudwatch_log_destination" "a" { name = "l"',
        "aws_cloudwatch_log_destination_policy access_policy destination_name=name",
        "logs:PutSubscriptionFilter",
    ),
    (
        'aws_schemas_registry" "a" { name = "s"',
        "aws_schemas_registry_policy policy registry_name=name",
        "schemas:DescribeRegistry",
    ),
    ('aws_oam_sink" "a" { name = "s"', "aws_oam_sink_policy policy sink_identifier=arn", "oam:CreateLink"),
    (
        'aws_sagemaker_model_package_group" "a" { model_package_group_name = "g"',
        "aws_sagemaker_model_package_group_policy resource_policy model_package_group_name=id",
        "sagemaker:DescribeModelPackageGroup",
    ),
    (
        'aws_networkfirewall_rule_group" "a" { name = "n"',
        "aws_networkfirewall_resource_policy policy resource_arn=arn",
        "network-firewall:ListRuleGroups",
    ),
    (
        'aws_vpclattice_service" "a" { name = "v"',
        "aws_vpclattice_auth_policy policy resource_identifier=arn",
        "vpc-lattice-svcs:Invoke",
    ),
    (
        'aws_dsql_cluster" "a" { deletion_protection_enabled = true',
        "aws_dsql_cluster_policy policy identifier=identifier",
        "dsql:DbConnect",
    ),
]


#: The data source, and the rest likewise.
LOOKED_UP = [
    ('aws_kms_key" "a" { key_id = "alias/x"', "aws_kms_key_policy policy key_id=id", "kms:Decrypt"),
    ('aws_kms_key" "a" { key_id = var.x', "aws_kms_key_policy policy key_id=id", "kms:Decrypt"),
    (
        'aws_dynamodb_table" "a" { name = var.x',
        "aws_dynamodb_resource_policy policy resource_arn=arn",
        "dynamodb:GetItem",
    ),
    (
        'aws_cloudwatch_event_bus" "a" { name = var.x',
        "aws_cloudwatch_event_bus_policy policy event_bus_name=name",
        "events:PutEvents",
    ),
    (
        'aws_opensearch_domain" "a" { domain_name = "d"',
        "aws_opensearch_domain_policy access_policies domain_name=domain_name",
        "es:ESHttpGet",
    ),
    (
        'aws_msk_cluster" "a" { cluster_name = "c"',
        "aws_msk_cluster_policy policy cluster_arn=arn",
        "kafka:CreateVpcConnection",
    ),
    (
        'aws_api_gateway_rest_api" "a" { name = "x"',
        "aws_api_gateway_rest_api_policy policy rest_api_id=id",
        "execute-api:Invoke",
    ),
]


def _verdict(
    folder: Path, resource: str, policy: str, action: str, account: str, kind: str = "resource", region: str = ""
) -> str:
    """With a Region, resource and policy are there, beside the Region of the template."""
    type_, argument, naming = policy.split()
    own = f"{'data.' * (kind == 'data')}{resource.partition(chr(34))[0]}.a"
    name, _, of = naming.partition("=")
    arn = f"{own}.{'execution_' * ('rest_api' in type_)}arn"
    there = "provider = aws.there" if region else ""
    (folder / "main.tf").write_text(f"""
provider "aws" {{ region = "eu-central-1" }}
provider "aws" {{
  alias = "there"
  region = {region or '"eu-central-1"'}
}}
variable "x" {{}}
{kind} "{resource.replace("{", "{" + chr(10), 1)}
  {there}
}}
resource "{type_}" "p" {{
  {there}
  {name} = {own}.{of}
  {argument} = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "{action}",
    Principal = {{ AWS = "arn:aws:iam::{account}:root" }}, Resource = [{arn}, "${{{arn}}}/*"] }}] }})
}}
""")
    report = trustproof.check([folder], config=INSIDE, account="111122223333", properties=["inside-boundary"])
    assert not report.errors
    return str(next(one.verdict for one in report.results if one.logical_id.startswith(type_)))


@pytest.mark.parametrize(("resource", "policy", "action"), STANDING)
def test_who_gets_in_by_the_arn_of_the_resource_itself(tmp_path: Path, resource: str, policy: str, action: str) -> None:
    """An account outside the boundary that a policy lets at what it stands on, by its ARN, is found; the own is not."""
    assert _verdict(tmp_path, resource, policy, action, "999988887777") == "refuted"
    assert _verdict(tmp_path, resource, policy, action, "111122223333") == "proved"


@pytest.mark.parametrize("region", ['"us-east-1"', "var.x"])
@pytest.mark.parametrize(("resource", "policy", "action"), STANDING)
def test_who_gets_in_where_the_resource_is_in_a_region_of_its_own(
    tmp_path: Path, resource: str, policy: str, action: str, region: str
) -> None:
    """A policy that names a resource by its name is put on the one in the Region of its own provider."""
    assert _verdict(tmp_path, resource, policy, action, "999988887777", region=region) == "refuted"
    assert _verdict(tmp_path, resource, policy, action, "111122223333", region=region) == "proved"


@pytest.mark.parametrize("there", ["provider = aws.there", "region = var.x"])
def test_a_region_that_nobody_knows_is_not_that_of_the_template(tmp_path: Path, there: str) -> None:
    """A queue may be in the Region that its policy writes out, whichever that is."""
    (tmp_path / "main.tf").write_text(f"""
provider "aws" {{ region = "eu-central-1" }}
provider "aws" {{
  alias = "there"
  region = var.x
}}
variable "x" {{}}
resource "aws_sqs_queue" "q" {{
  {there}
  name = "q"
  policy = jsonencode({{ Statement = {{ Effect = "Allow", Principal = "*", Action = "sqs:SendMessage",
    Resource = "arn:aws:sqs:us-east-1:111122223333:q" }} }})
}}
""")
    report = trustproof.check([tmp_path], account="111122223333", properties=["inside-boundary"])
    assert [one.verdict for one in report.results] == ["refuted"]


@pytest.mark.parametrize(
    ("default", "queue", "asked", "verdict"),
    [
        ("", "a", "a", "proved"),
        ("", "a", "same", "proved"),
        ("", "a", "b", "refuted"),
        ("", "b", "a", "refuted"),
        ('region = "eu-west-1"', "a", "a", "proved"),
        ('region = "eu-west-1"', "a", "b", "refuted"),
    ],
)
def test_two_regions_that_nobody_knows_are_not_one(
    tmp_path: Path, default: str, queue: str, asked: str, verdict: str
) -> None:
    """What is denied in the Region of one provider is not denied in that of another."""
    (tmp_path / "main.tf").write_text(f"""
variable "a" {{}}
variable "b" {{}}
provider "aws" {{
  {default}
}}
provider "aws" {{
  alias = "a"
  region = var.a
}}
provider "aws" {{
  alias = "b"
  region = var.b
}}
provider "aws" {{
  alias = "same"
  region = var.a
}}
data "aws_region" "r" {{ provider = aws.{asked} }}
resource "aws_sqs_queue" "q" {{
  provider = aws.{queue}
  name = "q"
  policy = jsonencode({{ Statement = [
    {{ Effect = "Allow", Principal = "*", Action = "sqs:SendMessage", Resource = "*" }},
    {{ Effect = "Deny", Principal = "*", Action = "sqs:*",
      Resource = "arn:aws:sqs:${{data.aws_region.r.region}}:111122223333:q",
      Condition = {{ StringNotEquals = {{ "aws:PrincipalAccount" = "111122223333" }} }} }},
  ] }})
}}
""")
    report = trustproof.check([tmp_path], account="111122223333", properties=["inside-boundary"])
    assert [one.verdict for one in report.results] == [verdict]


@pytest.mark.parametrize("default", ["", 'region = "eu-west-1"'])
def test_a_service_of_a_region_that_nobody_knows_is_asked_about(tmp_path: Path, default: str) -> None:
    """So it is where the template has a Region, and the provider another one."""
    (tmp_path / "main.tf").write_text(f"""
variable "b" {{}}
provider "aws" {{
  {default}
}}
provider "aws" {{
  alias = "b"
  region = var.b
}}
data "aws_region" "r" {{ provider = aws.b }}
resource "aws_kms_key" "k" {{
  provider = aws.b
  policy = jsonencode({{ Statement = {{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*",
    Principal = {{ Service = "logs.${{data.aws_region.r.region}}.amazonaws.com" }} }} }})
}}
""")
    report = trustproof.check([tmp_path], account="111122223333", properties=["no-confused-deputy"])
    assert [one.verdict for one in report.results] == ["refuted"]


@pytest.mark.parametrize(("source", "policy", "action"), LOOKED_UP)
def test_who_gets_in_by_the_arn_of_what_is_looked_up(tmp_path: Path, source: str, policy: str, action: str) -> None:
    """So it is with a data source: nobody puts a policy on what is in another account."""
    assert _verdict(tmp_path, source, policy, action, "999988887777", "data") == "refuted"
    assert _verdict(tmp_path, source, policy, action, "111122223333", "data") == "proved"


@pytest.mark.parametrize("attribute", ["policy_arn", "id"])
@pytest.mark.parametrize(
    "holder",
    [
        'awscc_iam_user" "u" {\n  user_name = "u"\n  managed_policy_arns = [ATTRIBUTE]\n}',
        'aws_iam_user_policy_attachment" "a" {\n  user = "u"\n  policy_arn = ATTRIBUTE\n}',
    ],
)
def test_a_policy_of_cloud_control_is_attached_by_its_arn(tmp_path: Path, holder: str, attribute: str) -> None:
    """What the provider awscc calls as CloudFormation does is that: ``PolicyArn`` is the policy."""
    (tmp_path / "main.tf").write_text(f"""
resource "awscc_iam_managed_policy" "d" {{
  managed_policy_name = "d"
  policy_document = jsonencode({{ Version = "2012-10-17",
    Statement = [{{ Effect = "Allow", Action = "*", Resource = "*" }}] }})
}}
resource "{holder.replace("ATTRIBUTE", f"awscc_iam_managed_policy.d.{attribute}")}
""")
    asked = "sensitive-actions-require-mfa"
    report = trustproof.check([tmp_path], config={}, account="111122223333", properties=[asked])
    assert [one.verdict for one in report.results] == ["refuted"]


@pytest.mark.parametrize(
    ("type_", "name", "given"),
    [
        ("awscc_sns_topic", "topic_arn", {"Fn::GetAtt": ["a", "TopicArn"]}),
        ("awscc_iam_role", "arn", {"Fn::GetAtt": ["a", "Arn"]}),
        ("awscc_secretsmanager_secret", "secret_id", {"Fn::GetAtt": ["a", "Id"]}),
        ("awscc_secretsmanager_secret", "id", {"Ref": "a"}),
        ("awscc_sns_topic", "policy_arn", {"Ref": "a.policy_arn"}),
        ("awscc_nothing_known", "topic_arn", {"Ref": "a.topic_arn"}),
    ],
)
def test_attributes_of_cloud_control(type_: str, name: str, given: object) -> None:
    """An attribute that is an ARN to CloudFormation is that one; of another one nothing is known but its name."""
    assert attribute_value(type_, "a", name) == given


@pytest.mark.parametrize(
    ("principal", "arn", "inside"),
    [
        ("data.aws_caller_identity.current.arn", "", "proved"),
        ("data.aws_iam_session_context.s.issuer_arn", "data.aws_caller_identity.current.arn", "proved"),
        ("data.aws_iam_session_context.s.issuer_arn", "var.session", "unknown"),
    ],
)
def test_whoever_applies_it_is_of_the_account_of_the_provider(
    tmp_path: Path, principal: str, arn: str, inside: str
) -> None:
    """A user or a session of a role, which nobody knows: of the own account, and not known to come without MFA."""
    text = """
data "aws_caller_identity" "current" {}
variable "session" {}
data "aws_iam_session_context" "s" {
  arn = ARN
}
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = PRINCIPAL }
  }] })
}
""".replace("ARN", arn or '""').replace("PRINCIPAL", principal)
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    report = trustproof.check([tmp_path], config=INSIDE, properties=["inside-boundary", "mfa-required"])
    verdicts = {one.property: one.verdict for one in report.results}
    assert verdicts["inside-boundary"] == inside
    assert inside == "unknown" or verdicts["mfa-required"] == "unknown"


#: What names roles that a data source finds, and whether a user without MFA and somebody of another account get in.
FOUND_ROLES = [
    ('"AWS" = OWN', "proved", "proved"),
    ('"AWS" = sort(OWN)', "proved", "proved"),
    ('"AWS" = [one(OWN)]', "proved", "proved"),
    ('"AWS" = try(one(OWN))', "proved", "proved"),
    ('"AWS" = try(one(OWN), "*")', "unknown", "unknown"),
    ('"AWS" = "${sort(OWN)[0]}"', "proved", "proved"),
    ('"AWS" = flatten([OWN, OTHER])', "proved", "refuted"),
    ('"AWS" = tolist(OWN)[0]', "proved", "proved"),
    ('"AWS" = [for arn in OWN : arn]', "proved", "proved"),
    ('"AWS" = concat(tolist(OWN), ["arn:aws:iam::111122223333:role/x"])', "proved", "proved"),
    ('"AWS" = concat(tolist(OWN), ["111122223333"])', "refuted", "proved"),
    ('"AWS" = [for arn in OWN : replace(arn, "a", "b")]', "unknown", "unknown"),
    ('"AWS" = [for arn in OWN : arn if arn != var.x]', "unknown", "unknown"),
    ('"AWS" = coalesce(one(OWN), "*")', "unknown", "unknown"),
    ('"AWS" = length(OWN) > 0 ? tolist(OWN) : ["*"]', "refuted", "refuted"),
    ('"AWS" = OTHER', "proved", "refuted"),
    ('"AWS" = setunion(OWN, OTHER)', "proved", "refuted"),
    ('"AWS" = "*" }, Condition = { ArnLike = { "aws:PrincipalArn" = OWN }', "proved", "proved"),
    ('"AWS" = "*" }, Condition = { ArnLike = { "aws:PrincipalArn" = OTHER }', "proved", "refuted"),
    ('"AWS" = "*" }, Condition = { ArnNotLike = { "aws:PrincipalArn" = OWN }', "refuted", "refuted"),
    # Whether one role of theirs is another is not known.
    ('"AWS" = OTHER }, Condition = { ArnEquals = { "aws:PrincipalArn" = tolist(OTHER)[0] }', "proved", "unknown"),
    ('"AWS" = OTHER }, Condition = { ArnNotEquals = { "aws:PrincipalArn" = tolist(OTHER)[0] }', "proved", "refuted"),
]


def test_roles_that_a_data_source_finds_are_of_the_account_of_its_provider(tmp_path: Path) -> None:
    """No user is one of them, and which of them is which, nobody knows."""
    text = """
variable "x" {}
provider "aws" {
  allowed_account_ids = ["111122223333"]
}
provider "aws" {
  alias = "other"
  assume_role { role_arn = "arn:aws:iam::999988887777:role/terraform" }
}
data "aws_iam_roles" "own" {
  name_regex = "AWSReservedSSO_.*"
}
data "aws_iam_roles" "other" {
  provider = aws.other
}
"""
    for number, (principal, _, _) in enumerate(FOUND_ROLES):
        who = principal.replace("OWN", "data.aws_iam_roles.own.arns").replace("OTHER", "data.aws_iam_roles.other.arns")
        text += f"""
resource "aws_iam_role" "r{number}" {{
  name = "r{number}"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ {who} }}
  }}] }})
}}
"""
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    report = trustproof.check([tmp_path], config=INSIDE, properties=["inside-boundary", "mfa-required"])
    found = {(one.logical_id, one.property): one.verdict for one in report.results}
    for number, (principal, mfa, inside) in enumerate(FOUND_ROLES):
        role = f"aws_iam_role.r{number}"
        assert (found[role, "mfa-required"], found[role, "inside-boundary"]) == (mfa, inside), principal


@pytest.mark.parametrize("kind", ["resource", "data"])
def test_an_origin_access_identity_is_named_by_its_arn(tmp_path: Path, kind: str) -> None:
    """Its ARN ends in an id that nobody knows, and is that of nobody else."""
    text = (
        kind
        + """ "aws_cloudfront_origin_access_identity" "o" {}
resource "aws_s3_bucket_policy" "b" {
  bucket = "acme-site"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::acme-site/*"
    Principal = { AWS = ATTRIBUTE } }] })
}
"""
    )
    address = "data." * (kind == "data") + "aws_cloudfront_origin_access_identity.o"
    for attribute, verdict in (("iam_arn", "proved"), ("etag", "unknown")):
        written = text.replace("ATTRIBUTE", f"{address}.{attribute}")
        (tmp_path / "main.tf").write_text(written, encoding="utf-8")
        config = {"boundary": {"accounts": ["111122223333"]}}
        report = trustproof.check([tmp_path], config=config, account="111122223333", properties=["inside-boundary"])
        assert [one.verdict for one in report.results] == [verdict], attribute


@pytest.mark.parametrize(
    ("version", "is_usable"),
    [
        ("", False),
        ('provider "aws" { version = "1.9.0" }', True),
        ('terraform { required_providers { aws = "~> 2.70" } }', True),
        ('terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws", version = "< 3" }\n  }\n}', True),
        ('terraform {\n  required_providers {\n    aws = { source = "acme/aws", version = "< 3" }\n  }\n}', False),
        ('terraform { required_version = "~> 0.11.14" }', True),
        # The newest is taken, which is no old one.
        ('terraform { required_providers { aws = ">= 2.7" } }', False),
        # What is written as Terraform 0.11 needs it leaves open which one is taken, unless something says it.
        ('variable "x" { type = "string" }', True),
        ('variable "x" { type = "string" }\nterraform { required_version = ">= 0.12" }', False),
        ('variable "x" { type = "string" }\nterraform { required_providers { aws = "~> 3.1" } }', False),
    ],
)
def test_the_arn_of_a_log_group_ends_as_the_version_of_the_provider_has_it(
    tmp_path: Path, version: str, *, is_usable: bool
) -> None:
    """Before version 3.0 of the provider, the ARN of a log group is about its streams; since then it is not."""
    assert _may_put_logs(tmp_path, version) is is_usable


def test_the_version_that_is_locked_decides(tmp_path: Path) -> None:
    """What terraform init has written down is the version that it takes."""
    locked = 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "2.70.0"\n}\n'
    (tmp_path / ".terraform.lock.hcl").write_text(locked)
    assert _may_put_logs(tmp_path, 'terraform { required_providers { aws = ">= 2.7" } }')


def _may_put_logs(folder: Path, version: str) -> bool:
    (folder / "main.tf").write_text(f"""
{version}
resource "aws_cloudwatch_log_group" "g" {{ name = "g" }}
resource "aws_iam_user_policy" "p" {{
  user   = "u"
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "logs:PutLogEvents",
    Resource = aws_cloudwatch_log_group.g.arn }}] }})
}}
""")
    report = trustproof.check([folder], account="111122223333", region="eu-west-1", properties=["statement-usable"])
    assert not report.errors
    return {str(one.verdict) for one in report.results} == {"proved"}


@pytest.mark.parametrize(
    ("entity", "more", "key", "user_gets_in"),
    [
        ("role", "path = var.p", "", False),
        ("user", "path = var.p", "", True),
        ("role", "count = var.n", "[0]", False),
        ("user", "count = var.n\n  path = var.p", "[1]", True),
        ("user", 'for_each = toset(split(",", var.p))', '["x"]', True),
    ],
)
def test_users_and_roles_of_which_path_or_number_are_not_known(
    tmp_path: Path, entity: str, more: str, key: str, user_gets_in: bool
) -> None:
    """Whatever they are called, they are of the own account, and users or roles."""
    trust = """jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { WHOM }
  }] })"""
    own = trust.replace("WHOM", 'Service = "lambda.amazonaws.com"')
    (tmp_path / "main.tf").write_text(f"""
variable "p" {{}}
variable "n" {{}}
resource "aws_iam_{entity}" "a" {{
  name = "a"
  {more}
  {f"assume_role_policy = {own}" if entity == "role" else ""}
}}
resource "aws_iam_role" "r" {{
  name = "r"
  assume_role_policy = {trust.replace("WHOM", f"AWS = aws_iam_{entity}.a{key}.arn")}
}}
""")
    report = trustproof.check([tmp_path], config=INSIDE, account="111122223333")
    found = {one.property: one.verdict for one in report.results if one.logical_id == "aws_iam_role.r"}
    assert found["inside-boundary"] == "proved"
    assert (found["mfa-required"] != "proved") == user_gets_in


@pytest.mark.parametrize(("place", "expected"), [("", trustproof.PROVED), ("provider = aws.other", trustproof.REFUTED)])
def test_a_role_that_is_linked_to_a_service_is_in_the_account_of_its_provider(
    place: str, expected: str, tmp_path: Path
) -> None:
    """Nobody knows what AWS calls it, and whose it is follows from the provider."""
    other = 'provider "aws" {\n  alias = "other"\n  allowed_account_ids = ["999988887777"]\n}\n'
    named = f'aws_service_name = "autoscaling.amazonaws.com"\n  {place}'
    linked = f'resource "aws_iam_service_linked_role" "l" {{\n  {named}\n}}\n'
    statement = (
        '{ Effect = "Allow", Action = "kms:CreateGrant", Resource = "*", '
        "Principal = { AWS = aws_iam_service_linked_role.l.arn } }"
    )
    policy = f'jsonencode({{ Version = "2012-10-17", Statement = [{statement}] }})'
    (tmp_path / "main.tf").write_text(f'{other}{linked}resource "aws_kms_key" "k" {{\n  policy = {policy}\n}}\n')
    report = trustproof.check([tmp_path], account="111122223333", config=INSIDE, properties=["inside-boundary"])
    assert [one.verdict for one in report.results] == [expected]
