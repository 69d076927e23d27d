"""
IAM: whom policies may name and remember, boundaries, quotas, what stands in the way of a deletion.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from trustproof.sandbox.iam import iam
from trustproof.sandbox.moto import server as moto_server
from trustproof.sandbox.moto.iam import IamError, iam_backends

HUB, DEV, VENDOR = "111122223333", "222233334444", "888899990000"
READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def trust(*principals: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": list(principals)}, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


@pytest.fixture
def hub() -> Iterator[Any]:
    moto_server.prepare()
    iam.install()
    yield iam_backends[HUB]["aws"]
    iam_backends.clear()


def role(backend: Any, name: str, document: str) -> Any:
    return backend.create_role(name, document, "/", None, "", [], 3_600)


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        HUB,
        f"arn:aws:iam::{VENDOR}:root",
        # An account that the sandbox does not have: who is there cannot be known.
        f"arn:aws:iam::{VENDOR}:role/anybody",
        f"arn:aws:sts::{HUB}:assumed-role/there/session",
        f"arn:aws:iam::{HUB}:role/there",
        f"arn:aws:iam::{HUB}:user/somebody",
    ],
)
def test_principals_that_exist(hub: Any, principal: str) -> None:
    """A trust policy names whom there is."""
    role(hub, "there", trust(HUB))
    hub.create_user("eu-central-1", "somebody")
    assert role(hub, "new", trust(principal)).name == "new"


@pytest.mark.parametrize(
    "principal",
    [
        f"arn:aws:iam::{HUB}:role/nobody",
        f"arn:aws:iam::{HUB}:user/nobody",
        f"arn:aws:iam::{DEV}:role/nobody",
        f"arn:aws:iam::{HUB}:role/*",
        f"arn:aws:iam::{HUB}:group/people",
        "AROAAAAAAAAAAAAAAAAAA",
        "11112222333",
        "nobody",
    ],
)
def test_principals_that_do_not_exist(hub: Any, principal: str) -> None:
    """A trust policy that names nobody is refused, at its creation and at every change."""
    role(iam_backends[DEV]["aws"], "there", trust(DEV))
    role(hub, "old", trust(HUB))
    with pytest.raises(IamError, match=f'Invalid principal in policy: "AWS":"{principal}"'.replace("*", r"\*")):
        role(hub, "new", trust(principal))
    with pytest.raises(IamError, match="Invalid principal"):
        hub.update_assume_role_policy("old", trust(principal))


@pytest.mark.parametrize(
    ("kind", "value", "fine"),
    [
        ("Service", "lambda.amazonaws.com", True),
        ("Service", "lambda", False),
        ("Federated", f"arn:aws:iam::{HUB}:saml-provider/x", True),
        ("Federated", "accounts.google.com", True),
        ("Federated", "issuer.example.com", False),
        ("AWS", f"arn:aws-cn:iam::{VENDOR}:root", False),
        ("AWS", "arn:aws-us-gov:sts::111122223333:assumed-role/a/b", False),
        ("Federated", f"arn:aws-us-gov:iam::{HUB}:saml-provider/p", False),
        ("Nobody", "x", False),
        ("CanonicalUser", "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be", False),
    ],
)
def test_other_kinds_of_principals(hub: Any, kind: str, value: str, fine: bool) -> None:
    """Services have names of services, and identity providers ARNs."""
    action = "sts:AssumeRoleWithSAML" if kind == "Federated" else "sts:AssumeRole"
    statement = {"Effect": "Allow", "Action": action, "Principal": {kind: value}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    if fine:
        role(hub, "new", document)
    else:
        with pytest.raises(IamError, match="MalformedPolicyDocument"):
            role(hub, "new", document)


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ([{"Sid": "A"}, {"Sid": "A"}], "must be unique"),
        ([{"Sid": "a b"}], "must be alpha-numeric"),
        ([{"Resource": "bucket"}], 'Resource bucket must be in ARN format or "\\*"'),
        ([{"Resource": ["arn:aws:s3:::bucket", "bucket/key"]}], "must be in ARN format"),
        ([{"Resource": "s3:::bucket"}], "must be in ARN format"),
        ([{"Resource": "bucket/*"}], 'Resource bucket/\\* must be in ARN format or "\\*"'),
        ([{"Resource": "/${aws:username}"}], "must be in ARN format"),
        ([{"NotResource": "arns*:s3:::bucket", "Resource": None}], "must be in ARN format"),
        ([{"Resource": "*/*"}], "whether IAM takes a wildcard for the first word of an ARN is not known"),
        ([{"Resource": "${aws:username}"}], "NotImplemented"),
        ([{"Resource": "ar*:s3:::bucket"}], "NotImplemented"),
        ([{"Resource": "arn:aws-cn:s3:::bucket"}], 'Partition "aws-cn" is not valid for resource'),
        ([{"NotResource": "arn:awss:s3:::bucket/*", "Resource": None}], 'Partition "awss" is not valid for resource'),
        ([{"Resource": "arn:aws:s3::bucket"}], "The policy failed legacy parsing"),
        ([{"Resource": "arn:aws:iam:us-east-1:111122223333:role/a"}], "cannot contain region information"),
        ([{"Resource": "arn:aws:iam::111122223333:rolle/a"}], "IAM resource path must either be"),
        ([{"Resource": "arn:aws:iam::111122223333:*/a"}], "IAM resource path must either be"),
        ([{"Action": "s3:Get:Object"}], "can contain only one colon"),
        ([{"Action": None, "NotAction": ["iam:*", "s3*:Get"]}], "Vendor s3\\* is not valid"),
        ([{"Condition": {"StringEquals": {"username": "a"}}}], "must be prefaced by a vendor"),
        ([{"Sid": 5}], "Syntax errors in policy"),
        ([{"Resource": "arn:aws:s3:eu-west-1::bucket"}], "can not contain region information"),
        ([{"Resource": "arn:aws:s3"}], "can not contain region information"),
        ([{"Resource": "arn:aws:s3:eu-west-1:111122223333:accesspoint/a"}], None),
        ([{"Condition": {"DateGreaterThan": {"aws:CurrentTime": "tomorrow"}}}], "The policy failed legacy parsing"),
        (
            [{"Condition": {"DateLessThanIfExists": {"aws:CurrentTime": ["2027-01-01", "2027-01-01 00:00:00"]}}}],
            "legacy",
        ),
        ([{"Condition": {"DateLessThan": {"aws:CurrentTime": "2027-13-01T00:00:00Z"}}}], "NotImplemented"),
        ([{"Condition": {"DateLessThan": {"aws:CurrentTime": "${aws:PrincipalTag/until}"}}}], "NotImplemented"),
        ([{"Condition": {"DateLessThan": {"aws:CurrentTime": ["2027-01-01T00:00:00Z", 1600000000]}}}], None),
        ([{"Sid": ""}, {"Sid": ""}, {"Sid": "a"}, {"Sid": "A"}], None),
        ([{"Resource": ["arn:aws:iam::*:*", "arn:aws:iam::111122223333:root", "arn:*:iam::*:role/*"]}], None),
        ([{"Resource": "arn:aws:iam::${aws:PrincipalAccount}:user/${aws:username}"}], None),
        ([{"Resource": "arn:${aws:PrincipalTag/partition, 'aws'}:s3:::a"}, {"Action": "*:Get*"}], None),
        ([{"Resource": "arn:aws:s3:::bucket"}, {"Resource": "*"}, {"Resource": "arn:*"}], None),
    ],
)
def test_statements_that_iam_does_not_take(hub: Any, statements: list[dict[str, Any]], said: str | None) -> None:
    """What IAM says of ids of statements, actions, resources and keys, it says of inline and of managed policies."""
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    changed = [{**allow, **one} for one in statements]
    listed = [{name: value for name, value in one.items() if value is not None} for one in changed]
    document = json.dumps({"Version": "2012-10-17", "Statement": listed})
    role(hub, "holder", trust(HUB))
    calls = [
        lambda: hub.put_role_policy("holder", "p", document),
        lambda: hub.create_policy("d", "/", document, "managed", []),
    ]
    for call in calls:
        if said is None:
            call()
        else:
            with pytest.raises(IamError, match=said):
                call()


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
@pytest.mark.parametrize(
    ("element", "message"),
    [
        ({"Principal": "*"}, 'AssumeRolepolicy contained an invalid principal: "STAR":"\\*"'),
        ({"NotPrincipal": {"AWS": HUB}}, "must not contain NotPrincipal"),
    ],
)
def test_principals_of_other_policies_only(hub: Any, effect: str, element: Any, message: str) -> None:
    """Everybody is `{"AWS": "*"}` in a trust policy, and nobody is named by whom it leaves out."""
    role(hub, "old", trust("*"))
    statement = {"Effect": effect, "Action": "sts:AssumeRole", **element}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    with pytest.raises(IamError, match=message):
        role(hub, "new", document)
    with pytest.raises(IamError, match=message):
        hub.update_assume_role_policy("old", document)


@pytest.mark.parametrize("kind", ["role", "user"])
def test_trust_in_what_was_deleted_is_gone(hub: Any, kind: str) -> None:
    """
    A policy remembers whom it names by the unique id: it shows the id afterwards, and who is made anew is not trusted.
    """

    def make() -> Any:
        if kind == "role":
            return role(hub, "trusted", trust(HUB))
        return hub.create_user("eu-central-1", "trusted")

    first = make()
    dev = iam_backends[DEV]["aws"]
    arn = f"arn:aws:iam::{HUB}:{kind}/trusted"
    role(dev, "entry", trust(arn, HUB))
    getattr(hub, f"delete_{kind}")("trusted")
    shown = json.loads(dev.get_role("entry").assume_role_policy_document)
    assert shown["Statement"][0]["Principal"] == {"AWS": [first.id, HUB]}
    second = make()
    assert second.id != first.id
    assert arn not in dev.get_role("entry").assume_role_policy_document
    with pytest.raises(IamError, match="Invalid principal"):
        dev.update_assume_role_policy("entry", trust(first.id))
    dev.update_assume_role_policy("entry", trust(arn))


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("", "Syntax errors"),
        ("[]", "Syntax errors"),
        ('{"Statement": []}', "Syntax errors"),
        (trust(HUB, Action="s3:GetObject"), "may only specify STS AssumeRole actions"),
        (trust(HUB, Resource="*"), "has a Resource"),
        (trust(HUB, Condition={"Nonsense": {"a": "b"}}), "Nonsense"),
    ],
)
def test_trust_policies_that_are_none(hub: Any, document: str, said: str) -> None:
    """What IAM would refuse is refused."""
    with pytest.raises(IamError, match=said) as refused:
        role(hub, "new", document)
    assert refused.value.code == "MalformedPolicyDocument"


def test_numbers_in_conditions(hub: Any) -> None:
    """A number in a condition is fine, and so is tagging a session; moto's own check would refuse both."""
    condition = {"NumericLessThan": {"aws:MultiFactorAuthAge": 3600}}
    role(hub, "new", trust(HUB, Action=["sts:AssumeRole", "sts:TagSession"], Condition=condition))


def test_boundaries_of_users(hub: Any) -> None:
    """A user has a boundary that exists, until it is taken away; and the policy stays as long."""
    hub.create_user("eu-central-1", "u")
    limit = hub.create_policy("", "/", POLICY, "limit", [])
    with pytest.raises(IamError, match="does not exist"):
        hub.put_user_permissions_boundary("u", "arn:aws:iam::111122223333:policy/no")
    hub.put_user_permissions_boundary("u", limit.arn)
    assert iam.boundary_arn(hub.get_user("u")) == limit.arn
    with pytest.raises(IamError, match="attached to entities"):
        hub.delete_policy(limit.arn)
    hub.delete_user_permissions_boundary("u")
    assert iam.boundary_arn(hub.get_user("u")) is None
    hub.delete_policy(limit.arn)


def test_ids_tell_the_kind(hub: Any) -> None:
    """Every entity has an id as AWS gives it."""
    assert hub.create_user("eu-central-1", "u").id.startswith("AIDA")
    assert hub.create_group("g").id.startswith("AGPA")
    assert role(hub, "r", trust(HUB)).id.startswith("AROA")
    assert hub.create_policy("", "/", POLICY, "p", []).id.startswith("ANPA")
    assert hub.create_instance_profile("i", "/", []).id.startswith("AIPA")


def test_what_stands_in_the_way_of_a_deletion(hub: Any) -> None:
    """Entities that hold others are not deleted over them."""
    hub.create_user("eu-central-1", "u")
    hub.create_group("g")
    hub.add_user_to_group("g", "u")
    hub.create_access_key("u")
    for _ in range(2):
        with pytest.raises(IamError, match="DeleteConflict"):
            hub.delete_user("u")
        with pytest.raises(IamError, match="DeleteConflict"):
            hub.delete_group("g")
    hub.delete_access_key_by_name(hub.list_access_keys("u")[0].access_key_id)
    hub.remove_user_from_group("g", "u")
    hub.delete_user("u")
    hub.delete_group("g")


def test_quotas(hub: Any) -> None:
    """Attachments, groups and sizes end where AWS's default quotas end."""
    role(hub, "r", trust(HUB))
    hub.create_user("eu-central-1", "u")
    for number in range(10):
        hub.attach_role_policy(hub.create_policy("", "/", POLICY, f"p{number}", []).arn, "r")
        hub.create_group(f"g{number}")
        hub.add_user_to_group(f"g{number}", "u")
    hub.create_group("more")
    for call in (
        lambda: hub.attach_role_policy(READ, "r"),
        lambda: hub.add_user_to_group("more", "u"),
        lambda: hub.create_policy("", "/", POLICY.replace("s3:*", "s3:" + "x" * 6_144), "big", []),
        lambda: hub.put_user_policy("u", "big", POLICY.replace("s3:*", "s3:" + "x" * 2_048)),
    ):
        with pytest.raises(IamError) as refused:
            call()
        assert refused.value.code == "LimitExceeded"


def test_policies_of_aws_are_the_same_for_everybody(hub: Any) -> None:
    """They are attached in one account without another's knowing, and changed by nobody."""
    role(hub, "r", trust(HUB))
    hub.attach_role_policy(READ, "r")
    assert hub.get_policy(READ).attachment_count == 1
    assert iam_backends[DEV]["aws"].get_policy(READ).attachment_count == 0
    with pytest.raises(IamError):
        hub.create_policy_version(READ, POLICY, True)
    for call in (
        lambda: hub.delete_policy(READ),
        lambda: hub.set_default_policy_version(READ, "v1"),
        lambda: hub.delete_policy_version(READ, "v1"),
        lambda: hub.tag_policy(READ, [{"Key": "a", "Value": "b"}]),
    ):
        with pytest.raises(IamError):
            call()


def test_moto_still_lacks_what_is_filled_in() -> None:
    """When moto learns one of these, ours can go: this test says so."""
    from moto.iam.models import IAMBackend, User
    from moto.iam.responses import IamResponse

    for operation in (
        "put_user_permissions_boundary",
        "delete_user_permissions_boundary",
        "add_client_id_to_open_id_connect_provider",
        "remove_client_id_from_open_id_connect_provider",
    ):
        assert not hasattr(IamResponse, operation), operation
    assert not hasattr(User, "permissions_boundary")
    plain = IAMBackend("aws", HUB)
    owned = plain.create_policy("", "/", POLICY, "p", [])
    plain.set_default_policy_version(owned.arn, "v1")
    assert not any(version.is_default for version in owned.versions)
    assert not plain.create_user("eu-central-1", "u").id.startswith("AIDA")
    # Nobody of that name is there.
    role(plain, "r", trust(f"arn:aws:iam::{HUB}:role/nobody"))


LINKED_PATH = "/aws-service-role/x.amazonaws.com/"


@pytest.mark.parametrize(
    ("name", "path", "code"),
    [
        ("r", LINKED_PATH, "InvalidInput"),
        ("r", "/aws-reserved/sso.amazonaws.com/", "InvalidInput"),
        ("AWSReservedSSO_Admin_0123456789abcdef", "/", "NotImplemented"),
        ("r", "/service-role/", None),
        ("r", "/aws-service-roles/", None),
    ],
)
def test_roles_that_only_aws_makes(hub: Any, name: str, path: str, code: str | None) -> None:
    """Nobody makes a role that control policies would take for AWS's own."""
    if code is None:
        assert hub.create_role(name, trust(HUB), path, None, "", [], 3_600).path == path
        return
    with pytest.raises(IamError) as refused:
        hub.create_role(name, trust(HUB), path, None, "", [], 3_600)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("update_assume_role_policy", (trust(HUB),)),
        ("put_role_permissions_boundary", (READ,)),
        ("delete_role_permissions_boundary", ()),
        ("put_role_policy", ("p", POLICY)),
        ("delete_role_policy", ("p",)),
        ("delete_role", ()),
    ],
)
def test_roles_that_only_aws_changes(hub: Any, operation: str, arguments: tuple[str, ...]) -> None:
    """A role that is linked to a service is not changed by others, whichever way a change comes."""
    linked = hub.create_service_linked_role("autoscaling.amazonaws.com", "", "").name
    with pytest.raises(IamError) as refused:
        getattr(hub, operation)(linked, *arguments)
    assert refused.value.code == "UnmodifiableEntity"


def test_attachments_to_roles_that_only_aws_changes(hub: Any) -> None:
    """Nor are policies attached to it, or does an instance profile hold it."""
    linked = hub.create_service_linked_role("autoscaling.amazonaws.com", "", "").name
    hub.create_instance_profile("i", "/", [])
    for call in (
        lambda: hub.attach_role_policy(READ, linked),
        lambda: hub.detach_role_policy(READ, linked),
        lambda: hub.add_role_to_instance_profile("i", linked),
    ):
        with pytest.raises(IamError) as refused:
            call()
        assert refused.value.code == "UnmodifiableEntity"


def test_deleting_roles_that_are_linked_to_services(hub: Any) -> None:
    """The operation for them deletes no other role."""
    role(hub, "r", trust(HUB))
    with pytest.raises(IamError) as refused:
        hub.delete_service_linked_role("r")
    assert refused.value.code == "InvalidInput"
    linked = hub.create_service_linked_role("autoscaling.amazonaws.com", "", "").name
    hub.delete_service_linked_role(linked)
    assert [one.name for one in hub.get_roles()] == ["r"]


def _tagged(hub: Any) -> list[tuple[Any, Any]]:
    """How each kind of entity is tagged, and what its tags then are."""
    role(hub, "r", trust(HUB))
    hub.create_user("eu-central-1", "u")
    arn = hub.create_policy("", "/", POLICY, "p", []).arn
    hub.create_instance_profile("i", "/", [])
    provider = hub.create_open_id_connect_provider("https://example.com", ["a" * 40], ["a"], []).arn
    return [
        (lambda tags: hub.tag_role("r", tags), lambda: hub.get_role("r").tags),
        (lambda tags: hub.tag_user("u", tags), lambda: hub.list_user_tags("u")),
        (lambda tags: hub.tag_policy(arn, tags), lambda: hub.get_policy(arn).get_tags()),
        (lambda tags: hub.tag_instance_profile("i", tags), lambda: hub.get_instance_profile("i").tags),
        (
            lambda tags: hub.tag_open_id_connect_provider(provider, tags),
            lambda: hub.get_open_id_connect_provider(provider).get_tags(),
        ),
    ]


def _tags(*keys: str, value: str = "v") -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key in keys]


def test_tags_that_only_aws_sets(hub: Any) -> None:
    """Neither keys nor values of tags begin as those of AWS do, in whichever case."""
    for put, held in _tagged(hub):
        for tags in (_tags("aws:cloudformation:stack-name"), _tags("AWS:x"), _tags("k", value="aws:x")):
            with pytest.raises(IamError) as refused:
                put(tags)
            assert refused.value.code == "InvalidInput"
        assert held() == []
    for call in (
        lambda: hub.create_role("n", trust(HUB), "/", None, "", _tags("aws:x"), 3_600),
        lambda: hub.create_user("eu-central-1", "n", "/", _tags("aws:x")),
        lambda: hub.create_policy("", "/", POLICY, "n", _tags("aws:x")),
    ):
        with pytest.raises(IamError):
            call()


def test_the_number_of_tags(hub: Any) -> None:
    """An entity has no more than fifty, in however many calls they come; those that it has may change."""
    for put, held in _tagged(hub):
        put(_tags(*(f"k{number}" for number in range(30))))
        put(_tags(*(f"k{number}" for number in range(10, 50)), value="w"))
        with pytest.raises(IamError) as refused:
            put(_tags("more"))
        assert refused.value.code == "LimitExceeded"
        assert len(held()) == 50


def test_the_case_of_keys_of_tags(hub: Any) -> None:
    """The tags of a user or role do not differ by the case of their keys alone."""
    for (put, held), untag in zip(_tagged(hub)[:2], (hub.untag_role, hub.untag_user), strict=True):
        put(_tags("Department", "Other", value="finance"))
        put(_tags("department", value="hr"))
        assert sorted((tag["Key"], tag["Value"]) for tag in held()) == [("Other", "finance"), ("department", "hr")]
        untag("r" if untag == hub.untag_role else "u", ["DEPARTMENT"])
        assert [tag["Key"] for tag in held()] == ["Other"]


def refused_by(call: Any) -> str:
    with pytest.raises(IamError) as refused:
        call()
    return str(refused.value.code)


def test_a_second_role_that_is_linked_to_a_service(hub: Any) -> None:
    """A service has one, but for a suffix; the code is the one that scripts look for."""
    made = hub.create_service_linked_role("autoscaling.amazonaws.com", "", "").name
    with pytest.raises(IamError) as refused:
        hub.create_service_linked_role("autoscaling.amazonaws.com", "", "")
    assert refused.value.code == "InvalidInput"
    assert str(refused.value.message).startswith(f"Service role name {made} has been taken in this account")
    assert hub.create_service_linked_role("autoscaling.amazonaws.com", "", "other").name != made


@pytest.mark.parametrize(
    ("service", "suffix", "made"),
    [
        ("ecs.amazonaws.com", "", "AWSServiceRoleForECS"),
        ("rds.amazonaws.com", "", "AWSServiceRoleForRDS"),
        ("spot.amazonaws.com", "", "AWSServiceRoleForEC2Spot"),
        ("elasticloadbalancing.amazonaws.com", "", "AWSServiceRoleForElasticLoadBalancing"),
        ("dynamodb.application-autoscaling.amazonaws.com", "", "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"),
        ("autoscaling.amazonaws.com", "mine", "AWSServiceRoleForAutoScaling_mine"),
        ("ecs.amazonaws.com", "mine", "Custom suffix is not allowed for ecs.amazonaws.com"),
        ("spot.amazonaws.com", "mine", "NotImplemented: whether"),
        ("es.amazonaws.com", "", "NotImplemented: what the role is called"),
        ("ecs", "", "NotImplemented: what the role is called"),
    ],
)
def test_names_of_roles_that_are_linked_to_services(hub: Any, service: str, suffix: str, made: str) -> None:
    """They are those that the services document, and none is made up."""
    if made.startswith("AWSServiceRoleFor"):
        role = hub.create_service_linked_role(service, "", suffix)
        assert (role.name, role.path) == (made, f"/aws-service-role/{service}/")
    else:
        code, _, words = made.rpartition(": ")
        with pytest.raises(IamError, match=words) as refused:
            hub.create_service_linked_role(service, "", suffix)
        assert refused.value.code == (code or "InvalidInput")


def test_names_of_instance_profiles(hub: Any) -> None:
    """They differ by more than case, as those of roles do."""
    hub.create_instance_profile("Name", "/", [])
    assert refused_by(lambda: hub.create_instance_profile("name", "/", [])) == "EntityAlreadyExists"
    assert hub.create_instance_profile("name2", "/", [])


def test_how_many_devices_a_user_has(hub: Any) -> None:
    """Eight, of which another takes the place only when one is gone."""
    hub.create_user("eu-central-1", "u")
    serials = [hub.create_virtual_mfa_device(f"d{number}", "/").serial_number for number in range(9)]
    for serial in serials[:8]:
        hub.enable_mfa_device("u", serial, "000000", "000001")
    assert refused_by(lambda: hub.enable_mfa_device("u", serials[8], "000000", "000001")) == "LimitExceeded"
    hub.deactivate_mfa_device("u", serials[0])
    hub.enable_mfa_device("u", serials[8], "000000", "000001")
    assert len(hub.get_user("u").mfa_devices) == 8


@pytest.mark.parametrize("url", ["http://i.example.com", "https://i.example.com?a=b", "https://i.example.com/#a"])
def test_urls_of_token_issuers(hub: Any, url: str) -> None:
    """An issuer has a path at most: a query or a fragment is refused."""
    assert refused_by(lambda: hub.create_open_id_connect_provider(url, [], ["a"], [])) == "ValidationError"
    assert hub.create_open_id_connect_provider("https://i.example.com/a/b", [], ["a"], [])


@pytest.mark.parametrize(
    "url", ["https://i.example.com:8443", "https://i.example.com:443/a", "https://me@i.example.com"]
)
def test_an_issuer_with_a_port_is_undecided(hub: Any, url: str) -> None:
    """The manual says what a URL should not have, and not what IAM does about it; in a path a colon is no port."""
    assert refused_by(lambda: hub.create_open_id_connect_provider(url, [], ["a"], [])) == "NotImplemented"
    assert hub.create_open_id_connect_provider("https://i.example.com/a:b", [], ["a"], [])
