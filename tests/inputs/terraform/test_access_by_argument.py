"""
Who gets in by an argument that is no policy, and whose tokens a provider of a configuration takes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.inputs.terraform.builders import After, Resource, plan
from trustproof.cli.main import main
from trustproof.results.report import Report

VENDOR = "999988887777"
OWN = """
resource "aws_eks_cluster" "c" { name = "c" }
data "aws_eks_cluster" "d" { name = "d" }
resource "aws_iam_openid_connect_provider" "c" { url = aws_eks_cluster.c.identity[0].oidc[0].issuer }
resource "aws_iam_openid_connect_provider" "d" { url = data.aws_eks_cluster.d.identity[0].oidc[0].issuer }
resource "aws_iam_openid_connect_provider" "g" { url = "https://token.actions.githubusercontent.com" }
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iot_policy" "i" {
  name = "i"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iot:*", Resource = "*" }] })
}
resource "aws_eks_access_entry" "e" { principal_arn = aws_iam_role.r.arn }
resource "aws_iot_policy_attachment" "i" { policy = "own" }
resource "awscc_eks_access_entry" "e" { principal_arn = aws_iam_role.r.arn }
resource "aws_oam_link" "l" { sink_identifier = aws_oam_sink.s.arn }
resource "aws_oam_sink" "s" { name = "s" }
resource "aws_cloudfront_distribution" "d" { default_cache_behavior { trusted_signers = ["self"] } }
resource "aws_lakeformation_data_lake_settings" "s" {
  create_table_default_permissions {
    permissions = ["ALL"]
    principal = "IAM_ALLOWED_PRINCIPALS"
  }
}
resource "aws_lakeformation_permissions" "l" { principal = aws_iam_role.r.arn }
resource "aws_opensearchserverless_access_policy" "o" {
  policy = jsonencode([{ Rules = [], Principal = [aws_iam_role.r.arn] }])
}
"""
TOKENS = 'aws_ssoadmin_trusted_token_issuer" "a" { trusted_token_issuer_configuration { oidc_jwt_configuration {'
IMAGES = 'aws_imagebuilder_distribution_configuration" "a" { distribution { ami_distribution_configuration {'
DISKS = 'aws_dlm_lifecycle_policy" "a" { policy_details { schedule { share_rule {'
GRANTEE = 'awscc_lakeformation_principal_permissions" "a" { principal = { data_lake_principal_identifier'
POOL = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a1b2c3d4e"
LAKE = 'aws_lakeformation_data_lake_settings" "a" {\n admins = [aws_iam_role.r.arn]\n'
TABLES = 'aws_glue_catalog_database" "a" { create_table_default_permission {\n permissions = ["ALL"]\n'
OTHERS = [
    ('aws_iam_openid_connect_provider" "a" { url = "https://idp.example.com"', 'issuers = ["idp.example.com"]'),
    (
        f'{TOKENS} issuer_url = "https://idp.example.com/a" }} }}',
        'issuers = ["idp.example.com/a"]',
    ),
    (
        f'{TOKENS} issuer_url = "https://token.actions.githubusercontent.com" }} }}',
        'issuers = ["token.actions.githubusercontent.com"]',
    ),
    ('aws_ram_principal_association" "a" { principal = "999988887777"', f'accounts = ["{VENDOR}"]'),
    ('aws_eks_access_entry" "a" { principal_arn = "arn:aws:iam::999988887777:role/x"', f'accounts = ["{VENDOR}"]'),
    ('aws_db_snapshot" "a" { shared_accounts = ["999988887777"]', f'accounts = ["{VENDOR}"]'),
    ('aws_db_snapshot_copy" "a" { shared_accounts = ["999988887777"]', f'accounts = ["{VENDOR}"]'),
    ('aws_rds_cluster_snapshot_copy" "a" { shared_accounts = ["999988887777"]', f'accounts = ["{VENDOR}"]'),
    (
        'aws_securitylake_subscriber" "a" { subscriber_identity {\n external_id = "x"\n principal = "999988887777"\n }',
        f'accounts = ["{VENDOR}"]',
    ),
    ('aws_opensearch_authorize_vpc_endpoint_access" "a" { account = "999988887777"', f'accounts = ["{VENDOR}"]'),
    (
        'aws_ssm_document" "a" { permissions = { type = "Share", account_ids = "999988887777" }',
        f'accounts = ["{VENDOR}"]',
    ),
    *(
        (
            f'{LAKE} create_{what}_default_permissions {{\n permissions = ["ALL"]\n principal = "{VENDOR}"\n }}',
            f'accounts = ["{VENDOR}"]',
        )
        for what in ("database", "table")
    ),
    (
        f'{TABLES} principal {{ data_lake_principal_identifier = "{VENDOR}" }}\n }}',
        f'accounts = ["{VENDOR}"]',
    ),
    (
        f'aws_cloud9_environment_membership" "a" {{ user_arn = "arn:aws:iam::{VENDOR}:user/x"',
        f'accounts = ["{VENDOR}"]',
    ),
    *(
        (f'aws_{type_}" "a" {{ {argument} = "{VENDOR}"', f'accounts = ["{VENDOR}"]')
        for type_, argument in (
            ("auditmanager_account_registration", "delegated_admin_account"),
            ("auditmanager_organization_admin_account_registration", "admin_account_id"),
            ("cloudtrail_organization_delegated_admin_account", "account_id"),
            ("detective_organization_admin_account", "account_id"),
            ("fms_admin_account", "account_id"),
            ("guardduty_invite_accepter", "master_account_id"),
            ("guardduty_organization_admin_account", "admin_account_id"),
            ("inspector2_delegated_admin_account", "account_id"),
            ("macie2_invitation_accepter", "administrator_account_id"),
            ("macie2_organization_admin_account", "admin_account_id"),
            ("organizations_delegated_administrator", "account_id"),
            ("securityhub_invite_accepter", "master_id"),
            ("securityhub_organization_admin_account", "admin_account_id"),
            ("vpc_ipam_organization_admin_account", "delegated_admin_account_id"),
        )
    ),
    *(
        (f'{inside} = "{VENDOR}" {"}" * inside.count("{")}'[:-1], f'accounts = ["{VENDOR}"]')
        for inside in (
            'aws_cleanrooms_collaboration" "a" { member { account_id',
            'aws_directory_service_shared_directory" "a" { target { id',
            'aws_quicksight_dashboard" "a" { permissions { principal',
            'aws_quicksight_data_source" "a" { permission { principal',
            'aws_securitylake_custom_log_source" "a" { configuration { provider_identity { principal',
        )
    ),
    *(
        (
            f'aws_cloudfront_distribution" "a" {{ {behavior} {{ trusted_signers = ["self", "{VENDOR}"] }}',
            f'accounts = ["{VENDOR}"]',
        )
        for behavior in ("default_cache_behavior", "ordered_cache_behavior")
    ),
    (f'{DISKS} target_accounts = ["{VENDOR}"] }} }} }}', f'accounts = ["{VENDOR}"]'),
    (f'aws_globalaccelerator_cross_account_attachment" "a" {{ principals = ["{VENDOR}"]', f'accounts = ["{VENDOR}"]'),
    (
        f'aws_licensemanager_grant" "a" {{ principal = "arn:aws:iam::{VENDOR}:root"',
        f'accounts = ["{VENDOR}"]',
    ),
    (
        f'aws_oam_link" "a" {{ sink_identifier = "arn:aws:oam:eu-west-1:{VENDOR}:sink/a"',
        f'accounts = ["{VENDOR}"]',
    ),
    (f'awscc_ram_resource_share" "a" {{ principals = ["{VENDOR}"]', f'accounts = ["{VENDOR}"]'),
    (f'{GRANTEE} = "{VENDOR}" }}', f'accounts = ["{VENDOR}"]'),
    ('awscc_ec2_vpc_endpoint_service_permissions" "a" { allowed_principals = ["*"]', ""),
    (
        f'awscc_cognito_identity_pool" "a" {{ cognito_identity_providers = [{{ provider_name = "{POOL}" }}]',
        f'issuers = ["{POOL}"]',
    ),
    ('aws_ami_launch_permission" "a" { group = "all"', ""),
    (f'{IMAGES} launch_permission {{ user_ids = ["999988887777"] }} }} }}', f'accounts = ["{VENDOR}"]'),
    (f'{IMAGES} launch_permission {{ user_groups = ["all"] }} }} }}', ""),
    (f"{IMAGES} launch_permission {{ user_ids = [var.given] }} }} }}", ""),
    ('aws_ram_principal_association" "a" { principal = var.given', ""),
]


@pytest.mark.parametrize(("resource", "lines"), OTHERS)
def test_strict_fails_until_it_is_declared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], resource: str, lines: str
) -> None:
    """What lets others in is *not checked*, and nothing of it is left once they are declared; what is own is passed."""
    sources, config = tmp_path / "main.tf", tmp_path / "trustproof.toml"
    sources.write_text(f'variable "given" {{ type = string }}\n{OWN}\nresource "{resource} }}\n')
    config.write_text("")
    assert main(["check", "--strict", "--config", str(config), str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "1 not checked" in said
    assert f"declare it in trustproof.toml: [boundary] {lines}" in said or not lines
    config.write_text(f"[boundary]\n{lines}\n")
    assert main(["check", "--strict", "--config", str(config), str(tmp_path)]) == (0 if lines else 1)


def test_images_that_nobody_else_gets_are_silent(tmp_path: Path) -> None:
    """A distribution without a permission gives nobody anything."""
    sources = tmp_path / "main.tf"
    sources.write_text(f'{OWN}\nresource "{IMAGES} name = "a" }} }} }}\n')
    assert main(["check", "--strict", str(tmp_path)]) == 0


def test_the_authority_of_a_trust_anchor_is_told_by_its_digest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A certificate that stands in blocks is found there."""
    pem = "-----BEGIN CERTIFICATE-----\\nTUlJQQ==\\n-----END CERTIFICATE-----"
    (tmp_path / "main.tf").write_text(
        f'resource "aws_rolesanywhere_trust_anchor" "a" {{\n name = "a"\n source {{\n'
        f' source_data {{ x509_certificate_data = "{pem}" }}\n }}\n}}\n'
    )
    assert main(["check", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    digest = "fc96a65ed5af67080dcfd75152abad4a146673f394c1afe6720c5dbf1a5ee6c5"
    assert "the authority of aws_rolesanywhere_trust_anchor.a, which says whose certificates are taken" in said
    assert f'issuers = ["sha256:{digest}"]' in said


ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
CLUSTER = Resource("data.aws_eks_cluster.d", {"name": "d"}, {"identity": [{"oidc": [{"issuer": f"https://{ISSUER}"}]}]})


@pytest.mark.parametrize("cluster", [CLUSTER, None])
@pytest.mark.parametrize("url", [ISSUER, ISSUER.replace("0", "9")])
def test_the_issuer_of_a_cluster_that_is_looked_up_is_own(
    check: Callable[..., Report], cluster: Resource | None, url: str
) -> None:
    """A plan knows the issuer of a cluster that is there; one of another cluster is anybody's."""
    provider = Resource(
        "aws_iam_openid_connect_provider.p", {"url": f"https://{url}", "client_id_list": ["sts.amazonaws.com"]}
    )
    report = check(plan(provider, *([] if cluster is None else [cluster])))
    assert bool(report.not_checked) == (cluster is None or url != ISSUER)


@pytest.mark.parametrize(("signers", "is_named"), [(None, False), ([], False), (["self"], False), ([VENDOR], True)])
def test_signers_that_a_first_plan_does_not_know_are_those_that_nobody_set(
    check: Callable[..., Report], signers: list[str] | None, is_named: bool
) -> None:
    """The provider computes them where the configuration is silent, as most are."""
    behavior = {"trusted_signers": After("local.none") if signers is None else signers}
    made = Resource("aws_cloudfront_distribution.d", {"default_cache_behavior": [behavior]})
    assert bool(check(plan(made)).not_checked) == is_named
