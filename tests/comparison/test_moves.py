"""
What is in another path than it was, or has another name in its place: two ARNs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema.validators import validator_for

import trustproof
from trustproof.output.difference import render_difference
from trustproof.output.style import Style
from trustproof.results.difference import Difference, FailOn

Json = dict[str, Any]
PLAIN = Style(coloured=False)
SCHEMA = Path(trustproof.__file__).parent / "output" / "difference.schema.json"
HUB, OTHER, OWN = "111122223333", "444455556666", "777788889999"
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}
WRITE = {**READ, "Action": "s3:PutObject"}


def policy(*statements: Json) -> Json:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(account: str = HUB) -> Json:
    """A trust policy."""
    return policy({"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"})


def template(kind: str, path: str | None, *, name: str = "deploy", logical_id: str = "A", **said: Json) -> Json:
    """A template with a role, a user or a group, and what it may do."""
    properties: Json = {f"{kind}Name": name}
    if path is not None:
        properties["Path"] = path
    if kind == "Role":
        properties["AssumeRolePolicyDocument"] = said.get("trusts", trust())
    properties["Policies"] = [{"PolicyName": "own", "PolicyDocument": policy(said.get("may", READ))}]
    return {"Resources": {logical_id: {"Type": f"AWS::IAM::{kind}", "Properties": properties}}}


def diff(old: Json | str, new: Json | str) -> Difference:
    """What differs; swapping the sides swaps what has moved."""
    there, back = (trustproof.diff(*sides, account=OWN) for sides in ((old, new), (new, old)))
    swapped = [(one.old_arn, one.new_arn, one.means_the_same) for one in back.moved]
    assert swapped == [(one.new_arn, one.old_arn, one.means_the_same) for one in there.moved]
    assert len(there.gained) == len(back.lost)
    return there


def said(found: Difference) -> list[str]:
    """What is gained and lost."""
    return [f"{one.direction}: {one.message}" for one in found.access]


@pytest.mark.parametrize("kind", ["Role", "User", "Group"])
@pytest.mark.parametrize("logical_id", ["A", "B"])
@pytest.mark.parametrize(("old", "new"), [(None, "/ci/"), ("/", "/ci/"), ("/a/b/", "/a/")])
def test_what_is_in_another_path_has_moved(kind: str, logical_id: str, old: str | None, new: str) -> None:
    """One name is one role, user or group in an account: it is neither new nor gone, whatever its logical id is."""
    found = diff(template(kind, old), template(kind, new, logical_id=logical_id))
    start = f"arn:aws:iam::{OWN}:{kind.lower()}"
    (move,) = found.moved
    assert move.message == f"{kind.lower()} deploy from {start}{old or '/'}deploy to {start}{new}deploy"
    assert (move.old.logical_id, move.new.logical_id) == ("A", logical_id)
    assert move.means_the_same
    assert not found.access
    assert not found.verdicts
    assert not found.is_empty
    assert {one: found.fails(one) for one in get_args(FailOn)} == {
        "gained": True,
        "lost": True,
        "any": True,
        "none": False,
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (template("Role", "/ci/"), template("Role", "/ci/")),
        (template("Role", "/"), template("Role", None)),
        (template("Role", "/ci/"), template("Role", "/ci/", name="deployer", logical_id="B")),
        (template("Role", "/ci/"), template("User", "/")),
    ],
)
def test_what_has_the_same_path_or_another_name_elsewhere_has_not(old: Json, new: Json) -> None:
    """Another name in another place is another role."""
    assert not diff(old, new).moved


@pytest.mark.parametrize("kind", ["Role", "User", "Group"])
@pytest.mark.parametrize("path", ["/ci/", "/"])
def test_what_has_another_name_in_its_place_has_moved(kind: str, path: str) -> None:
    """Where neither name is that of something on the other side, its policies are compared and not told twice."""
    found = diff(template(kind, "/ci/"), template(kind, path, name="deployer"))
    start = f"arn:aws:iam::{OWN}:{kind.lower()}"
    (move,) = found.moved
    assert move.message == f"{kind.lower()} deployer from {start}/ci/deploy to {start}{path}deployer"
    assert move.means_the_same
    assert not found.access
    assert not found.verdicts
    assert said(diff(template(kind, "/"), template(kind, "/", name="deployer", may=WRITE)))[0].startswith("gained: ")


def joined(*templates: Json) -> Json:
    """One template with the resources of several."""
    return {"Resources": {name: body for one in templates for name, body in one["Resources"].items()}}


def test_a_name_that_is_somebody_elses_on_the_other_side_is_no_new_name() -> None:
    """Names that change their places stay those of their roles and users, whatever stands under the logical ids."""
    first = joined(
        template("Role", "/", name="a", may=READ), template("Role", "/", name="b", logical_id="B", may=WRITE)
    )
    other = joined(
        template("Role", "/", name="b", may=READ), template("Role", "/", name="a", logical_id="B", may=WRITE)
    )
    found = diff(first, other)
    assert not found.moved
    assert len(found.gained) == len(found.lost) == 2
    # A user without a policy has a name as well.
    bare = {"Resources": {"B": {"Type": "AWS::IAM::User", "Properties": {"UserName": "b"}}}}
    taken = {"Resources": {"B": {"Type": "AWS::IAM::User", "Properties": {"UserName": "a"}}}}
    found = diff(joined(template("User", "/", name="a"), bare), joined(template("User", "/", name="b"), taken))
    assert not found.moved
    assert len(found.gained) == len(found.lost) == 1


def test_a_policy_that_follows_a_new_name_says_what_it_said() -> None:
    """A queue whose policy names the role by Fn::GetAtt; what names the ARN in letters loses it."""

    def queue(name: str, principal: object) -> Json:
        rule = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sqs:SendMessage", "Resource": "*"}
        policy_of = {
            "Queues": ["https://sqs.eu-central-1.amazonaws.com/777788889999/q"],
            "PolicyDocument": policy(rule),
        }
        return joined(
            template("Role", "/", name=name),
            {"Resources": {"Q": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy_of}}},
        )

    followed = {"Fn::GetAtt": ["A", "Arn"]}
    found = diff(queue("deploy", followed), queue("deployer", followed))
    assert len(found.moved) == 1
    assert not found.access


def test_a_name_is_that_of_its_account(tmp_path: Path) -> None:
    """A role of another account is another role."""

    def account(number: str, path: str) -> str:
        role = {
            "Path": path,
            "RoleName": "deploy",
            "RoleId": "AROAEXAMPLEEXAMPLEEX",
            "Arn": f"arn:aws:iam::{number}:role{path}deploy",
            "CreateDate": "2026-01-01T00:00:00+00:00",
            "AssumeRolePolicyDocument": trust(),
            "InstanceProfileList": [],
            "RolePolicyList": [],
            "AttachedManagedPolicies": [],
            "Tags": [],
        }
        file = tmp_path / f"{number}{path.strip('/')}.json"
        dump = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [role], "Policies": []}
        file.write_text(json.dumps(dump), encoding="utf-8")
        return str(file)

    (move,) = trustproof.diff(account(HUB, "/"), account(HUB, "/ci/")).moved
    assert move.new.account == HUB
    assert not trustproof.diff(account(HUB, "/"), account(OTHER, "/ci/")).moved


def test_what_its_policies_say_otherwise_is_said_of_both_paths() -> None:
    """A move hides nothing: whom the trust policy lets in besides, and what the role may do besides."""
    found = diff(template("Role", "/"), template("Role", "/ci/", trusts=trust(OTHER), may=WRITE))
    assert said(found) == [
        "gained: alice's access key of account 444455556666 may assume ci/deploy",
        "gained: role ci/deploy may call s3:PutObject on arn:aws:s3:::data/app",
        "lost: alice's access key of account 111122223333 may no longer assume deploy",
        "lost: role deploy may no longer call s3:GetObject on arn:aws:s3:::data/app",
    ]
    (move,) = found.moved
    assert not move.means_the_same
    assert all(move.is_of(one.where) for one in found.access)


def test_what_several_hold_is_a_change_of_each() -> None:
    """A policy that says more, and that another role holds as well, is a difference of the one that has moved."""

    def both(path: str, may: Json) -> Json:
        roles = {
            name: {
                "Type": "AWS::IAM::Role",
                "Properties": {"RoleName": name, "Path": path, "AssumeRolePolicyDocument": trust()},
            }
            for name in ("First", "Second")
        }
        roles["First"]["Properties"].pop("Path")
        held = {"PolicyName": "p", "Roles": [{"Ref": name} for name in roles], "PolicyDocument": policy(may)}
        return {"Resources": {**roles, "P": {"Type": "AWS::IAM::Policy", "Properties": held}}}

    (move,) = diff(both("/", READ), both("/ci/", WRITE)).moved
    assert move.name == "Second"
    assert not move.means_the_same
    assert diff(both("/", READ), both("/ci/", READ)).moved[0].means_the_same


def test_a_policy_that_nobody_can_read_may_say_otherwise() -> None:
    """That its policies mean what they meant is said where it is known only."""
    old, new = template("Role", "/"), template("Role", "/ci/")
    new["Resources"]["A"]["Properties"]["ManagedPolicyArns"] = [f"arn:aws:iam::{OWN}:policy/other"]
    found = diff(old, new)
    assert found.undecided
    assert not found.moved[0].means_the_same


def test_a_path_that_is_never_shown_is_not(tmp_path: Path) -> None:
    """The value of a sensitive variable of Terraform's is in no ARN that is shown."""
    for side, path in (("old", "/"), ("new", "/${var.secret}/")):
        (tmp_path / side).mkdir()
        (tmp_path / side / "main.tf").write_text(
            f"""
            variable "secret" {{
              sensitive = true
              default   = "hunter2hunter2"
            }}
            resource "aws_iam_role" "deploy" {{
              name               = "deploy"
              path               = "{path}"
              assume_role_policy = jsonencode({json.dumps(trust(HUB if side == "old" else OTHER))})
            }}
            """,
            encoding="utf-8",
        )
    found = trustproof.diff(str(tmp_path / "old"), str(tmp_path / "new"))
    (move,) = found.moved
    assert "hunter2" not in repr(found)
    assert found.access
    assert all(move.is_of(one.where) for one in found.access)


def test_from_terraform_to_the_cdk_under_one_name(tmp_path: Path) -> None:
    """A role that another tool makes now is the same one by its name."""
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "main.tf").write_text(
        f"""
        resource "aws_iam_role" "deploy" {{
          name               = "deploy"
          path               = "/ci/"
          assume_role_policy = jsonencode({json.dumps(trust())})
        }}
        resource "aws_iam_role_policy" "own" {{
          role   = aws_iam_role.deploy.name
          policy = jsonencode({json.dumps(policy(READ))})
        }}
        """,
        encoding="utf-8",
    )
    new = tmp_path / "app.template.json"
    new.write_text(json.dumps(template("Role", None, logical_id="Deploy1A2B3C4D")), encoding="utf-8")
    found = diff(str(tmp_path / "old"), str(new))
    assert not found.access
    assert not found.verdicts
    (move,) = found.moved
    assert (move.old.logical_id, move.new.logical_id) == ("aws_iam_role.deploy", "Deploy1A2B3C4D")
    assert move.old.line == 4


ARN = {"Fn::GetAtt": ["A", "Arn"]}
BUCKET = "arn:aws:s3:::data"
EVERYBODY = {"Effect": "Allow", "Principal": {"AWS": HUB}, "Action": "s3:*", "Resource": f"{BUCKET}/*"}


def on_bucket(*statements: Json) -> Json:
    """A policy of a bucket."""
    properties = {"Bucket": "data", "PolicyDocument": policy(*statements)}
    return {"Type": "AWS::S3::BucketPolicy", "Properties": properties}


def of_caller(*statements: Json) -> Json:
    """A user with an inline policy."""
    own = [{"PolicyName": "own", "PolicyDocument": policy(*statements)}]
    return {"Type": "AWS::IAM::User", "Properties": {"UserName": "bob", "Policies": own}}


def assumes(arn: Any) -> Json:
    """May assume a role."""
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn}


def let_in(arn: Any, action: str = "s3:GetObject") -> Json:
    """May do something with the objects of the bucket."""
    return {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": action, "Resource": f"{BUCKET}/*"}


def kept_out(arn: Any) -> Json:
    """Whoever is not the role may not."""
    condition = {"ArnNotEquals": {"aws:PrincipalArn": arn}}
    return {**EVERYBODY, "Effect": "Deny", "Principal": "*", "Condition": condition}


@pytest.mark.parametrize(
    ("resource", "changes"),
    [
        (lambda path: on_bucket(let_in(ARN)), 0),
        (lambda path: on_bucket(let_in(f"arn:aws:iam::{OWN}:role{path}deploy")), 0),
        (lambda path: on_bucket(EVERYBODY, kept_out(ARN)), 0),
        (lambda path: on_bucket({**EVERYBODY, "Effect": "Deny", "Principal": {"AWS": ARN}}, EVERYBODY), 0),
        (lambda path: of_caller(assumes(ARN)), 0),
        (lambda path: on_bucket(let_in(f"arn:aws:iam::{OWN}:role/deploy")), 0),
        (lambda path: on_bucket(let_in(ARN, "s3:GetObject" if path == "/" else "s3:PutObject")), 2),
        (lambda path: on_bucket(let_in(HUB if path == "/" else ARN)), 2),
    ],
)
def test_who_refers_to_the_role_follows_it(resource: Callable[[str], Json], changes: int) -> None:
    """A policy that says the same of the same role has not changed, though the ARN in it has; else it has."""
    sides = [template("Role", path) for path in ("/", "/ci/")]
    for side, path in zip(sides, ("/", "/ci/"), strict=True):
        side["Resources"]["Z"] = resource(path)
    found = diff(*sides)
    assert len(found.moved) == 1
    assert len(found.access) == changes
    assert not found.undecided


def chained(path: str, named: str) -> Json:
    """Three roles, of which the first may assume the second, and the second the third by some ARN."""

    def role(name: str, trusted: Json, may: str, path: str = "/") -> Json:
        own = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": may})
        properties: Json = {
            "RoleName": name,
            "Path": path,
            "AssumeRolePolicyDocument": policy({"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}),
            "Policies": [{"PolicyName": "own", "PolicyDocument": own}],
        }
        return {"Type": "AWS::IAM::Role", "Properties": properties}

    start = f"arn:aws:iam::{OWN}:role/"
    return {
        "Resources": {
            "One": role("one", {"Service": "lambda.amazonaws.com"}, f"{start}two"),
            "Two": role("two", {"AWS": OWN}, f"{start}{named}"),
            "Three": role("three", {"AWS": OWN}, "arn:aws:iam::123456789012:role/none", path),
        }
    }


@pytest.mark.parametrize(("named", "lost"), [("three", 1), ("ops/three", 0)])
def test_a_chain_by_the_old_arn_is_gone(named: str, lost: int) -> None:
    """Who names the old ARN no longer reaches the role, and neither does whoever came over that one."""
    found = trustproof.diff(chained("/", "three"), chained("/ops/", named), account=OWN)
    assert [one.name for one in found.moved] == ["three"]
    assert len([one for one in found.lost if one.kind == "chain"]) == lost


def test_the_text_tells_what_differs_beneath_the_move() -> None:
    """Whoever reads it sees one role that has moved, and not one that came and one that went."""
    old = template("Role", "/")
    new = template("Role", "/ci/", trusts=trust(OTHER))
    new["Resources"] |= template("Role", None, name="new", logical_id="Z")["Resources"]
    text = render_difference(diff(old, new), "text", PLAIN)
    heads = [line for line in text.splitlines() if line and " = " not in line and "-->" not in line]
    verdicts = ["verdict[mfa-required]", "verdict[inside-boundary]"]
    kinds = ["moved", "  gained", "  lost", "gained", "gained", *verdicts]
    assert [line.split(":")[0] for line in heads[:-1]] == kinds
    assert heads[-1].startswith("3 gained, 1 lost, 1 moved, 2 verdicts changed")
    assert text.startswith(
        f"moved: role deploy from arn:aws:iam::{OWN}:role/deploy to arn:aws:iam::{OWN}:role/ci/deploy\n"
    )


@pytest.mark.parametrize("change", [lambda: trust(), lambda: trust(OTHER)])
def test_json_and_markdown_say_it(change: Callable[[], Json]) -> None:
    """Programs read it by the published schema; a name in a comment is text."""
    old = template("Role", "/", name="a_b=c")
    new = template("Role", "/ci/", name="a_b=c", trusts=change())
    found = diff(old, new)
    document = json.loads(render_difference(found, "json", PLAIN))
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator_for(schema)(schema).validate(document)
    assert document["summary"]["moved"] == 1
    assert document["moved"][0]["new_arn"] == f"arn:aws:iam::{OWN}:role/ci/a_b=c"
    sections = [line for line in render_difference(found, "markdown", PLAIN).splitlines() if line.startswith("###")]
    assert sections[0].startswith(r"### moved: role a\_b=c from arn\:aws")
    assert all(line.startswith("#### ") for line in sections[1:])
    assert len(sections) == 1 + len(found.access)


def role(trusted: str, *may: Json) -> Json:
    """A role without a name."""
    policies = [{"PolicyName": "own", "PolicyDocument": policy(*may)}] if may else []
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": trust(trusted), "Policies": policies},
    }


def of_type(type_: str, **properties: object) -> Json:
    """A resource."""
    return {"Type": type_, "Properties": properties}


INLINE = [{"PolicyName": "own", "PolicyDocument": policy(READ)}]
SHARED = {"InstanceArn": "arn:aws:sso:::instance/ssoins-1234567890abcdef"}
PULL = policy({"Effect": "Allow", "Principal": {"AWS": HUB}, "Action": "ecr:BatchGetImage"})


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ((role(HUB, READ), role(OTHER)), (role(HUB), role(OTHER, READ))),
        ((of_type("AWS::IAM::User", Policies=INLINE), of_type("AWS::IAM::User")), None),
        ((of_type("AWS::IAM::Group", Policies=INLINE), of_type("AWS::IAM::Group")), None),
        (
            (
                of_type("AWS::SSO::PermissionSet", Name="a", InlinePolicy=policy(READ), **SHARED),
                of_type("AWS::SSO::PermissionSet", Name="b", **SHARED),
            ),
            (
                of_type("AWS::SSO::PermissionSet", Name="a", **SHARED),
                of_type("AWS::SSO::PermissionSet", Name="b", InlinePolicy=policy(READ), **SHARED),
            ),
        ),
        ((of_type("AWS::ECR::Repository", RepositoryPolicyText=PULL), of_type("AWS::ECR::Repository")), None),
    ],
)
def test_a_policy_that_is_handed_on_is_gained_and_lost(
    first: tuple[Json, Json], other: tuple[Json, Json] | None
) -> None:
    """What both sides have is what it was, though the other one says by now what it said."""
    swapped = other or first[::-1]
    found = diff(*({"Resources": {"A": one, "B": two}} for one, two in (first, swapped)))
    assert [(one.direction, one.where.logical_id) for one in found.access] == [("gained", "B"), ("lost", "A")]


def test_two_roles_of_other_logical_ids_are_known_by_all_they_say() -> None:
    """Whom one lets in, and what it may do: that both are called otherwise hides no change of hands."""
    old = {"Resources": {"A": role(HUB, READ), "B": role(OTHER)}}
    assert diff(old, {"Resources": {"C": role(HUB, READ), "D": role(OTHER)}}).is_empty
    found = diff(old, {"Resources": {"C": role(HUB), "D": role(OTHER, READ)}})
    told = [("gained", "C"), ("gained", "D"), ("gained", "D"), ("lost", "A"), ("lost", "B"), ("lost", "A")]
    assert [(one.direction, one.where.logical_id) for one in found.access] == told, "those who get into D may read"


def test_a_policy_that_is_handed_on_to_another_file(tmp_path: Path) -> None:
    """Roles of other templates are there on both sides, too."""
    for side, first, other in (("old", (READ,), ()), ("new", (), (READ,))):
        (tmp_path / side).mkdir()
        for name, one in (("a", {"A": role(HUB, *first)}), ("b", {"B": role(OTHER, *other)})):
            (tmp_path / side / f"{name}.json").write_text(json.dumps({"Resources": one}), encoding="utf-8")
    found = diff(str(tmp_path / "old"), str(tmp_path / "new"))
    assert [(one.direction, one.where.logical_id) for one in found.access] == [("gained", "B"), ("lost", "A")]


def test_a_policy_that_is_attached_to_another_parameter_is_gained_and_lost() -> None:
    """A role that a parameter names is that of the parameter, while the template has it; one of another name may be."""

    def attached(name: str, *parameters: str) -> Json:
        held = {"PolicyName": "p", "Roles": [{"Ref": name}], "PolicyDocument": policy(READ)}
        declared = {one: {"Type": "String"} for one in parameters}
        return {"Parameters": declared, "Resources": {"P": {"Type": "AWS::IAM::Policy", "Properties": held}}}

    found = diff(attached("One", "One", "Two"), attached("Two", "One", "Two"))
    assert said(found) == [
        "gained: role <Two> may call s3:GetObject on arn:aws:s3:::data/app",
        "lost: role <One> may no longer call s3:GetObject on arn:aws:s3:::data/app",
    ]
    assert diff(attached("One", "One"), attached("Other", "Other")).is_empty
