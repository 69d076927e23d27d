"""
What S3 does besides asking policies: objects that are not there, policies of other buckets, access control lists.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from botocore import xform_name

from tests.sandbox.cast import HOME, OTHER, Cast, allow, policy, refusal

REGION = "eu-central-1"
PLACE = {"LocationConstraint": REGION}
EVERYBODY = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'


@pytest.fixture(scope="module")
def bucket(cast: Cast) -> str:
    """A bucket with one object, and another bucket."""
    s3 = cast.aws.client("s3", account=HOME)
    for name in ("of-home", "another"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=PLACE)
    s3.put_object(Bucket="of-home", Key="there", Body=b"a")
    return "of-home"


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        ([allow("s3:GetObject*")], "AccessDenied"),
        ([allow(["s3:GetObject*", "s3:ListBucket"])], "NoSuchKey"),
        ([allow("s3:*"), {**allow("s3:ListBucket"), "Effect": "Deny"}], "AccessDenied"),
        ([allow("s3:GetObject*"), allow("s3:ListBucket", "arn:aws:s3:::another")], "AccessDenied"),
        (
            [allow("s3:GetObject*"), allow("s3:ListBucket", Condition={"StringLike": {"s3:prefix": "a*"}})],
            "NotImplemented",
        ),
    ],
)
def test_an_object_that_is_not_there(cast: Cast, bucket: str, statements: list[Any], code: str) -> None:
    """It is said to whoever may list the bucket; nobody else learns what there is."""
    s3 = cast.aws.client("s3", cast.user(*statements))
    assert refusal(lambda: s3.get_object(Bucket=bucket, Key="none"))[0] == code
    status = {"AccessDenied": "403", "NoSuchKey": "404", "NotImplemented": "501"}[code]
    assert refusal(lambda: s3.head_object(Bucket=bucket, Key="none"))[0] == status
    assert s3.get_object(Bucket=bucket, Key="there")["Body"].read() == b"a"
    assert refusal(lambda: s3.get_object(Bucket="no-such-bucket-at-all", Key="none"))[0] == "NoSuchBucket"


def test_no_bucket_policy_keeps_root_from_it(cast: Cast) -> None:
    """The root user of a bucket's account reads and changes its policy whatever that says; of other accounts, none."""
    admin = cast.aws.client("s3", account=HOME)
    admin.create_bucket(Bucket="locked", CreateBucketConfiguration=PLACE)
    everything = {"Action": "s3:*", "Resource": ["arn:aws:s3:::locked", "arn:aws:s3:::locked/*"]}
    text = policy({"Effect": "Deny", "Principal": "*", **everything})
    admin.put_bucket_policy(Bucket="locked", Policy=text)
    owner, foreign = (cast.aws.client("s3", cast.aws.root_keys(account)) for account in (HOME, OTHER))
    for client in (admin, foreign):
        for call in (client.get_bucket_policy, client.delete_bucket_policy):
            assert refusal(lambda call=call: call(Bucket="locked"))[0] == "AccessDenied"
    for refused in (owner.get_bucket_acl, owner.list_objects_v2):
        assert refusal(lambda refused=refused: refused(Bucket="locked"))[0] == "AccessDenied"
    assert owner.get_bucket_policy(Bucket="locked")["Policy"]
    owner.put_bucket_policy(Bucket="locked", Policy=text)
    owner.delete_bucket_policy(Bucket="locked")
    assert admin.list_objects_v2(Bucket="locked")["KeyCount"] == 0


def test_no_other_account_has_to_do_with_a_bucket_policy(cast: Cast) -> None:
    """S3 refuses whoever is of another account once the policies allow it; other settings they may give away."""
    admin = cast.aws.client("s3", account=HOME)
    admin.create_bucket(Bucket="given", CreateBucketConfiguration=PLACE)
    user = cast.user(allow("s3:*"), account=OTHER)
    arns = ["arn:aws:s3:::given", "arn:aws:s3:::given/*"]
    text = policy({"Effect": "Allow", "Principal": {"AWS": user["Arn"]}, "Action": "s3:*", "Resource": arns})
    theirs = cast.aws.client("s3", user)
    calls: list[Callable[[], Any]] = [
        lambda: theirs.get_bucket_policy(Bucket="given"),
        lambda: theirs.put_bucket_policy(Bucket="given", Policy=text),
        lambda: theirs.delete_bucket_policy(Bucket="given"),
    ]
    assert [refusal(call)[0] for call in calls] == ["AccessDenied"] * 3
    admin.put_bucket_policy(Bucket="given", Policy=text)
    assert [refusal(call)[0] for call in calls] == ["MethodNotAllowed"] * 3
    assert theirs.get_bucket_versioning(Bucket="given")
    # A name that is taken is no call to that bucket.
    taken = refusal(lambda: theirs.create_bucket(Bucket="given", CreateBucketConfiguration=PLACE))
    assert taken[0] == "BucketAlreadyExists"
    assert json.loads(admin.get_bucket_policy(Bucket="given")["Policy"]) == json.loads(text)


#: Of what moto lacks: how it begins, what it is about, and what it is given besides the bucket and an id.
_LACKED: list[tuple[str, dict[str, Any]]] = [
    ("put_bucket_request_payment", {"RequestPaymentConfiguration": {"Payer": "Requester"}}),
    ("get_bucket_request_payment", {}),
    *(
        (f"{verb}_bucket_{kind}_configuration", {"Id": "a"})
        for kind in ("analytics", "intelligent_tiering", "metrics")
        for verb in ("delete", "get")
    ),
    *((f"list_bucket_{kind}_configurations", {}) for kind in ("analytics", "intelligent_tiering", "metrics")),
    ("put_bucket_metrics_configuration", {"Id": "a", "MetricsConfiguration": {"Id": "a"}}),
    ("delete_bucket_inventory_configuration", {"Id": "a"}),
]


@pytest.mark.parametrize(("operation", "given"), _LACKED)
def test_operations_that_moto_does_not_have(cast: Cast, bucket: str, operation: str, given: dict[str, Any]) -> None:
    """They are refused, where moto would make, list or delete the bucket in their place."""
    call = getattr(cast.aws.client("s3", account=HOME), operation)
    assert refusal(lambda: call(Bucket=bucket, **given))[0] == "NotImplemented"


def test_deleting_a_setting_keeps_the_bucket(cast: Cast) -> None:
    """No operation but DeleteBucket deletes a bucket."""
    client = cast.aws.client("s3", account=HOME)
    client.create_bucket(Bucket="kept", CreateBucketConfiguration=PLACE)
    names = [name for name in client.meta.service_model.operation_names if name.startswith(("DeleteBucket", "DeleteP"))]
    for name in names:
        shape = client.meta.service_model.operation_model(name).input_shape
        if name == "DeleteBucket":
            continue
        given = {"Bucket": "kept", **({"Id": "a"} if "Id" in shape.required_members else {})}
        with suppress(client.exceptions.ClientError):
            getattr(client, xform_name(name))(**given)
        assert client.head_bucket(Bucket="kept"), name


def test_mfa_delete(cast: Cast, bucket: str) -> None:
    """Nobody turns it on without a code, and with one it is not known who; it may stay off."""
    admin = cast.aws.client("s3", account=HOME)

    def turn(state: str, **more: str) -> Any:
        setting = {"Status": "Enabled", "MFADelete": state}
        return admin.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=setting, **more)

    assert refusal(lambda: turn("Enabled")) == ("AccessDenied", "Mfa Authentication must be used for this request")
    assert refusal(lambda: turn("Enabled", MFA=f"arn:aws:iam::{HOME}:mfa/root 123456"))[0] == "NotImplemented"
    assert turn("Disabled")
    assert "MFADelete" not in admin.get_bucket_versioning(Bucket=bucket)


def test_an_object_that_was_deleted(cast: Cast) -> None:
    """What is hidden by a delete marker is not there either, and its earlier version is."""
    admin = cast.aws.client("s3", account=HOME)
    admin.create_bucket(Bucket="of-versions", CreateBucketConfiguration=PLACE)
    admin.put_bucket_versioning(Bucket="of-versions", VersioningConfiguration={"Status": "Enabled"})
    version = admin.put_object(Bucket="of-versions", Key="k", Body=b"a")["VersionId"]
    admin.delete_object(Bucket="of-versions", Key="k")
    s3 = cast.aws.client("s3", cast.user(allow("s3:GetObject*")))
    assert refusal(lambda: s3.get_object(Bucket="of-versions", Key="k"))[0] == "AccessDenied"
    assert s3.get_object(Bucket="of-versions", Key="k", VersionId=version)["Body"].read() == b"a"


def statement(action: str, *resources: str) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": list(resources)}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (statement("s3:GetObject", "arn:aws:s3:::another/*"), "Policy has invalid resource"),
        (statement("s3:*", "arn:aws:s3:::of-home/*", "arn:aws:s3:::another"), "Policy has invalid resource"),
        (statement("s3:*", "arn:aws:sqs:::of-home"), "Policy has invalid resource"),
        (statement("s3:*", "of-home"), "Policy has invalid resource"),
        (statement("s3:ListBucket", "arn:aws:s3:::of-home/*"), "Action does not apply"),
        (statement("s3:GetObject", "arn:aws:s3:::of-home"), "Action does not apply"),
        (statement("s3:GetObject", "arn:aws:s3:::of-home/*"), None),
        (statement("s3:ListBucket", "arn:aws:s3:::of-home", "arn:aws:s3:::of-home/*"), None),
        (statement("s3:*", "arn:aws:s3:::of-*"), None),
        (statement("s3:Get*", "arn:aws:s3:::*"), None),
        (statement("s3:Get*", "*"), "Policy has invalid resource"),
    ],
)
def test_a_policy_speaks_of_its_own_bucket(cast: Cast, bucket: str, given: dict[str, Any], message: str | None) -> None:
    """S3 refuses a statement about another bucket, and one whose action is about none of its resources."""
    s3 = cast.aws.client("s3", account=HOME)
    if message is None:
        given["Condition"] = {"StringEquals": {"aws:PrincipalAccount": "000000000000"}}
        s3.put_bucket_policy(Bucket=bucket, Policy=policy(given))
        s3.delete_bucket_policy(Bucket=bucket)
    else:
        code, said = refusal(lambda: s3.put_bucket_policy(Bucket=bucket, Policy=policy(given)))
        assert (code, message in said) == ("MalformedPolicy", True)
    made = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": bucket, "PolicyDocument": json.loads(policy(given))},
    }
    assert stack_status(cast, made) == ("CREATE_COMPLETE" if message is None else "ROLLBACK_COMPLETE")


def stack_status(cast: Cast, resource: dict[str, Any]) -> str:
    client = cast.aws.client("cloudformation", account=HOME)
    made = client.create_stack(StackName="one", TemplateBody=json.dumps({"Resources": {"R": resource}}))["StackId"]
    status = str(client.describe_stacks(StackName=made)["Stacks"][0]["StackStatus"])
    client.delete_stack(StackName="one")
    return status


LISTS: list[tuple[str, Callable[[Any], Any]]] = [
    ("AccessControlListNotSupported", lambda s3: s3.put_bucket_acl(Bucket="of-home", ACL="public-read")),
    ("AccessControlListNotSupported", lambda s3: s3.put_bucket_acl(Bucket="of-home", GrantRead=EVERYBODY)),
    ("AccessControlListNotSupported", lambda s3: s3.put_object(Bucket="of-home", Key="a", ACL="private")),
    ("AccessControlListNotSupported", lambda s3: s3.put_object_acl(Bucket="of-home", Key="there", ACL="public-read")),
    (
        "AccessControlListNotSupported",
        lambda s3: s3.copy_object(Bucket="of-home", Key="a", CopySource="of-home/there", GrantRead=EVERYBODY),
    ),
    (
        "InvalidBucketAclWithObjectOwnership",
        lambda s3: s3.create_bucket(Bucket="listed", CreateBucketConfiguration=PLACE, ACL="public-read"),
    ),
    (
        "NotImplemented",
        lambda s3: s3.create_bucket(
            Bucket="listed", CreateBucketConfiguration=PLACE, ObjectOwnership="BucketOwnerPreferred"
        ),
    ),
    (
        "NotImplemented",
        lambda s3: s3.put_bucket_ownership_controls(
            Bucket="of-home", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        ),
    ),
    ("NotImplemented", lambda s3: s3.delete_bucket_ownership_controls(Bucket="of-home")),
    ("", lambda s3: s3.put_object(Bucket="of-home", Key="a", Body=b"a", ACL="bucket-owner-full-control")),
    ("", lambda s3: s3.create_bucket(Bucket="private", CreateBucketConfiguration=PLACE, ACL="private")),
]


def test_an_upload_in_parts_is_of_one_object(cast: Cast, bucket: str) -> None:
    """Whoever may write one object writes no part of another, nor lists, ends or completes its upload."""
    admin = cast.aws.client("s3", account=HOME)
    theirs = admin.create_multipart_upload(Bucket=bucket, Key="theirs")["UploadId"]
    may = allow(
        ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"], f"arn:aws:s3:::{bucket}/mine"
    )
    s3 = cast.aws.client("s3", cast.user(may))
    mine = s3.create_multipart_upload(Bucket=bucket, Key="mine")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="mine", UploadId=mine, PartNumber=1, Body=b"a")["ETag"]
    parts = {"Parts": [{"ETag": part, "PartNumber": 1}]}
    of_another = {"Bucket": bucket, "Key": "mine", "UploadId": theirs}
    for call in (
        lambda: s3.upload_part(**of_another, PartNumber=1, Body=b"evil"),
        lambda: s3.complete_multipart_upload(**of_another, MultipartUpload=parts),
        lambda: s3.list_parts(**of_another),
        lambda: s3.abort_multipart_upload(**of_another),
    ):
        assert refusal(call)[0] == "NoSuchUpload"
    assert s3.list_parts(Bucket=bucket, Key="mine", UploadId=mine)["Parts"]
    s3.complete_multipart_upload(Bucket=bucket, Key="mine", UploadId=mine, MultipartUpload=parts)
    admin.abort_multipart_upload(Bucket=bucket, Key="theirs", UploadId=theirs)


@pytest.mark.parametrize(("code", "call"), LISTS)
def test_access_control_lists_are_off(cast: Cast, bucket: str, code: str, call: Callable[[Any], Any]) -> None:
    """Nobody is let in by a list: S3 refuses it as in a new bucket, and turning lists on is not done here."""
    s3 = cast.aws.client("s3", account=HOME)
    if code:
        assert refusal(lambda: call(s3))[0] == code
    else:
        call(s3)


@pytest.mark.parametrize(
    ("properties", "status"),
    [
        ({}, "CREATE_COMPLETE"),
        ({"AccessControl": "Private"}, "CREATE_COMPLETE"),
        ({"AccessControl": "PublicRead"}, "ROLLBACK_COMPLETE"),
        ({"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}, "CREATE_COMPLETE"),
        (
            {
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
                "AccessControl": "LogDeliveryWrite",
            },
            "ROLLBACK_COMPLETE",
        ),
    ],
)
def test_access_control_lists_of_templates(cast: Cast, properties: dict[str, Any], status: str) -> None:
    """A bucket of a template has no lists either, and a template that asks for them is not made without."""
    assert stack_status(cast, {"Type": "AWS::S3::Bucket", "Properties": properties}) == status


def test_another_account_puts_into_a_bucket(cast: Cast, bucket: str) -> None:
    """Whoever is let write from another account writes what is the owner's, with the one list that is taken."""
    admin = cast.aws.client("s3", account=HOME)
    user = cast.user(allow("s3:PutObject*"), account=OTHER)
    lets = {**allow(["s3:PutObject", "s3:PutObjectAcl"], f"arn:aws:s3:::{bucket}/*"), "Principal": {"AWS": user["Arn"]}}
    admin.put_bucket_policy(Bucket=bucket, Policy=policy(lets))
    s3 = cast.aws.client("s3", user)
    s3.put_object(Bucket=bucket, Key="theirs", Body=b"b", ACL="bucket-owner-full-control")
    assert refusal(lambda: s3.put_object(Bucket=bucket, Key="theirs", ACL="public-read"))[0] == (
        "AccessControlListNotSupported"
    )
    assert admin.get_object(Bucket=bucket, Key="theirs")["Body"].read() == b"b"


@pytest.mark.parametrize("account", [HOME, OTHER])
def test_an_upload_that_gives_the_owner_full_control(cast: Cast, bucket: str, account: str) -> None:
    """AWS says both that PutObject is enough and that it is not; a list that gives others something takes more."""
    user = cast.user(allow("s3:PutObject"), account=account)
    if account == OTHER:
        lets = {**allow("s3:PutObject", f"arn:aws:s3:::{bucket}/*"), "Principal": {"AWS": user["Arn"]}}
        lets["Condition"] = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}
        cast.aws.client("s3", account=HOME).put_bucket_policy(Bucket=bucket, Policy=policy(lets))
    s3 = cast.aws.client("s3", user)
    full = {"Bucket": bucket, "Key": "a", "Body": b"a", "ACL": "bucket-owner-full-control"}
    code, message = refusal(lambda: s3.put_object(**full))
    assert (code, "s3:PutObjectAcl" in message) == ("NotImplemented", True)
    assert refusal(lambda: s3.put_object(Bucket=bucket, Key="a", Body=b"a", ACL="public-read"))[0] == "AccessDenied"


def test_a_service_writes_its_logs(cast: Cast, bucket: str) -> None:
    """The policy that AWS publishes for CloudTrail's logs lets CloudTrail write them, and nobody without the list."""
    full = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}
    lets = {**allow("s3:PutObject", f"arn:aws:s3:::{bucket}/AWSLogs/{HOME}/*"), "Condition": full}
    lets["Principal"] = {"Service": "cloudtrail.amazonaws.com"}
    cast.aws.client("s3", account=HOME).put_bucket_policy(Bucket=bucket, Policy=policy(lets))
    keys = cast.aws.as_service("cloudtrail.amazonaws.com", source_account=HOME)
    s3 = cast.aws.client("s3", keys)
    log = {"Bucket": bucket, "Key": f"AWSLogs/{HOME}/a", "Body": b"log"}
    s3.put_object(**log, ACL="bucket-owner-full-control")
    assert refusal(lambda: s3.put_object(**log))[0] == "AccessDenied"


def test_objects_are_deleted_key_by_key(cast: Cast) -> None:
    """What may be deleted is, and each other key has its error; an empty list of errors is none."""
    admin = cast.aws.client("s3", account=HOME)
    admin.create_bucket(Bucket="many-keys", CreateBucketConfiguration=PLACE)
    admin.put_bucket_versioning(Bucket="many-keys", VersioningConfiguration={"Status": "Enabled"})
    names = ["mine/a", "mine/<&>", "yours/b", "yours/<c>"]
    versions = {name: admin.put_object(Bucket="many-keys", Key=name, Body=b"x")["VersionId"] for name in names}
    s3 = cast.aws.client("s3", cast.user(allow("s3:DeleteObject", "arn:aws:s3:::many-keys/mine/*")))
    answer = s3.delete_objects(Bucket="many-keys", Delete={"Objects": [{"Key": name} for name in names]})
    assert [one["Key"] for one in answer["Deleted"]] == names[:2]
    assert [(one["Key"], one["Code"]) for one in answer["Errors"]] == [(name, "AccessDenied") for name in names[2:]]
    assert "because no identity-based policy allows the s3:DeleteObject action" in answer["Errors"][0]["Message"]
    assert [one["Key"] for one in admin.list_objects_v2(Bucket="many-keys")["Contents"]] == sorted(names[2:])
    answer = s3.delete_objects(
        Bucket="many-keys", Delete={"Objects": [{"Key": "mine/a", "VersionId": versions["mine/a"]}]}
    )
    assert "Deleted" not in answer
    assert [(one["Key"], one["VersionId"]) for one in answer["Errors"]] == [("mine/a", versions["mine/a"])]
    assert "Errors" not in s3.delete_objects(Bucket="many-keys", Delete={"Objects": [{"Key": "mine/none"}]})


def test_nothing_is_deleted_where_a_key_is_undecided(cast: Cast) -> None:
    """Of one key it is not known whether it may be deleted: then no other is deleted either."""
    admin = cast.aws.client("s3", account=HOME)
    admin.create_bucket(Bucket="unknown-keys", CreateBucketConfiguration=PLACE)
    for name in ("a", "b"):
        admin.put_object(Bucket="unknown-keys", Key=name, Body=b"x")
    some = allow("s3:DeleteObject", "arn:aws:s3:::unknown-keys/a")
    doubtful = allow("s3:DeleteObject", "arn:aws:s3:::unknown-keys/b", Condition={"Bool": {"s3:NoSuchKeyOfS3": "true"}})
    s3 = cast.aws.client("s3", cast.user(some, doubtful))
    both = {"Objects": [{"Key": "a"}, {"Key": "b"}]}
    assert refusal(lambda: s3.delete_objects(Bucket="unknown-keys", Delete=both))[0] == "NotImplemented"
    assert admin.list_objects_v2(Bucket="unknown-keys")["KeyCount"] == 2


@pytest.mark.parametrize("key", ["<Key>mine</Key><Key>theirs</Key>", "<Key>mine</Key><VersionId/><VersionId/>"])
def test_an_object_to_delete_has_one_name(cast: Cast, bucket: str, key: str) -> None:
    """What names an object twice is no list of objects."""
    s3 = cast.aws.client("s3", cast.user(allow("s3:*")))

    def write(request: Any, **_: Any) -> None:
        request.data = f"<Delete><Object>{key}</Object></Delete>".encode()

    s3.meta.events.register("before-sign.s3.DeleteObjects", write)
    call = lambda: s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "mine"}]})  # noqa: E731
    assert refusal(call)[0] == "MalformedXML"


@pytest.mark.parametrize(
    ("tags", "code"),
    [([("team", "a")], ""), ([("team", "b")], "AccessDenied"), ([("team", "a"), ("more", "a")], "AccessDenied")],
)
def test_tags_of_objects(cast: Cast, bucket: str, tags: list[tuple[str, str]], code: str) -> None:
    """Tags are told to policies in whichever way they are put on an object."""
    condition = {
        "StringEquals": {"s3:RequestObjectTag/team": "a"},
        "ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": "team"},
    }
    s3 = cast.aws.client("s3", cast.user(allow(["s3:PutObject", "s3:PutObjectTagging"], Condition=condition)))
    cast.aws.client("s3", account=HOME).put_object(Bucket=bucket, Key="tagged", Body=b"x")
    listed = [{"Key": key, "Value": value} for key, value in tags]
    written = "&".join(f"{key}={value}" for key, value in tags)
    calls: list[Callable[[], Any]] = [
        lambda: s3.put_object_tagging(Bucket=bucket, Key="tagged", Tagging={"TagSet": listed}),
        lambda: s3.put_object(Bucket=bucket, Key="tagged", Body=b"x", Tagging=written),
        lambda: s3.create_multipart_upload(Bucket=bucket, Key="tagged", Tagging=written),
    ]
    for call in calls:
        if code:
            assert refusal(call)[0] == code
        else:
            call()


def test_a_bucket_is_served_in_its_region(cast: Cast, bucket: str) -> None:
    """Whichever Region a client calls, it is sent to the bucket's, and that is the one that is requested."""
    elsewhere = "us-west-2"
    deny = {**allow("s3:*", Condition={"StringEquals": {"aws:RequestedRegion": REGION}}), "Effect": "Deny"}
    only = {"StringEquals": {"aws:RequestedRegion": elsewhere}}
    for statements in ([allow("s3:*"), deny], [allow("s3:*", Condition=only)]):
        s3 = cast.aws.client("s3", cast.user(*statements), region=elsewhere)
        assert refusal(lambda s3=s3: s3.get_object(Bucket=bucket, Key="there"))[0] == "AccessDenied"
    s3 = cast.aws.client("s3", cast.user(allow("s3:*")), region=elsewhere)
    assert s3.get_object(Bucket=bucket, Key="there")["Body"].read() == b"a"
    assert s3.head_object(Bucket=bucket, Key="there")["ContentLength"] == 1
    asking = cast.aws.client("s3", cast.user(allow("s3:*")), region="us-east-1")
    assert asking.get_bucket_location(Bucket=bucket)["LocationConstraint"] == REGION


def test_a_copy_from_another_region(cast: Cast, bucket: str) -> None:
    """Which Region the reading of a copy requests is not documented: undecided where that makes a difference."""
    elsewhere = "us-west-2"
    admin = cast.aws.client("s3", account=HOME, region=elsewhere)
    admin.create_bucket(Bucket="far-away", CreateBucketConfiguration={"LocationConstraint": elsewhere})
    given = {"Bucket": "far-away", "Key": "copy", "CopySource": f"{bucket}/there"}
    condition = {"StringEquals": {"aws:RequestedRegion": elsewhere}}
    for statement, code in ((allow("s3:*"), ""), (allow("s3:*", Condition=condition), "NotImplemented")):
        s3 = cast.aws.client("s3", cast.user(statement), region=elsewhere)
        if code:
            assert refusal(lambda s3=s3: s3.copy_object(**given))[0] == code
        else:
            s3.copy_object(**given)
