"""
What the gateway stands on in moto, and what it fills in there: both are as they were when it was written.
"""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib.metadata import version
from typing import Any

import pytest
from moto.core.model import ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.iam import models as moto_iam
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.s3 import models as s3_models
from moto.s3 import notifications as s3_notifications
from moto.s3 import responses as s3_responses
from moto.s3.models import FakeBucket
from moto.sts.responses import TokenResponse

from tests.sandbox.cast import HOME, Cast
from trustproof.sandbox.cloudformation.resources import OWN_TYPES
from trustproof.sandbox.credentials.credentials import iam_of
from trustproof.sandbox.moto import (
    carriers,
    encryption,
    identity_center,
    lambda_permissions,
    load_balancers,
    queues,
    routing,
)
from trustproof.sandbox.moto import server as moto_server
from trustproof.sandbox.moto.policies import _READERS


def test_the_pinned_version() -> None:
    """All that follows is of this version: a new one is read before it is pinned."""
    assert version("moto") == "5.2.5"


@pytest.mark.parametrize("protocol", ["query", "ec2", "json", "rest-json", "rest-xml"])
def test_parsers(protocol: str) -> None:
    """There is a parser for each protocol that the gateway speaks."""
    assert protocol in PROTOCOL_PARSERS


def test_what_moto_cannot_parse() -> None:
    """The day moto reads CBOR, the gateway can decide it."""
    assert "smithy-rpc-v2-cbor" not in PROTOCOL_PARSERS


def test_models(cast: Cast) -> None:
    """A service's model is botocore's, by botocore's names."""
    assert isinstance(moto_server._model("lambda"), ServiceModel)
    assert moto_server._model("no-such-service") is None
    assert moto_server.protocol("ec2") == "ec2"


def test_entities(cast: Cast) -> None:
    """Users, roles and keys have the attributes that callers and policies are made of."""
    cast.user()
    cast.role({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
    iam = iam_of(HOME)
    user, role = next(iter(iam.users.values())), next(iter(iam.roles.values()))
    for name in ("arn", "id", "name", "policies", "managed_policies", "mfa_devices", "access_keys"):
        assert hasattr(user, name), name
    for name in ("arn", "id", "path", "tags", "max_session_duration", "assume_role_policy_document", "last_used"):
        assert hasattr(role, name), name
    key = next(iter(iam.access_keys.values()))
    assert (key.status, len(key.secret_access_key), key.user_name in iam.users) == ("Active", 40, True)
    device = iam.create_virtual_mfa_device("seed", "/")
    assert len(device.base32_string_seed) == 64


def test_buckets(cast: Cast) -> None:
    """A bucket is found with its owner, and moto's own check of its policy is off."""
    cast.aws.client("s3", account=HOME).create_bucket(
        Bucket="contract", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    assert moto_server.bucket_owner("contract") == HOME
    assert moto_server.bucket_policy("contract") is None
    assert FakeBucket.get_permission.__name__ == "_permitted"


def test_what_moto_answers_by_itself(cast: Cast) -> None:
    """STS of moto has no DecodeAuthorizationMessage and looks at no code: the day it does, read it again."""
    assert not hasattr(TokenResponse, "decode_authorization_message")


@pytest.mark.parametrize("prefix", sorted(_READERS))
def test_resource_policies(cast: Cast, prefix: str) -> None:
    """The back ends that keep resource policies can be asked for one that is not there."""
    names: dict[str, str] = {"ecr": "repository/none", "kms": "key/none", "lambda": "function:none"}
    arn = f"arn:aws:{prefix}:eu-central-1:{HOME}:{names.get(prefix, 'none')}"
    reader: Any = _READERS[prefix]
    assert reader(HOME, "eu-central-1", names.get(prefix, "none"), arn) is None


def test_what_moto_carries() -> None:
    """What moto would do in other services for S3 is called by the names that are replaced, and is off."""
    assert s3_models.events_send_notification.__name__ == "_send_nothing"
    for name in ("send_event", "send_test_event"):
        assert getattr(s3_notifications, name).__name__ == "_send_nothing"
        assert f"notifications.{name}(" in inspect.getsource(s3_models)
    assert "events_send_notification(" in inspect.getsource(s3_models)


def test_wires(cast: Cast) -> None:
    """Who a topic, a bus, a queue, a function and a log group are wired to can be asked for where there is nobody."""
    assert carriers.subscriptions_of(f"arn:aws:sns:eu-central-1:{HOME}:none") == []
    assert carriers.targets_of(HOME, "eu-central-1", {"Source": "a", "DetailType": "b", "Detail": "{}"}) == []
    assert not carriers.is_read_by_a_function(f"arn:aws:sqs:eu-central-1:{HOME}:none")
    assert not carriers.has_subscription_filters(HOME, "eu-central-1", "none")
    assert carriers.role_of_function(HOME, "eu-central-1", "none") is None


def test_keys(cast: Cast) -> None:
    """The keys of tables, streams and uploads can be asked for where there are none."""
    assert encryption.of_tables(HOME, "eu-central-1", None) == encryption.of_streams(HOME, "eu-central-1", None) == []
    assert encryption.of_upload("none", "none") is None


def test_the_server() -> None:
    """Moto's server is a WSGI application."""
    assert isinstance(routing.Server(), DomainDispatcherApplication)


def test_types_that_moto_does_not_have(cast: Cast) -> None:
    """Resource types that are ours since moto has none: the day it has one, that is read beside ours."""
    from moto.cloudformation.parsing import get_model_map

    # Classes of tests are in it as soon as they are imported.
    moto_types = {name for name, model in get_model_map().items() if model.__module__.startswith("moto.")}
    ours = set(OWN_TYPES) - moto_types
    assert ours >= {
        "AWS::IAM::Group",
        "AWS::IAM::GroupPolicy",
        "AWS::IAM::OIDCProvider",
        "AWS::IAM::RolePolicy",
        "AWS::IAM::SAMLProvider",
        "AWS::IAM::ServiceLinkedRole",
        "AWS::IAM::UserPolicy",
        "AWS::IAM::UserToGroupAddition",
        "AWS::IAM::VirtualMFADevice",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::Subscription",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
        "AWS::SSO::Assignment",
        "AWS::SSO::PermissionSet",
        "AWS::SecretsManager::ResourcePolicy",
    }


def test_what_moto_does_not_keep_of_users() -> None:
    """Permissions boundaries of users are kept here, since moto's users have none."""
    assert "permissions_boundary" not in inspect.getsource(moto_iam.User)
    assert not hasattr(moto_iam.IAMBackend, "put_user_permissions_boundary")


def test_what_moto_forgets_of_managed_policies() -> None:
    """Moto has no way to change or to delete a managed policy of a stack: ours does both."""
    source = inspect.getsource(moto_iam.ManagedPolicy)
    assert "update_from_cloudformation_json" not in source
    assert "delete_from_cloudformation_json" not in source


def test_what_moto_does_not_say_of_objects() -> None:
    """Whether somebody may know that an object is not there, moto does not ask; nor has it lists that are off."""
    source = inspect.getsource(s3_responses)
    assert "AccessControlListNotSupported" not in source
    assert "Policy has invalid resource" not in source


def test_what_moto_does_not_have_of_identity_center() -> None:
    """Moto makes no roles of permission sets, has no boundaries of theirs, and calls them by another ARN."""
    source = inspect.getsource(identity_center.SSOAdminBackend)
    assert "iam_backends" not in source
    assert "boundary" not in source
    assert "permissionSet/" not in inspect.getsource(identity_center.PermissionSet)
    assert "access_control_attribute" not in source


def test_moto_has_an_identity_store_of_any_id() -> None:
    """Whether there is an identity store, and whose it is, moto does not ask: it makes each that is named."""
    stores = identity_center.store_of("111122223333", "eu-west-3")
    assert stores.list_groups("d-0000000000", filters=[]) == ([], None)
    assert list(stores.identity_stores) == ["d-0000000000"]


def test_what_moto_forgets_of_queues_and_functions() -> None:
    """The policy of a queue is lost with every attribute that is set, and a permission may be there twice."""
    source = inspect.getsource(queues._MOTOS)
    assert 'self.policy = attributes.get("Policy")' in source
    assert "ResourceConflict" not in inspect.getsource(lambda_permissions._MOTOS)


def test_attributes_of_load_balancers(cast: Cast) -> None:
    """moto keeps the type and the attributes of a load balancer by its ARN, and asks no bucket about its logs."""
    client = cast.aws.client("elbv2", account=HOME)
    subnets = [one["SubnetId"] for one in cast.aws.client("ec2", account=HOME).describe_subnets()["Subnets"][:2]]
    arn = client.create_load_balancer(Name="read", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    kind, attributes = load_balancers.load_balancer(HOME, client.meta.region_name, arn) or ("", {})
    assert (kind, attributes["access_logs.s3.bucket"]) == ("application", "")
    assert load_balancers.load_balancer(HOME, client.meta.region_name, "none") is None


_ONLY_ROLES = """
import json, sys
from trustproof.sandbox import Sandbox
statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
trust = {"Statement": [statement]}
role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
with Sandbox(accounts=["111122223333"]) as aws:
    aws.client("cloudformation", account="111122223333").create_stack(
        StackName="roles", TemplateBody=json.dumps({"Resources": {"Role": role}}), Capabilities=["CAPABILITY_IAM"]
    )
    print(*sorted({"moto.apigateway", "moto.cloudformation", "moto.ec2", "moto.rds"} & sys.modules.keys()))
"""


def test_nothing_waits_for_services_that_nobody_calls() -> None:
    """A sandbox starts, and makes a stack of roles, without what moto has of other services."""
    command = [sys.executable, "-c", _ONLY_ROLES]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
