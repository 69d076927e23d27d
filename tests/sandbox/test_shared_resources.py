"""
Services that act on what others have, or let others in: what is not asked there is undecided.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.cast import HOME, OTHER, Cast, allow, refusal
from trustproof.sandbox.authorization.actions import encryption

REGION = "eu-central-1"
KEY = f"arn:aws:kms:{REGION}:{HOME}:key/11111111-1111-1111-1111-111111111111"
SUBNET = f"arn:aws:ec2:{REGION}:{HOME}:subnet/subnet-1"
ARTIFACT = {"Info": {"LoadTemplateFromURL": "https://s3.amazonaws.com/b/k"}, "Type": "CLOUD_FORMATION_TEMPLATE"}
PRODUCT = {"Name": "n", "Owner": "o", "ProductType": "CLOUD_FORMATION_TEMPLATE", "IdempotencyToken": "t"}


@pytest.mark.parametrize(
    ("service", "operation", "given", "said"),
    [
        (
            "ram",
            "create_resource_share",
            {"name": "s", "resourceArns": [SUBNET], "principals": [OTHER]},
            "nobody is let in",
        ),
        ("ram", "enable_sharing_with_aws_organization", {}, "nobody is let in"),
        ("servicecatalog", "create_portfolio_share", {"PortfolioId": "p", "AccountId": OTHER}, "name another account"),
        (
            "servicecatalog",
            "create_product",
            {**PRODUCT, "ProvisioningArtifactParameters": ARTIFACT},
            "whether the caller may read the template",
        ),
        ("backup", "create_report_plan", {"ReportPlanName": "p"}, "whether the bucket lets Backup write"),
        ("resource-groups", "search_resources", {"ResourceQuery": {"Type": "TAG_FILTERS_1_0", "Query": "{}"}}, "moto"),
    ],
)
def test_what_is_shared_is_undecided(
    cast: Cast, service: str, operation: str, given: dict[str, Any], said: str
) -> None:
    """Not even an administrator is told that it is done."""
    if service == "backup":
        given = {
            **given,
            "ReportDeliveryChannel": {"S3BucketName": "b"},
            "ReportSetting": {"ReportTemplate": "BACKUP_JOB_REPORT"},
        }
    client = cast.aws.client(service, cast.user(allow("*")))
    code, message = refusal(lambda: getattr(client, operation)(**given))
    assert (code, said in message) == ("NotImplemented", True), message


@pytest.mark.parametrize(
    ("service", "operation", "given", "also"),
    [
        ("backup", "create_backup_vault", {"BackupVaultName": "v"}, "backup-storage:MountCapsule"),
        ("shield", "associate_drt_log_bucket", {"LogBucket": "bucket"}, "s3:PutBucketPolicy"),
        ("guardduty", "create_ip_set", None, "iam:DeleteRolePolicy"),
        ("rds", "create_db_instance", {"ManageMasterUserPassword": True}, "secretsmanager:CreateSecret"),
    ],
)
def test_listed_actions_that_change_something(
    cast: Cast, service: str, operation: str, given: dict[str, Any] | None, also: str
) -> None:
    """Whoever may not do what an operation does elsewhere is undecided: not each request may do it."""
    if service == "rds":
        given = {**(given or {}), "DBInstanceIdentifier": "d", "DBInstanceClass": "db.t3.micro", "Engine": "mysql"}
    if given is None:
        given = {"Activate": True, "DetectorId": "d" * 12, "Format": "TXT", "Location": "https://x", "Name": "n"}
    client = cast.aws.client(service, cast.user(allow(f"{service}:*")))
    code, message = refusal(lambda: getattr(client, operation)(**given))
    assert (code, also in message) == ("NotImplemented", True), message


def test_a_database_without_a_managed_password_needs_no_secret(cast: Cast) -> None:
    """A listed action is asked for with the parameter only that makes it necessary."""
    rds = cast.aws.client("rds", cast.user(allow(["rds:*", "iam:CreateServiceLinkedRole"])))
    made = rds.create_db_instance(DBInstanceIdentifier="plain", DBInstanceClass="db.t3.micro", Engine="mysql")
    assert made["DBInstance"]["DBInstanceIdentifier"] == "plain"


@pytest.mark.parametrize("name", ["volumeKmsKeyId", "encryptionKey", "encryptionKeyOverride", "kmsEncryptionKey"])
def test_a_key_by_any_of_its_names(name: str) -> None:
    """A parameter for a key is one under the names that services have for it; one for the kind of a key is none."""
    assert list(encryption.keys_in({"a": [{name: KEY}], "encryptionKeyType": "x", "kmsKeyProviderUri": "y"})) == [KEY]


def test_a_key_that_a_vault_is_encrypted_with_is_asked_for(cast: Cast) -> None:
    """The parameter of Backup is called otherwise than most."""
    key = cast.aws.client("kms", account=HOME).create_key()["KeyMetadata"]["Arn"]
    may = [allow("backup:*"), allow("backup-storage:MountCapsule")]
    given = {"BackupVaultName": "encrypted", "EncryptionKeyArn": key}
    code, message = refusal(lambda: cast.aws.client("backup", cast.user(*may)).create_backup_vault(**given))
    assert (code, "kms:" in message) == ("NotImplemented", True), message
    assert cast.aws.client("backup", cast.user(*may, allow("kms:*"))).create_backup_vault(**given)
