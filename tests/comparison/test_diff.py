"""
`trustproof.diff`: what a change of templates changes, and what it does not.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

import trustproof
from trustproof.aws import published
from trustproof.proving.sides import Side, allows
from trustproof.results.difference import Difference

HUB, OTHER = "111122223333", "444455556666"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
Json = dict[str, Any]


def allow(actions: Any = "sts:AssumeRole", **more: Any) -> Json:
    """A statement that allows something."""
    return {"Effect": "Allow", "Action": actions, **more}


def policy(*statements: Json) -> Json:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trusting(*statements: Json, **more: Any) -> Json:
    """A role with a trust policy."""
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": policy(*statements), **more},
    }


def hub(**more: Any) -> Json:
    """A statement that trusts the hub."""
    return allow(Principal={"AWS": HUB}, **more)


def template(resources: Json, **sections: Any) -> Json:
    """A template."""
    return {**sections, "Resources": resources}


def diff(old: Json, new: Json, **more: Any) -> Difference:
    """The difference of two templates; swapping them swaps it."""
    there = trustproof.diff(old, new, **more)
    back = trustproof.diff(new, old, **more)
    # Who needs an identity policy once more has lost something; who needs none any more has not always gained anything.
    assert len(there.gained) + len(there.narrowed) == len(back.lost)
    assert len(there.lost) == len(back.gained) + len(back.narrowed)
    assert {(v.property, v.before, v.after) for v in there.verdicts} == {
        (v.property, v.after, v.before) for v in back.verdicts
    }
    assert trustproof.diff(new, new, **more).is_empty
    return there


def messages(found: Difference) -> list[str]:
    """What changed, in words."""
    return [f"{one.direction}: {one.message}" for one in found.access]


HELD = template({"Admin": trusting(hub(Condition=MFA))})
OPEN = template({"Admin": trusting(hub())})


def test_a_condition_less_lets_in_whoever_did_not_meet_it() -> None:
    """And nobody else: the request is without MFA."""
    found = diff(HELD, OPEN)
    (change,) = found.access
    assert (change.direction, change.kind, change.where.logical_id) == ("gained", "trust", "Admin")
    assert change.message == "alice's access key of account 111122223333 may assume Admin"
    assert change.counterexample.context["aws:MultiFactorAuthPresent"] is None
    assert "IAM user, session token obtained with MFA" not in change.also
    assert [(one.property, one.before, one.after) for one in found.verdicts] == [("mfa-required", "proved", "refuted")]


def test_what_the_world_gained_comes_first() -> None:
    """Then other accounts, one's own, and what was lost; and it is said that it is anyone."""
    names = ("A", "B", "C", "D")
    stranger = f"arn:aws:iam::{OTHER}:user/alice"
    own = f"arn:aws:iam::{HUB}:user/alice"
    held = [[own], [own], [own, stranger], [own]]
    wide = [[own, f"arn:aws:iam::{HUB}:user/bob"], [own, stranger], [own], ["*"]]
    sides = [
        template(
            {
                name: trusting(allow(Principal={"AWS": one}), RoleName=name)
                for name, one in zip(names, each, strict=True)
            }
        )
        for each in (held, wide)
    ]
    found = trustproof.diff(*sides, account=HUB)
    assert found.access[0].where.logical_id == "D"
    assert messages(found)[0] == "gained: anyone with an AWS account may assume D"
    assert [(one.direction, one.where.logical_id) for one in found.access if one.where.logical_id != "D"] == [
        ("gained", "B"),
        ("gained", "A"),
        ("lost", "C"),
    ]


def test_a_request_tells_what_it_does_not_have_to_have_any_more() -> None:
    """A condition that is gone is why it gets in, and no key of the new policy says so."""
    confined = allow(Principal={"Service": "scheduler.amazonaws.com"})
    confined["Condition"] = {"StringEquals": {"aws:SourceAccount": HUB}}
    open_ = allow(Principal={"Service": "scheduler.amazonaws.com"})
    found = diff(template({"A": trusting(confined)}), template({"A": trusting(open_)}), account=HUB)
    (gained,) = found.gained
    assert "aws:SourceAccount" in gained.counterexample.context


def test_a_role_is_called_by_its_path() -> None:
    """Whom it lets in on one side only assumes it in its path there."""
    old = template({"A": trusting(hub(), RoleName="a", Path="/")})
    new = template({"A": trusting(allow(Principal={"AWS": OTHER}), RoleName="a", Path="/ops/")})
    assert messages(diff(old, new, account=OTHER)) == [
        "gained: alice's access key may assume ops/a",
        "lost: alice's access key of account 111122223333 may no longer assume a",
    ]


def test_who_holds_a_policy_is_called_by_its_name() -> None:
    """Of two roles that swap their names, the one that gained and the one that lost are not called the same."""
    admin, other = (trusting(hub(), RoleName=name) for name in ("admin", "reader"))
    inline = [{"PolicyName": "p", "PolicyDocument": policy(allow("iam:AttachUserPolicy", Resource="*"))}]
    admin["Properties"]["Policies"] = inline
    old = template({"Admin": admin, "Reader": other})
    new = copy.deepcopy(old)
    for logical_id, name in (("Admin", "reader"), ("Reader", "admin")):
        new["Resources"][logical_id]["Properties"]["RoleName"] = name
    found = [message.split(" on ")[0] for message in messages(diff(old, new))]
    assert "gained: role reader may call iam:AttachUserPolicy" in found
    assert "lost: role admin may no longer call iam:AttachUserPolicy" in found


def test_a_new_principal_is_who_gained() -> None:
    """What was allowed before is not shown."""
    new = template({"Admin": trusting(allow(Principal={"AWS": [HUB, OTHER]}, Condition=MFA))})
    (change,) = diff(HELD, new).access
    assert f"arn:aws:iam::{OTHER}:" in change.counterexample.caller
    assert change.counterexample.context["aws:MultiFactorAuthPresent"] == "true"


@pytest.mark.parametrize(
    "statements",
    [
        [hub(Condition=MFA), hub(Condition=MFA)],
        [{**hub(Condition=MFA), "Principal": {"AWS": [f"arn:aws:iam::{HUB}:root"]}, "Action": ["STS:assumerole"]}],
        [hub(Condition={"bool": {"AWS:multifactorauthpresent": ["true"]}}, Sid="Another")],
        [hub(Condition=MFA), allow(Principal={"AWS": f"arn:aws:iam::{HUB}:user/alice"}, Condition=MFA)],
        [hub(), {**hub(Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}), "Effect": "Deny"}],
    ],
)
def test_other_words_are_no_difference(statements: list[Json]) -> None:
    """A statement that is repeated, spelled otherwise, held in another one or turned round changes nobody's access."""
    assert not diff(HELD, template({"Admin": trusting(*statements)})).access


def log_key(**condition: Any) -> Json:
    """A key that the logs of the Region encrypt with."""
    logs = {"Service": {"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}}
    root = allow("kms:*", Principal={"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}, Resource="*")
    use = allow("kms:Decrypt", Principal=logs, Resource="*", Condition=condition)
    return {"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy(root, use)}}}


def of_log(group: str, operator: str = "ArnLike") -> Json:
    """A condition on whose logs are encrypted."""
    arn = {"Fn::Sub": f"arn:aws:logs:${{AWS::Region}}:${{AWS::AccountId}}:{group}"}
    return {operator: {"kms:EncryptionContext:aws:logs:arn": arn}}


def reader(resource: str) -> Json:
    """A role that reads something of what a parameter names."""
    policies = [
        {"PolicyName": "p", "PolicyDocument": policy(allow("s3:GetBucketPolicy", Resource={"Fn::Sub": resource}))}
    ]
    return {"R": trusting(allow(Principal={"Service": "ec2.amazonaws.com"}), Policies=policies)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (log_key(**of_log("log-group:/app/*")), log_key(**of_log("*"))),
        (log_key(**of_log("log-group:a", "ArnEquals")), log_key(**of_log("log-group:*", "ArnEquals"))),
        (log_key(**of_log("a*", "StringLike")), log_key(**of_log("*", "StringLike"))),
        (reader("arn:aws:s3:::${Name}"), reader("arn:aws:s3:::${Name}*")),
    ],
)
def test_a_pattern_that_holds_another_one_does_so_whatever_is_in_both(old: Json, new: Json) -> None:
    """What is not known yet has the same value on both sides: something is gained, and nothing lost."""
    parameters = {"Name": {"Type": "String"}}
    found = diff(template(old, Parameters=parameters), template(new, Parameters=parameters))
    assert [one.direction for one in found.access] == ["gained"]
    assert not found.undecided


@pytest.mark.parametrize(
    ("actions", "resource", "others"),
    [
        ("logs:CreateLogGroup", "arn:aws:logs:*:*:*", "*"),
        (["logs:CreateLogStream", "logs:PutLogEvents"], "arn:aws:logs:*:*:log-group:*", "*"),
    ],
)
def test_a_resource_of_no_request_is_no_difference(actions: Any, resource: str, others: str) -> None:
    """What every request for an action is about, the narrower pattern has too."""
    service = allow(Principal={"Service": "ec2.amazonaws.com"})
    old, new = (
        template(
            {
                "R": trusting(
                    service,
                    Policies=[{"PolicyName": "p", "PolicyDocument": policy(allow(actions, Resource=one))}],
                )
            }
        )
        for one in (resource, others)
    )
    assert diff(old, new).is_empty


def test_a_key_is_asked_about_itself() -> None:
    """The policy of a key gives nobody what is about no key."""
    statement = allow(["kms:DescribeKey"], Principal={"Service": "dynamodb.amazonaws.com"}, Resource="*")
    more = {**statement, "Action": ["kms:DescribeKey", "kms:DescribeCustomKeyStores", "kms:ListKeys"]}
    old, new = (
        template({"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy(one)}}})
        for one in (statement, more)
    )
    assert diff(old, new).is_empty


def test_a_role_that_is_new_or_gone() -> None:
    """Whoever gets into it gained that, or lost it."""
    assert messages(diff(template({}), OPEN)) == ["gained: alice's access key of account 111122223333 may assume Admin"]


def test_a_new_logical_id_is_no_new_role() -> None:
    """A role is known by its name; without one, by its construct or by what it says."""
    named = template({"One": trusting(hub(Condition=MFA), RoleName="admin")})
    renamed = template({"Two": trusting(hub(Condition=MFA), RoleName="admin")})
    assert diff(named, renamed).is_empty
    changed = template({"Two": trusting(hub(), RoleName="admin")})
    assert messages(diff(named, changed)) == ["gained: alice's access key of account 111122223333 may assume admin"]
    assert diff(HELD, template({"Other": HELD["Resources"]["Admin"]})).is_empty
    # Whoever got into one that might do nothing gets into one that may do anything.
    wider = template({"Other": trusting(hub(Condition=MFA), ManagedPolicyArns=[ADMIN])})
    assert messages(diff(HELD, wider))[0] == "gained: alice's access key of account 111122223333 may assume Other"


def test_what_speaks_of_a_role_under_a_new_logical_id_speaks_of_the_same() -> None:
    """Whoever trusts the role, or lets it do something by its name, means the same one as before."""

    def app(name: str, **condition: Json) -> Json:
        own = allow("s3:GetObject", Resource={"Fn::Sub": f"arn:aws:s3:::data/${{{name}}}/*"})
        return template(
            {
                name: trusting(allow(Principal={"Service": "lambda.amazonaws.com"})),
                "Own": {
                    "Type": "AWS::IAM::Policy",
                    "Properties": {"PolicyName": "own", "Roles": [{"Ref": name}], "PolicyDocument": policy(own)},
                },
                "Admin": trusting(allow(Principal={"AWS": {"Fn::GetAtt": [name, "Arn"]}}, Condition=condition)),
            }
        )

    assert not diff(app("App"), app("Renamed")).access
    external = {"StringEquals": {"sts:ExternalId": "a"}}
    (change,) = diff(app("App", **external), app("Renamed")).access
    assert (change.direction, change.where.logical_id) == ("gained", "Admin")


def test_tags_that_policies_look_at() -> None:
    """Another tag of the role lets others in by the same policy; which ones is not compared."""
    condition = {"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}

    def tagged(team: str) -> Json:
        return template({"Admin": trusting(hub(Condition=condition), Tags=[{"Key": "team", "Value": team}])})

    (undecided,) = diff(tagged("red"), tagged("blue")).undecided
    assert "tags" in undecided.reasons[0]
    plain = [template({"Admin": trusting(hub(), Tags=[{"Key": "team", "Value": v}])}) for v in ("red", "blue")]
    assert diff(*plain).is_empty


def test_another_name_in_another_place_is_another_role() -> None:
    """It lets people into another role, and no longer into the first."""
    old = template({"One": trusting(hub(), RoleName="a")})
    new = template({"Other": trusting(hub(), RoleName="b")})
    assert sorted(one.direction for one in diff(old, new).access) == ["gained", "lost"]


def user(*statements: Json, **more: Any) -> Json:
    """A user with an inline policy."""
    policies = [{"PolicyName": "own", "PolicyDocument": policy(*statements)}] if statements else []
    return {"Type": "AWS::IAM::User", "Properties": {"UserName": "bob", "Policies": policies, **more}}


def managed(*statements: Json, **more: Any) -> Json:
    """A managed policy."""
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy(*statements), **more}}


READ = allow("s3:GetObject", Resource="*")


def test_identity_policies_are_composed() -> None:
    """A policy that moves from the user to a managed one, or to a group that it is in, changes nothing for the user."""
    inline = template({"Bob": user(READ)})
    moved = template({"Bob": user(ManagedPolicyArns=[{"Ref": "Read"}]), "Read": managed(READ)})
    assert not diff(inline, moved).access
    group = {
        "Type": "AWS::IAM::Group",
        "Properties": {"GroupName": "g", "Policies": [{"PolicyName": "own", "PolicyDocument": policy(READ)}]},
    }
    grouped = template({"Bob": user(Groups=[{"Ref": "Group"}]), "Group": group})
    assert messages(diff(inline, grouped)) == [
        "gained: members of group g may call s3:GetObject on arn:aws:s3:::app/app"
    ]


@pytest.mark.parametrize(
    ("old", "new", "directions"),
    [
        (None, "b/${aws:PrincipalTag/team}/*", ["gained"]),
        (None, "b/${aws:userid}/*", ["gained"]),
        ("b/${aws:PrincipalTag/team}/*", "b/${aws:PrincipalTag/unit}/*", ["gained", "lost"]),
        ("b/${aws:PrincipalTag/team}/*", "b/*", ["gained"]),
    ],
)
def test_a_policy_variable_is_filled_in(old: str | None, new: str, directions: list[str]) -> None:
    """A request that carries what a variable of a policy stands for shows what changed, as for any other policy."""

    def side(path: str | None) -> Json:
        more = [] if path is None else [allow("s3:PutObject", Resource=f"arn:aws:s3:::{path}")]
        return template({"App": trusting(hub(), Policies=[{"PolicyName": "p", "PolicyDocument": policy(READ, *more)}])})

    found = diff(side(old), side(new))
    assert [one.direction for one in found.access] == directions
    assert all("s3:PutObject on arn:aws:s3:::b/" in one.message for one in found.access)


def test_what_is_no_arn_is_quoted() -> None:
    """A default that stands for nothing reads like a word of the message else."""
    old = template({"App": user(READ)}, Parameters={"Key": {"Type": "String", "Default": "none"}})
    new = copy.deepcopy(old)
    new["Resources"]["App"] = user(READ, allow("kms:CreateGrant", Resource={"Ref": "Key"}))
    assert any(one.message.endswith('may call kms:CreateGrant on "none"') for one in diff(old, new).access)


@pytest.mark.parametrize("default", ["", "none"])
def test_what_is_no_arn_by_default_is_compared_at_any_other_value_too(default: str) -> None:
    """IAM refuses it, so that a value is to be given."""
    old = template({"App": user(READ)}, Parameters={"Key": {"Type": "String", "Default": default}})
    new = copy.deepcopy(old)
    new["Resources"]["App"] = user(READ, allow("kms:Decrypt", Resource={"Ref": "Key"}))
    found = diff(old, new)
    (gained,) = found.gained
    assert (gained.counterexample.action, found.undecided, diff(new, new).access) == ("kms:Decrypt", (), ())


def test_one_statement_that_several_hold_is_said_once() -> None:
    """With everybody who gained by it."""
    old = template({"Bob": user(ManagedPolicyArns=[{"Ref": "Read"}]), "Read": managed(READ)})
    new = copy.deepcopy(old)
    new["Resources"]["Read"] = managed(READ, allow("s3:PutObject", Resource="*"))
    new["Resources"]["App"] = old["Resources"]["App"] = trusting(
        allow(Principal={"Service": "lambda.amazonaws.com"}), ManagedPolicyArns=[{"Ref": "Read"}]
    )
    (change,) = diff(old, new).access
    assert change.message == "user bob, role App may call s3:PutObject on arn:aws:s3:::app/app"


def test_a_boundary_less_is_access() -> None:
    """What it stopped is gained; what it allowed was there before."""
    limit = managed(allow("s3:Get*", Resource="*"))
    old = template({"Bob": user(allow("*", Resource="*"), PermissionsBoundary={"Ref": "Limit"}), "Limit": limit})
    new = template({"Bob": user(allow("*", Resource="*")), "Limit": limit})
    found = diff(old, new)
    assert [one.direction for one in found.access if "bob" in one.message] == ["gained"]
    (change,) = [one for one in found.access if "bob" in one.message]
    assert not change.counterexample.action.startswith("s3:Get")


def test_a_boundary_that_denies_more_takes_access() -> None:
    """Its Denies count as those of the policies do."""
    boundary = {"PermissionsBoundary": {"Ref": "Limit"}}
    whole = allow("*", Resource="*")
    old = template({"Bob": user(whole, **boundary), "Limit": managed(whole)})
    new = template(
        {"Bob": user(whole, **boundary), "Limit": managed(whole, {**whole, "Effect": "Deny", "Action": "iam:*"})}
    )
    (change,) = diff(old, new).access
    assert (change.direction, change.counterexample.action.split(":")[0]) == ("lost", "iam")


def test_a_managed_policy_of_aws_is_read() -> None:
    """
    What it allows is gained, with a request, also where it only reads, and what else it allows is said; one that is not
    published is not decided.
    """
    of_aws = {
        "AdministratorAccess": "allows it, as it allows *",
        "ReadOnlyAccess": "allows it, as it allows a4b:Get*, a4b:List*, a4b:Search*, ",
        "PowerUserAccess": "allows it, as it allows everything but iam:*, organizations:*, account:*, and account:Get",
    }
    for name, said in of_aws.items():
        arn = f"arn:aws:iam::aws:policy/{name}"
        (change,) = diff(template({"Bob": user(READ)}), template({"Bob": user(READ, ManagedPolicyArns=[arn])})).access
        assert change.direction == "gained"
        assert change.notes[0].startswith(f"{arn} {said}")
    unread = user(READ, ManagedPolicyArns=["arn:aws:iam::aws:policy/NoSuchAccess"])
    found = diff(template({"Bob": user(READ)}), template({"Bob": unread}))
    assert not found.access
    (undecided,) = found.undecided
    assert "NoSuchAccess" in undecided.reasons[0]
    assert found.fails("none", strict=True)


def test_a_quarantine_of_aws_takes_access_and_gives_it_back() -> None:
    """A managed policy of AWS that only denies is read: attached it takes, removed it gives."""
    free = user(allow("iam:CreateUser", Resource="*"))
    held = user(
        allow("iam:CreateUser", Resource="*"),
        ManagedPolicyArns=["arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"],
    )
    for old, new, direction in ((free, held, "lost"), (held, free, "gained")):
        (change,) = diff(template({"Bob": old}), template({"Bob": new})).access
        assert (change.direction, change.counterexample.action) == (direction, "iam:CreateUser")


def test_actions_are_written_as_aws_writes_them() -> None:
    """What AWS's own policies gain and lose is named by AWS's spelling; both of these read objects."""
    read, power = (
        template({"Bob": user(READ, ManagedPolicyArns=[f"arn:aws:iam::aws:policy/{name}" for name in names])})
        for names in (("AWSAccountManagementReadOnlyAccess", "AmazonS3ReadOnlyAccess"), ("PowerUserAccess",))
    )
    changes = diff(read, power).access
    assert {change.direction for change in changes} == {"gained", "lost"}
    for service, _, name in (change.counterexample.action.partition(":") for change in changes):
        known = published.service(service)
        assert known is not None
        assert name in {action.name for action in known.actions.values()} - {"GetObject"}


def test_a_policy_of_a_resource() -> None:
    """Whoever it names gained access to it; one that anybody may use is shown with a request of anybody."""
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "data"}}

    def with_policy(*statements: Json) -> Json:
        properties = {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": policy(*statements)}
        return template({"Bucket": bucket, "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}})

    one = allow("s3:GetObject", Resource="arn:aws:s3:::data/*", Principal={"AWS": f"arn:aws:iam::{HUB}:role/app"})
    (change,) = diff(with_policy(one), with_policy({**one, "Principal": "*"})).access
    assert (change.kind, change.counterexample.credentials) == ("resource", "anonymous")
    assert change.message == "anonymous may call s3:GetObject on arn:aws:s3:::data/app"


IDENTITY = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity "


@pytest.mark.parametrize(
    ("old", "new", "gained", "undecided"),
    [
        ([], [{"AWS": f"{IDENTITY}E1"}], 1, 0),
        ([{"AWS": f"{IDENTITY}E1"}], [{"AWS": f"{IDENTITY}E2"}], 0, 1),
        ([], [{"CanonicalUser": "79a5"}], 0, 1),
        ([{"CanonicalUser": "79a5"}], [{"CanonicalUser": "79a6"}], 0, 1),
        ([{"CanonicalUser": "79a5"}, {"AWS": HUB}], [{"AWS": HUB}, {"CanonicalUser": "79a5"}], 0, 0),
    ],
)
def test_a_principal_of_buckets_alone_is_somebody(
    old: list[Json], new: list[Json], gained: int, undecided: int
) -> None:
    """Whoever it is gained something, or may have: an account by its canonical user id, CloudFront for an identity."""

    def letting_in(principals: list[Json]) -> Json:
        statements = [allow("s3:GetObject", Resource="arn:aws:s3:::data/*", Principal=one) for one in principals]
        own = allow("s3:GetObject", Resource="arn:aws:s3:::data/*", Principal={"AWS": "222233334444"})
        properties = {"Bucket": "data", "PolicyDocument": policy(own, *statements)}
        return template({"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}})

    found = trustproof.diff(letting_in(old), letting_in(new), account="222233334444")
    assert (len(found.gained), len(found.undecided)) == (gained, undecided)


PARTNER = {"Parameters": {"Partner": {"Type": "String"}}}
PARTNERS = allow(Principal={"AWS": {"Ref": "Partner"}})


def test_what_is_not_known_on_both_sides_is_the_same() -> None:
    """A parameter in one statement does not hide what another one changes, and a change beside it is decided."""
    old = template({"Admin": trusting(PARTNERS, hub(Condition=MFA))}, **PARTNER)
    assert messages(diff(old, template({"Admin": trusting(hub(Condition=MFA), PARTNERS)}, **PARTNER))) == []
    new = template(
        {"Admin": trusting(PARTNERS, hub(Condition=MFA), allow("sts:TagSession", Principal={"AWS": HUB}))}, **PARTNER
    )
    found = diff(old, new)
    assert [one.direction for one in found.access] == ["gained"]
    assert not found.undecided


def test_what_a_parameter_gives_is_shown_with_a_value() -> None:
    """A statement whose principal is a parameter lets somebody in who was not, with the value that does."""
    (change,) = diff(HELD, template({"Admin": trusting(hub(Condition=MFA), PARTNERS)}, **PARTNER)).access
    partner = change.counterexample.parameters["Partner"]
    assert HUB not in partner
    assert partner in change.counterexample.caller


def conditional(equals: list[Any], default: str = "no") -> Json:
    """A template with a statement that a condition decides."""
    statement = {"Fn::If": ["IsOpen", hub(), {"Ref": "AWS::NoValue"}]}
    return template(
        {"Admin": trusting(hub(Condition=MFA), statement)},
        Parameters={"Open": {"Type": "String", "Default": default}},
        Conditions={"IsOpen": {"Fn::Equals": equals}},
    )


def test_a_condition_of_the_template_that_says_the_same_is_the_same() -> None:
    """Where a statement is there under the same condition, it does not matter when that holds."""
    old, new = conditional([{"Ref": "Open"}, "yes"]), conditional([{"Ref": "Open"}, "yes"])
    new["Outputs"] = {"Any": {"Value": "changed"}}
    assert diff(old, new).is_empty


def test_a_condition_of_the_template_that_says_something_else_is_another_one() -> None:
    """The parameter is shown by which one side gives what the other does not."""
    found = diff(conditional([{"Ref": "Open"}, "yes"]), conditional([{"Ref": "Open"}, "sure"]))
    assert {one.direction for one in found.access} == {"gained", "lost"}
    (gained,) = found.gained
    assert gained.counterexample.parameters["Open"] == "sure"


def test_a_default_that_changes_is_what_is_deployed() -> None:
    """Both sides are compared at the values of the same parameters, and so a default says nothing by itself."""
    equals = [{"Ref": "Open"}, "yes"]
    assert not diff(conditional(equals), conditional(equals, "yes")).lost


def test_what_nobody_can_read_is_undecided_unless_it_is_written_alike() -> None:
    """A macro may make anything of a part of a template."""

    def with_macro(name: str, statement: Json) -> Json:
        include = {"Fn::Transform": {"Name": name, "Parameters": {}}}
        return template({"Admin": trusting(statement), "Other": {"Type": "AWS::IAM::Role", "Properties": include}})

    assert diff(with_macro("One", hub()), {**with_macro("One", hub()), "Description": "x"}).is_empty
    found = diff(with_macro("One", hub(Condition=MFA)), with_macro("Two", hub(Condition=MFA)))
    assert found.undecided
    assert not found.is_empty
    (change,) = diff(with_macro("One", hub(Condition=MFA)), with_macro("One", hub())).gained
    assert change.where.logical_id == "Admin"


def account(*, step: bool) -> Json:
    """Three roles: the first reaches the second, and with a step more the third."""

    def role(name: str, trusted: str, target: str) -> Json:
        principal = {"AWS": trusted}
        policies = [{"PolicyName": "go", "PolicyDocument": policy(allow(Resource=target))}] if target else []
        return trusting(allow(Principal=principal), RoleName=name, Policies=policies)

    arn = f"arn:aws:iam::{HUB}:role/"
    return template(
        {
            "First": role("first", f"{OTHER}", f"{arn}second"),
            "Second": role("second", f"{arn}first", f"{arn}third" if step else ""),
            "Third": role("third", f"{arn}second" if step else f"{OTHER}", ""),
        }
    )


def test_a_chain_of_roles_is_what_follows() -> None:
    """A step that is there now leads those further who reach the role before it; each step is shown."""
    found = diff(account(step=False), account(step=True), account=HUB)
    (chain,) = [one for one in found.gained if one.kind == "chain"]
    assert chain.message == "a session of role first may become third through second"
    assert [note.partition(":")[0] for note in chain.notes] == ["step 1", "step 2"]
    assert "the other side does not have" in chain.notes[1]
    assert (chain.counterexample.action, chain.where.logical_id) == ("sts:AssumeRole", "Third")
    lost = diff(account(step=True), account(step=False), account=HUB)
    assert "a session of role first may no longer become third through second" in [one.message for one in lost.lost]


def test_every_request_is_replayed_on_both_sides() -> None:
    """By the evaluator, and here once more."""
    from trustproof.inputs.documents.policy_json import parse_policy

    documents = [policy(hub(Condition=MFA)), policy(hub(), allow(Principal={"AWS": OTHER}))]
    old, new = (Side((parse_policy(one, kind="trust"),)) for one in documents)
    found = diff(*(template({"Admin": trusting(*one["Statement"])}) for one in documents))
    assert len(found.gained) == 2
    for change in found.gained:
        assert allows(new, change.counterexample.request)
        assert not allows(old, change.counterexample.request)


def test_a_difference_has_no_truth_of_its_own() -> None:
    """Nobody means to ask for it, and a wrong word for what to fail on is said."""
    found = diff(HELD, OPEN)
    with pytest.raises(TypeError, match="is_empty"):
        bool(found)
    with pytest.raises(trustproof.TrustproofError, match="fail_on"):
        found.fails("everything")  # type: ignore[arg-type]
    assert list(found) == [*found.access, *found.verdicts, *found.undecided]
    assert [found.fails(word) for word in ("gained", "lost", "any", "none")] == [True, False, True, False]


TLS = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
NO_TLS = {"Bool": {"aws:SecureTransport": "false"}}


def bucket(*statements: Json) -> Json:
    """A template with a bucket and its policy; none without statements."""
    stands = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": {"Ref": "B"}, "PolicyDocument": policy(*statements)},
    }
    return template({"B": {"Type": "AWS::S3::Bucket"}, **({"P": stands} if statements else {})})


def group(*statements: Json) -> Json:
    """A template with a group, whose members are elsewhere."""
    held = [{"PolicyName": "p", "PolicyDocument": policy(*statements)}] if statements else []
    return template({"G": {"Type": "AWS::IAM::Group", "Properties": {"Policies": held}}})


WITHOUT_MFA = {
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}
DENIALS = [
    ("a policy that only denies is gone", bucket({**TLS, "Condition": NO_TLS}), bucket(), True),
    ("it is narrower", bucket(TLS), bucket({**TLS, "Condition": NO_TLS}), True),
    ("it is wider", bucket({**TLS, "Condition": NO_TLS}), bucket(TLS), False),
    ("it is new", bucket(), bucket(TLS), False),
    ("it is split", bucket(TLS), bucket({**TLS, "Condition": NO_TLS}, TLS), False),
    ("a group denies no more", group(WITHOUT_MFA), group(), True),
    ("a group that denied is gone", group(WITHOUT_MFA), template({"U": {"Type": "AWS::IAM::User"}}), True),
    ("a group denies", group(), group(WITHOUT_MFA), False),
    (
        "a user that denied is gone",
        template(
            {
                "U": {
                    "Type": "AWS::IAM::User",
                    "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": policy(WITHOUT_MFA)}]},
                }
            }
        ),
        template({"G": {"Type": "AWS::IAM::Group"}}),
        False,
    ),
    (
        "a trust policy denies no more",
        template({"R": trusting(hub(Condition=MFA), {**hub(), "Effect": "Deny", "Condition": NO_TLS})}),
        template({"R": trusting(hub(Condition={**MFA, "Bool": {**MFA["Bool"], "aws:SecureTransport": "true"}}))}),
        False,
    ),
]


@pytest.mark.parametrize(("old", "new", "is_said"), [row[1:] for row in DENIALS], ids=[row[0] for row in DENIALS])
def test_what_is_denied_no_more_is_said(old: Json, new: Json, is_said: bool) -> None:
    """Whoever another policy allows it has gained it, which nobody can see from here, and nobody may pass over."""
    found = trustproof.diff(old, new, account=HUB)
    said = [reason for one in found.undecided for reason in one.reasons if "was denied and is no more" in reason]
    assert bool(said) == is_said
    assert found.gained == ()


ROOT = f"arn:aws:iam::{HUB}:root"
ALICE = f"arn:aws:iam::{HUB}:user/alice"
ALONE = "without an identity policy"


@pytest.mark.parametrize(
    ("old", "new", "gained"),
    [
        (ROOT, ALICE, []),
        (ROOT, [ROOT, ALICE], [f"alice's access key may assume A {ALONE}"]),
        (ROOT, f"arn:aws:iam::{HUB}:role/app", []),
        ([ROOT, f"arn:aws:iam::{OTHER}:root"], [ROOT, ALICE], [f"alice's access key may assume A {ALONE}"]),
        (ALICE, ROOT, ["bob's access key may assume A"]),
        (f"arn:aws:iam::{OTHER}:root", f"arn:aws:iam::{OTHER}:user/alice", []),
        ([ALICE, ROOT], [ROOT, ALICE], []),
    ],
)
def test_who_needs_no_identity_policy_any_more_has_gained_that(old: Any, new: Any, gained: list[str]) -> None:
    """An account leaves it to its own policies who gets in; whom a policy names as a user or role needs none."""
    found = diff(*(template({"A": trusting(allow(Principal={"AWS": one}))}) for one in (old, new)), account=HUB)
    assert [one.message for one in found.gained] == gained
    assert not found.undecided


def test_anybody_of_the_account_needs_no_identity_policy() -> None:
    """A policy that names everybody, and the account in a condition, is one that lets users in by itself."""
    condition = {"StringEquals": {"aws:PrincipalAccount": HUB}}
    anybody = template({"A": trusting(allow(Principal="*", Condition=condition))})
    assert f"gained: alice's access key may assume A {ALONE}" in messages(diff(OPEN_A, anybody, account=HUB))


def test_a_role_of_the_template_needs_no_identity_policy_where_it_is_named() -> None:
    """Also where its name is known only when it is deployed: what its own policies did not allow, it has gained."""
    caller = {"B": trusting(allow(Principal={"Service": "ec2.amazonaws.com"}))}
    named = template({"A": trusting(allow(Principal={"AWS": {"Fn::GetAtt": ["B", "Arn"]}})), **caller})
    account = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}
    found = diff(template({"A": trusting(allow(Principal={"AWS": account})), **caller}), named)
    (change,) = found.gained
    assert change.message.endswith(f"may assume A {ALONE}")
    assert not found.undecided


def test_a_policy_that_names_a_role_instead_of_its_account_is_narrowed() -> None:
    """It is said who needs no identity policy any more, and it fails no gate that asks for what was gained."""
    role_ = f"arn:aws:iam::{HUB}:role/app"
    found = diff(*(template({"A": trusting(allow(Principal={"AWS": one}))}) for one in (ROOT, role_)), account=HUB)
    assert messages(found) == [
        f"narrowed: a session of role app of account {HUB} may assume A {ALONE}",
        "lost: alice's access key may no longer assume A",
    ]
    assert (found.fails(), found.fails("lost"), found.fails("any")) == (False, True, True)
    session = f"arn:aws:sts::{HUB}:assumed-role/app/build"
    freed = diff(*(template({"A": trusting(allow(Principal={"AWS": one}))}) for one in (role_, session)), account=HUB)
    # What limits a role limits no session that a policy names.
    assert freed.fails()


@pytest.mark.parametrize(
    ("added", "gained"),
    [
        ({"Action": "sts:TagSession", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:user/bob"}}, 0),
        ({"Action": "sts:TagSession", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:user/alice"}}, 1),
        ({"Action": "sts:SetSourceIdentity", "Principal": "*"}, 1),
        (
            {
                "Action": "sts:SetContext",
                "Principal": "*",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
            },
            0,
        ),
        ({"Action": ["sts:TagSession", "sts:AssumeRole"], "Principal": {"AWS": f"arn:aws:iam::{OTHER}:user/bob"}}, 1),
    ],
)
def test_a_part_of_a_call_is_gained_where_the_call_is_allowed(added: Json, gained: int) -> None:
    """Nobody calls TagSession alone: whom a policy does not let assume the role, it lets do nothing."""
    alice = allow(Principal={"AWS": f"arn:aws:iam::{OTHER}:user/alice"}, Condition=MFA)
    old, new = trusting(alice), trusting(alice, {"Effect": "Allow", **added})
    found = trustproof.diff(template({"A": old}), template({"A": new}), account=HUB)
    assert len(found.gained) == gained
    assert not found.undecided
    for one in found.gained:
        assert "without MFA" not in " ".join(one.also) or "AssumeRole" in one.counterexample.action


OPEN_A = template({"A": trusting(hub())})
DATA = "arn:aws:s3:::data/*"
QUEUE = f"arn:aws:sqs:eu-west-1:{HUB}:q"
HOLDER = f"arn:aws:iam::{HUB}:role/app"


def holder(*statements: Json) -> Json:
    """A role with an identity policy."""
    held = [{"PolicyName": "p", "PolicyDocument": policy(*statements)}]
    service = allow(Principal={"Service": "ec2.amazonaws.com"})
    return {"App": trusting(service, RoleName="app", Policies=held)}


def data(*statements: Json) -> Json:
    """A bucket with a policy; without one, where there are no statements."""
    stands = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": "data", "PolicyDocument": policy(*statements)},
    }
    there = {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "data"}}}
    return {**there, "P": stands} if statements else there


def queue(principal: str) -> Json:
    """A queue that lets somebody in."""
    stands = policy(allow("sqs:SendMessage", Principal={"AWS": principal}, Resource=QUEUE))
    url = f"https://sqs.eu-west-1.amazonaws.com/{HUB}/q"
    return {"Q": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [url], "PolicyDocument": stands}}}


DESCRIBE = allow("ec2:Describe*", Resource="*")
NO_SQS = {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}
LET_IN = [
    (
        "a role may read a bucket that denied it",
        {**data({**TLS, "Condition": NO_TLS}), **holder(allow("s3:GetObject", Resource=DATA))},
        {**data(), **holder(allow("s3:GetObject", Resource=DATA))},
        ["role app may call s3:GetObject on arn:aws:s3:::data/app, which was denied"],
        False,
    ),
    (
        "a role may read another bucket",
        {**data({**TLS, "Condition": NO_TLS}), **holder(allow("s3:GetObject", Resource="arn:aws:s3:::other/*"))},
        {**data(), **holder(allow("s3:GetObject", Resource="arn:aws:s3:::other/*"))},
        [],
        True,
    ),
    (
        "a queue lets a role in that denied itself",
        {**queue(HOLDER), **holder(DESCRIBE, NO_SQS)},
        {**queue(HOLDER), **holder(DESCRIBE)},
        [f"a session of role app of account {HUB} may call sqs:SendMessage on {QUEUE}, which was denied"],
        False,
    ),
    (
        "a queue leaves it to the account",
        {**queue(ROOT), **holder(DESCRIBE, NO_SQS)},
        {**queue(ROOT), **holder(DESCRIBE)},
        [],
        True,
    ),
    (
        "a role trusts one that denied itself",
        {"Admin": trusting(allow(Principal={"AWS": HOLDER})), **holder(DESCRIBE, {**NO_SQS, "Action": "sts:*"})},
        {"Admin": trusting(allow(Principal={"AWS": HOLDER})), **holder(DESCRIBE)},
        [f"a session of role app of account {HUB} may assume Admin, which was denied"],
        False,
    ),
    (
        "no other policy can allow it",
        holder(DESCRIBE, {**NO_SQS, "Action": "iam:*"}),
        holder(DESCRIBE),
        [],
        False,
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "gained", "is_open"), [row[1:] for row in LET_IN], ids=[row[0] for row in LET_IN]
)
def test_whom_another_policy_allows_what_is_denied_no_more(
    old: Json, new: Json, gained: list[str], is_open: bool
) -> None:
    """Has gained it, where the policy is in sight; where it cannot be anywhere else either, nobody has."""
    found = diff(template(old), template(new), account=HUB)
    assert [one.message for one in found.gained] == gained
    assert bool(found.undecided) == is_open
    for one in found.gained:
        assert any("no longer denies it" in note for note in one.notes)


def each(body: Json, first: Any, second: Any) -> Json:
    """Resources of one body for `aa` and `bb`; `VALUE` in it is what these have."""
    look = {"Fn::FindInMap": ["M", {"Ref": "A"}, "value"]}
    return template(
        {"Fn::ForEach::R": ["A", ["aa", "bb"], _filled(body, look)]},
        Transform="AWS::LanguageExtensions",
        Mappings={"M": {"aa": {"value": first}, "bb": {"value": second}}},
    )


def _filled(body: Any, look: Json) -> Any:
    if isinstance(body, dict):
        return {key: _filled(value, look) for key, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, look) for value in body]
    return look if body == "VALUE" else body


LOOPED = {"Role${A}": trusting(allow(Principal={"AWS": "VALUE"}), RoleName={"Fn::Sub": "r-${A}"})}
UNNAMED = {"Role${A}": trusting(allow(Principal={"AWS": "VALUE"}))}
USERS_OF = {
    "U${A}": {
        "Type": "AWS::IAM::User",
        "Properties": {
            "Policies": [{"PolicyName": "own", "PolicyDocument": policy(allow("VALUE", Resource="*"))}],
        },
    }
}


@pytest.mark.parametrize("body", [LOOPED, UNNAMED])
def test_resources_of_one_body_are_several(body: Json) -> None:
    """What one body of ``Fn::ForEach`` declares stands at one place, and is not one resource."""
    swapped = diff(each(body, HUB, OTHER), each(body, OTHER, HUB), account=HUB)
    assert sorted((one.direction, one.where.logical_id, _account(one)) for one in swapped.access) == [
        ("gained", "Roleaa", OTHER),
        ("gained", "Rolebb", HUB),
        ("lost", "Roleaa", HUB),
        ("lost", "Rolebb", OTHER),
    ]
    # The other one has let these in all the time.
    taken = diff(each(body, HUB, OTHER), each(body, HUB, HUB), account=HUB)
    assert sorted((one.direction, one.where.logical_id, _account(one)) for one in taken.access) == [
        ("gained", "Rolebb", HUB),
        ("lost", "Rolebb", OTHER),
    ]


def _account(change: Any) -> str:
    return str(change.counterexample.caller).split(":")[4]


def test_identities_of_one_body_are_several() -> None:
    """A statement that is written once gives each user what the map says of it."""
    found = diff(
        each(USERS_OF, "s3:GetObject", "iam:PutUserPolicy"), each(USERS_OF, "iam:PutUserPolicy", "s3:GetObject")
    )
    assert sorted((one.direction, one.where.logical_id, one.counterexample.action) for one in found.access) == [
        ("gained", "Uaa", "iam:PutUserPolicy"),
        ("gained", "Ubb", "s3:GetObject"),
        ("lost", "Uaa", "s3:GetObject"),
        ("lost", "Ubb", "iam:PutUserPolicy"),
    ]
    assert [(one.property, one.where.logical_id, one.before, one.after) for one in found.verdicts] == [
        ("sensitive-actions-require-mfa", "Uaa", "proved", "refuted"),
        ("sensitive-actions-require-mfa", "Ubb", "refuted", "proved"),
    ]


def test_a_chain_over_one_of_a_body() -> None:
    """The chain goes over the role that leads on, not over its brother."""

    def app(first: str, second: str) -> Json:
        found = each(LOOPED, first, second)
        go = policy(allow(Resource=f"arn:aws:iam::{HUB}:role/*"))
        found["Resources"]["Start"] = trusting(
            allow(Principal={"Service": "lambda.amazonaws.com"}),
            RoleName="start",
            Policies=[{"PolicyName": "go", "PolicyDocument": go}],
        )
        on = policy(allow(Resource=f"arn:aws:iam::{HUB}:role/admin"))
        found["Resources"]["On"] = {
            "Type": "AWS::IAM::Policy",
            "Properties": {"PolicyName": "on", "Roles": ["r-bb"], "PolicyDocument": on},
        }
        found["Resources"]["Admin"] = trusting(
            allow(Principal={"AWS": f"arn:aws:iam::{HUB}:role/r-bb"}), RoleName="admin"
        )
        return found

    start, nobody = f"arn:aws:iam::{HUB}:role/start", f"arn:aws:iam::{OTHER}:role/x"
    found = diff(app(start, nobody), app(nobody, start), account=HUB)
    assert [one.message for one in found.gained if one.kind == "chain"] == [
        "a session of role start may become admin through r-bb"
    ]
    assert not [one for one in found.lost if one.kind == "chain"]


MACRO = {"Fn::Transform": {"Name": "One", "Parameters": {}}}
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}}


def _queue_policy(document: Any) -> Json:
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": document}}


def _role(document: Any) -> Json:
    return {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "a", "AssumeRolePolicyDocument": document}}


def _inline(document: Any) -> Json:
    policies = [{"PolicyName": "p", "PolicyDocument": document}]
    return {"Type": "AWS::IAM::User", "Properties": {"UserName": "u", "Policies": policies}}


def _own_policy(document: Any) -> Json:
    return {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyName": "p", "Users": [{"Ref": "User"}], "PolicyDocument": document},
    }


@pytest.mark.parametrize(
    ("make", "document"),
    [
        (lambda d: {"Role": _role(d)}, policy(hub())),
        (
            lambda d: {"Queue": QUEUE, "Allowed": _queue_policy(d)},
            policy(allow("sqs:SendMessage", Principal={"AWS": HUB}, Resource="*")),
        ),
        (lambda d: {"User": _inline(d)}, policy(allow("s3:GetObject", Resource="*"))),
        (
            lambda d: {"User": {"Type": "AWS::IAM::User"}, "Policy": _own_policy(d)},
            policy(allow("s3:GetObject", Resource="*")),
        ),
    ],
    ids=["trust", "resource", "inline", "policy"],
)
@pytest.mark.parametrize("is_renamed", [False, True], ids=["same", "renamed"])
def test_of_a_policy_that_nobody_can_read_nothing_is_gained_or_lost(
    make: Any, document: Json, is_renamed: bool
) -> None:
    """The side that is not read may give what the other gives: that is unknown, and the only thing that is said."""
    unread = make(MACRO)
    if is_renamed and "User" not in unread:
        last = list(unread)[-1]
        unread["Renamed"] = unread.pop(last)
    for old, new in ((make(document), unread), (unread, make(document))):
        found = diff(template(old), template(new))
        assert not found.access
        assert found.undecided
    assert [one.direction for one in diff(template(make(document)), template({"Queue": QUEUE})).access] == ["lost"]


def test_what_is_gained_beside_a_policy_that_nobody_can_read() -> None:
    """What the readable side of a user has not, it gains where the other side is read; what it lost is unknown."""
    read, write = allow("s3:GetObject", Resource="*"), allow("s3:PutObject", Resource="*")

    def side(statement: Json, document: Any) -> Json:
        return template({"User": _inline(policy(statement)), "Policy": _own_policy(document)})

    found = diff(side(read, policy(read)), side(write, MACRO))
    assert [(one.direction, one.counterexample.action) for one in found.access] == [("gained", "s3:PutObject")]
    assert any("the access by User" in str(one) or one.where.logical_id == "User" for one in found.undecided)


def test_a_chain_over_a_role_that_nobody_can_read_is_unknown() -> None:
    """Whether it was there is not known, though another step of it has changed for sure."""
    old, new = account(step=False), account(step=True)
    old["Resources"]["Third"]["Properties"]["AssumeRolePolicyDocument"] = MACRO
    found = diff(old, new, account=HUB)
    assert not [one for one in found.access if one.kind == "chain"]
    reasons = [reason for one in found.undecided if one.where.logical_id == "Third" for reason in one.reasons]
    assert [reason for reason in reasons if "role/first may assume" in reason and "is not decided" in reason]


def test_a_verdict_about_what_is_not_read_is_of_what_was_judged() -> None:
    """A role whose policy nobody can read any more is neither new nor gone."""
    found = diff(template({"Role": _role(policy(hub(Condition=MFA)))}), template({"Role": _role(MACRO)}))
    assert found.verdicts
    assert all(one.before is not None for one in found.verdicts)


def test_what_is_gained_beside_a_policy_that_is_not_known_says_so() -> None:
    """What a managed policy allowed that nobody can read may be just what is gained: the change names it."""
    hidden = "arn:aws:iam::222233334444:policy/hidden"
    held = {
        "PolicyName": "p",
        "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]},
    }

    def role(**more: Any) -> dict[str, Any]:
        trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": HUB}, "Action": "sts:AssumeRole"}]}
        return template({"A": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, **more}}})

    (change,) = trustproof.diff(role(ManagedPolicyArns=[hidden]), role(Policies=[held])).access
    assert change.notes == (
        f"unless the managed policy {hidden}, which the other side has and which is not known, allows it",
    )
    (both,) = trustproof.diff(
        role(ManagedPolicyArns=[hidden]), role(ManagedPolicyArns=[hidden], Policies=[held])
    ).access
    assert not any("the other side has" in note for note in both.notes)
