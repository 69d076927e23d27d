"""
Custom resources of the CDK: the sandbox does what their functions do, as the roles of the functions may.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as functions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployments
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sqs as sqs

from tests.sandbox.cast import HOME, Cast, refusal
from tests.sandbox.deploying import REGION
from trustproof.sandbox import Sandbox

ISSUER = "https://token.actions.githubusercontent.com"
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]
Template = dict[str, Any]


def synthesized(folder: Path, made: Callable[[cdk.Stack], Any]) -> Template:
    """The template of a stack, with the programs of its functions in it, since no bucket has them."""
    app = cdk.App(outdir=str(folder), builtin_cloud_formation_validation=False)
    app.node.set_context("@aws-cdk/aws-ec2:restrictDefaultSecurityGroup", True)
    synthesizer = cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
    stack = cdk.Stack(app, "S", env=cdk.Environment(account=HOME, region=REGION), synthesizer=synthesizer)
    made(stack)
    template: Template = app.synth().get_stack_artifact("S").template
    for one in template["Resources"].values():
        code = one["Properties"].get("Code", {}) if one["Type"] == "AWS::Lambda::Function" else {}
        if "S3Key" in code:
            (program,) = (folder / f"asset.{code['S3Key'].removesuffix('.zip')}").glob("index.*")
            one["Properties"]["Code"] = {"ZipFile": program.read_text(encoding="utf-8")}
    return template


class Stack:
    """A stack of the account at home."""

    def __init__(self, aws: Sandbox, name: str) -> None:
        self.name = name
        self._client = aws.client("cloudformation", account=HOME, region=REGION)

    def deploy(self, template: Template, *, update: bool = False) -> tuple[str, str]:
        """The status that the stack has then, and why something failed."""
        call = self._client.update_stack if update else self._client.create_stack
        call(StackName=self.name, TemplateBody=json.dumps(template), Capabilities=CAPABILITIES)
        return self._said()

    def delete(self) -> tuple[str, str]:
        identifier = self._client.describe_stacks(StackName=self.name)["Stacks"][0]["StackId"]
        self._client.delete_stack(StackName=self.name)
        self.name = identifier
        return self._said()

    def _said(self) -> tuple[str, str]:
        (found,) = self._client.describe_stacks(StackName=self.name)["Stacks"]
        events = self._client.describe_stack_events(StackName=self.name)["StackEvents"]
        failed = [one["ResourceStatusReason"] for one in events if one["ResourceStatus"].endswith("_FAILED")]
        return str(found["StackStatus"]), failed[-1] if failed else ""

    def names(self, kind: str) -> list[str]:
        found = self._client.describe_stack_resources(StackName=self.name)["StackResources"]
        return [one["PhysicalResourceId"] for one in found if one["ResourceType"] == kind]


def an_app(stack: cdk.Stack) -> None:
    """What the CDK has a function of its own for."""
    gone = cdk.RemovalPolicy.DESTROY
    iam.OpenIdConnectProvider(stack, "Provider", url=ISSUER, client_ids=["one"])
    s3.Bucket(stack, "Emptied", auto_delete_objects=True, removal_policy=gone, versioned=True)
    ecr.Repository(stack, "Images", auto_delete_images=True, removal_policy=gone)
    ec2.Vpc(stack, "Vpc", availability_zones=["eu-central-1a"], nat_gateways=0)
    functions.Function(
        stack,
        "Logged",
        runtime=functions.Runtime.PYTHON_3_12,
        handler="index.h",
        code=functions.Code.from_inline("x = 1"),
        log_retention=logs.RetentionDays.ONE_WEEK,
    )
    told = s3.Bucket(stack, "Told", removal_policy=gone)
    told.add_event_notification(
        s3.EventType.OBJECT_CREATED,
        notifications.SqsDestination(sqs.Queue(stack, "Queue")),
    )


def test_the_life_of_an_app(cast: Cast, tmp_path: Path) -> None:
    """All of it is made, changed and deleted as the functions would do it."""
    aws, stack = cast.aws, Stack(cast.aws, "custom")
    template = synthesized(tmp_path, an_app)
    assert stack.deploy(template) == ("CREATE_COMPLETE", "")
    (arn,) = stack.names("Custom::AWSCDKOpenIdConnectProvider")
    assert cast.iam().get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"] == ["one"]
    of_network = aws.client("ec2", account=HOME, region=REGION)
    of_vpc = [{"Name": "vpc-id", "Values": stack.names("AWS::EC2::VPC")}]
    (group,) = of_network.describe_security_groups(Filters=of_vpc)["SecurityGroups"]
    assert (group["IpPermissions"], group["IpPermissionsEgress"]) == ([], [])
    groups = aws.client("logs", account=HOME, region=REGION).describe_log_groups()["logGroups"]
    kept = {one["logGroupName"].partition("LogRetention")[1]: one.get("retentionInDays") for one in groups}
    assert kept == {"": 7, "LogRetention": 1}
    buckets = aws.client("s3", account=HOME, region=REGION)
    emptied, told = sorted(stack.names("AWS::S3::Bucket"), key=lambda name: "told" in name)
    found = buckets.get_bucket_notification_configuration(Bucket=told)["QueueConfigurations"]
    assert [one["QueueArn"].split(":")[2] for one in found] == ["sqs"]
    buckets.put_object(Bucket=emptied, Key="a", Body=b"a")
    buckets.delete_object(Bucket=emptied, Key="a")

    changed = json.loads(json.dumps(template))
    for one in changed["Resources"].values():
        if one["Type"] == "Custom::AWSCDKOpenIdConnectProvider":
            one["Properties"]["ClientIDList"] = ["two"]
    assert stack.deploy(changed, update=True) == ("UPDATE_COMPLETE", "")
    assert cast.iam().get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"] == ["two"]
    assert stack.delete() == ("DELETE_COMPLETE", "")
    assert arn not in str(cast.iam().list_open_id_connect_providers())
    assert buckets.list_buckets()["Buckets"] == []


def a_provider(stack: cdk.Stack) -> None:
    iam.OpenIdConnectProvider(stack, "Provider", url="https://gitlab.com", client_ids=["one"])


def without_permission(template: Template) -> None:
    for one in template["Resources"].values():
        one["Properties"].pop("Policies", None)


def with_another_program(template: Template) -> None:
    for one in template["Resources"].values():
        if "Code" in one["Properties"]:
            one["Properties"]["Code"]["ZipFile"] += ";new T.IAM().createRole({})"


def with_another_module(template: Template) -> None:
    for one in template["Resources"].values():
        if "Code" in one["Properties"]:
            one["Properties"]["Code"]["ZipFile"] += ';require("child_process")'


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (without_permission, "is not authorized to perform: iam:CreateOpenIDConnectProvider"),
        (with_another_program, "is not the one that the CDK has for such a resource"),
        (with_another_module, "is not the one that the CDK has for such a resource"),
    ],
)
def test_what_a_function_may_not(cast: Cast, tmp_path: Path, change: Callable[[Template], None], reason: str) -> None:
    """Its role decides, whoever deploys; and no other program is taken for it."""
    template = synthesized(tmp_path, a_provider)
    change(template)
    status, said = Stack(cast.aws, change.__name__.replace("_", "-")).deploy(template)
    assert (status, reason in said) == ("ROLLBACK_COMPLETE", True), said
    assert "gitlab.com" not in str(cast.iam().list_open_id_connect_providers())


def test_other_custom_resources(cast: Cast) -> None:
    """What nobody here would run is refused before anything is made."""
    template = {"Resources": {"C": {"Type": "Custom::Own", "Properties": {"ServiceToken": "a"}}}}
    code, said = refusal(lambda: Stack(cast.aws, "own").deploy(template))
    assert (code, "functions are not run here" in said) == ("ValidationError", True)


def an_archive(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "/"), text)
    return content.getvalue()


def a_site(stack: cdk.Stack, *, at: str, retained: bool = True, to: str = "the-site") -> None:
    archives = s3.Bucket.from_bucket_name(stack, "From", "archives")
    deployments.BucketDeployment(
        stack,
        "Site",
        sources=[deployments.Source.bucket(archives, "site")],
        destination_bucket=s3.Bucket(stack, "To", bucket_name=to),
        destination_key_prefix=at,
        retain_on_delete=retained,
        exclude=["kept*"],
        cache_control=[deployments.CacheControl.no_cache()],
    )


READS = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}


def without_layers(template: Template) -> Template:
    """The layer with the AWS CLI, which no bucket has."""
    resources = template["Resources"]
    for one in resources.values():
        one["Properties"].pop("Layers", None)
    template["Resources"] = {name: one for name, one in resources.items() if one["Type"] != "AWS::Lambda::LayerVersion"}
    return template


def test_files_for_a_bucket(cast: Cast, tmp_path: Path) -> None:
    """They are read and written with the role of the function; what is there no more is deleted, unless excluded."""
    buckets, stack = cast.aws.client("s3", account=HOME, region=REGION), Stack(cast.aws, "site")
    place = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
    buckets.create_bucket(Bucket="archives", **place)
    buckets.put_object(Bucket="archives", Key="site", Body=an_archive(index="one", sub_page="two"))

    def there() -> list[str]:
        return [one["Key"] for one in buckets.list_objects_v2(Bucket="the-site").get("Contents", ())]

    def app(name: str, **more: Any) -> Template:
        return without_layers(synthesized(tmp_path / name, lambda made: a_site(made, **more)))

    first = app("first", at="web")
    assert stack.deploy(first) == ("CREATE_COMPLETE", "")
    assert there() == ["web/index", "web/sub/page"]
    assert buckets.get_object(Bucket="the-site", Key="web/index")["CacheControl"] == "no-cache"
    buckets.put_object(Bucket="the-site", Key="web/kept", Body=b"")
    buckets.put_object(Bucket="the-site", Key="web/old", Body=b"")
    buckets.put_object(Bucket="archives", Key="site", Body=an_archive(index="three"))
    again = app("again", at="web", retained=False)
    for one in again["Resources"].values():
        if one["Type"] == "Custom::CDKBucketDeployment":
            one["Properties"] |= {"SourceMarkers": [{"three": '"3"'}], "SourceMarkersConfig": [{"jsonEscape": True}]}
    assert stack.deploy(again, update=True) == ("UPDATE_COMPLETE", "")
    assert there() == ["web/index", "web/kept"]
    assert buckets.get_object(Bucket="the-site", Key="web/index")["Body"].read() == b'\\"3\\"'
    assert stack.deploy(app("moved", at="other", retained=False), update=True) == ("UPDATE_COMPLETE", "")
    assert there() == ["other/index"]
    # A rollback gives the function its role back before it is asked to.
    lost = app("lost", at="web", retained=False)
    (policy,) = (name for name, one in lost["Resources"].items() if one["Type"] == "AWS::IAM::Policy")
    lost["Resources"][policy]["Properties"]["PolicyDocument"]["Statement"] = [READS]
    for one in lost["Resources"].values():
        if one["Type"] == "Custom::CDKBucketDeployment":
            one["DependsOn"] = [policy]
    assert stack.deploy(lost, update=True)[0] == "UPDATE_ROLLBACK_COMPLETE"
    assert there() == ["other/index"]
    denied = app("denied", at="web", to="another-site")
    for one in denied["Resources"].values():
        if one["Type"] == "AWS::IAM::Policy":
            for statement in one["Properties"]["PolicyDocument"]["Statement"]:
                statement["Action"] = [one for one in statement["Action"] if one != "s3:PutObject"]
    status, said = Stack(cast.aws, "denied").deploy(denied)
    assert (status, "perform: s3:PutObject" in said) == ("ROLLBACK_COMPLETE", True), said


def a_site_behind_a_distribution(stack: cdk.Stack) -> None:
    """What most sites of the CDK are."""
    archives = s3.Bucket.from_bucket_name(stack, "From", "of-distributions")
    bucket = s3.Bucket(stack, "Bucket")
    origin = origins.S3BucketOrigin.with_origin_access_control(bucket)
    distribution = cloudfront.Distribution(
        stack, "Distribution", default_behavior=cloudfront.BehaviorOptions(origin=origin)
    )
    deployments.BucketDeployment(
        stack,
        "Site",
        sources=[deployments.Source.bucket(archives, "site")],
        destination_bucket=bucket,
        distribution=distribution,
    )


def test_a_site_behind_a_distribution(cast: Cast, tmp_path: Path) -> None:
    """The function invalidates what is cached, with its role; without that permission the deployment fails."""
    buckets = cast.aws.client("s3", account=HOME, region=REGION)
    buckets.create_bucket(Bucket="of-distributions", CreateBucketConfiguration={"LocationConstraint": REGION})
    buckets.put_object(Bucket="of-distributions", Key="site", Body=an_archive(index="one"))
    template = without_layers(synthesized(tmp_path, a_site_behind_a_distribution))
    stack = Stack(cast.aws, "behind")
    assert stack.deploy(template) == ("CREATE_COMPLETE", "")
    (distribution,) = stack.names("AWS::CloudFront::Distribution")
    found = cast.aws.client("cloudfront", account=HOME).list_invalidations(DistributionId=distribution)
    assert found["InvalidationList"]["Quantity"] == 1
    (policy,) = (name for name, one in template["Resources"].items() if one["Type"] == "AWS::IAM::Policy")
    template["Resources"][policy]["Properties"]["PolicyDocument"]["Statement"].pop()
    for one in template["Resources"].values():
        if one["Type"] == "Custom::CDKBucketDeployment":
            one |= {"DependsOn": policy, "Properties": one["Properties"] | {"DistributionPaths": ["/one"]}}
    status, said = stack.deploy(template, update=True)
    assert (status, "cloudfront:CreateInvalidation" in said) == ("UPDATE_ROLLBACK_COMPLETE", True), said
