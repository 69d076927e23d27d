"""
What a plan changes for what other files of the run say: control policies that it detaches, accounts that it moves, and
users and roles of whom others know the unique id.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import HUB, OWN, After, Resource, plan, policy, state, trust
from tests.inputs.terraform.test_lost_attachments import CHANGES, KEEPS, MAKES, REPLACES, WITHOUT_MFA, Change, planned
from tests.inputs.terraform.test_lost_attachments import one as changed
from tests.inputs.terraform.test_twins import IAM, ROOT, SERVICE_CONTROL
from trustproof.model.outward_changes import ReplacedPrincipal
from trustproof.model.text import GENERATED_NAME, Symbol, Symbolic

A, B = "ou-a1b2-aaaaaaaa", "ou-a1b2-bbbbbbbb"
DELETES = ("delete",)
HELD = plan(
    Resource("aws_iam_user.u", {"name": "u"}),
    Resource("aws_iam_user_policy.p", {"name": "p", "user": "u", "policy": IAM}),
)
OTHER = changed("aws_iam_group", KEEPS, name="g")
TYPES = "enabled_policy_types"


def control(target: str) -> list[Resource]:
    said = {"name": "c", "type": "SERVICE_CONTROL_POLICY", "content": SERVICE_CONTROL}
    made = Resource("aws_organizations_policy.c", said, {"id": "p-c"})
    return [made, Resource("aws_organizations_policy_attachment.c", {"policy_id": "p-c", "target_id": target})]


def template(target: str) -> dict[str, Any]:
    said = {"Name": "c", "Type": "SERVICE_CONTROL_POLICY", "Content": json.loads(SERVICE_CONTROL)}
    return {"Resources": {"C": {"Type": "AWS::Organizations::Policy", "Properties": {**said, "TargetIds": [target]}}}}


def verdict(*given: Any, units: dict[str, Any] | None = None) -> str:
    organization = {"root": ROOT, "accounts": [OWN, HUB], **({} if units is None else {"units": units})}
    asked = ["sensitive-actions-require-mfa"]
    report = trustproof.check(given, config={"organization": organization}, account=OWN, properties=asked)
    assert report.errors == ()
    (found,) = (one for one in report.results if one.logical_id == "aws_iam_user_policy.p")
    return found.verdict


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (changed("aws_organizations_organization", KEEPS, enabled_policy_types=["SERVICE_CONTROL_POLICY"]), "proved"),
        (
            changed(
                "aws_organizations_organization",
                CHANGES,
                {TYPES: ["SERVICE_CONTROL_POLICY", "TAG_POLICY"]},
                enabled_policy_types=["TAG_POLICY"],
            ),
            "refuted",
        ),
        (changed("aws_organizations_organization", DELETES), "refuted"),
    ],
)
@pytest.mark.parametrize("by", [plan, state])
def test_what_a_plan_disables_another_file_does_not_attach(change: Change, expected: str, by: Any) -> None:
    """Whatever attaches it: a plan, a state, a template."""
    for beside in (by(*control(ROOT)), template(ROOT)):
        for given in ((planned(change, OTHER), beside), (beside, planned(change, OTHER))):
            assert verdict(*given, HELD) == expected


def account(actions: tuple[str, ...], parent: Any, was: str = A, **more: Any) -> Change:
    return changed(
        "aws_organizations_account", actions, {"parent_id": was}, parent_id=parent, computed={"id": OWN}, **more
    )


@pytest.mark.parametrize(
    ("change", "target", "units", "expected"),
    [
        (account(KEEPS, A), A, {A: [OWN]}, "proved"),
        (account(CHANGES, B), A, {A: [OWN]}, "refuted"),
        (account(CHANGES, After("aws_organizations_organizational_unit.b.id")), A, {A: [OWN]}, "refuted"),
        (account(CHANGES, ROOT), A, {A: [OWN, HUB]}, "refuted"),
        (account(CHANGES, B), ROOT, {A: [OWN]}, "proved"),
        (account(CHANGES, B), OWN, {A: [OWN]}, "proved"),
        (account(CHANGES, B), B, {A: [], B: [OWN]}, "proved"),
        (account(CHANGES, A, name="m"), A, {A: [OWN]}, "proved"),
        (account(DELETES, A), ROOT, {A: [OWN]}, "refuted"),
        (account(DELETES, A), OWN, {A: [OWN]}, "refuted"),
        (
            changed("awscc_organizations_account", CHANGES, {"parent_ids": [A]}, parent_ids=[B], account_id=OWN),
            A,
            {A: [OWN]},
            "refuted",
        ),
    ],
)
def test_an_account_that_is_moved_is_below_what_the_configuration_says_of_its_new_unit(
    change: Change, target: str, units: dict[str, Any], expected: str
) -> None:
    """What is attached to the old one reaches it no more; the root and the account itself are as they were."""
    if change[1] == CHANGES and change[0].arguments.get("parent_id") == A:
        change = change[0], CHANGES, {"name": "other"}
    for beside in (plan(*control(target)), template(target)):
        assert verdict(planned(change, OTHER), beside, HELD, units=units) == expected


@pytest.mark.parametrize(
    ("actions", "target", "expected"),
    [(KEEPS, A, "proved"), (DELETES, A, "refuted"), (REPLACES, A, "refuted"), (DELETES, ROOT, "proved")],
)
def test_nothing_is_attached_to_a_unit_that_a_plan_deletes(
    actions: tuple[str, ...], target: str, expected: str
) -> None:
    """AWS deletes none that has accounts, so these are below another one."""
    arguments = {"name": "a", "parent_id": ROOT}
    unit = changed("aws_organizations_organizational_unit", actions, {"id": A}, **arguments, computed={"id": B})
    if actions != REPLACES:
        unit = changed("aws_organizations_organizational_unit", actions, {}, **arguments, computed={"id": A})
    for beside in (state(*control(target)), template(target)):
        assert verdict(planned(unit, OTHER), beside, HELD, units={A: [OWN]}) == expected


_C, _NAMED = "aws_organizations_policy", {"name": "c", "type": "SERVICE_CONTROL_POLICY"}
_OTHER = policy({"Effect": "Deny", "Action": "s3:*", "Resource": "*"})


def _of_policy(actions: tuple[str, ...], before: dict[str, Any] | None = None, **more: Any) -> Change:
    given = {**_NAMED, "content": SERVICE_CONTROL, "computed": {"id": "p-c"}, **more}
    return changed(_C, actions, before, **given)


def _of_attachment(actions: tuple[str, ...], before: dict[str, Any] | None = None, **more: Any) -> Change:
    return changed(f"{_C}_attachment", actions, before, **{"policy_id": "p-c", "target_id": ROOT, **more})


def _of_stack(actions: tuple[str, ...], was: dict[str, Any] | None = None, **more: Any) -> Change:
    before = {"template_body": json.dumps(was or template(ROOT))}
    return changed("aws_cloudformation_stack", actions, before, **{"name": "s", **before, **more})


def test_a_control_policy_goes_with_the_stack_that_a_plan_deletes_or_changes() -> None:
    """Another file has it as it was: a state its stack, or the template itself."""
    without = json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}})
    renamed = json.loads(json.dumps(template(ROOT)).replace('"c"', '{"Ref": "Name"}'))
    renamed["Parameters"] = {"Name": {"Type": "String", "Default": "c"}}
    for change, expected in (
        (_of_stack(KEEPS), "proved"),
        (_of_stack(DELETES), "refuted"),
        (_of_stack(DELETES, renamed, template_body=json.dumps(renamed)), "refuted"),
        (_of_stack(CHANGES, template_body=without), "refuted"),
        (_of_stack(CHANGES, template_body=After("var.t")), "refuted"),
        (_of_stack(CHANGES, template(OWN), template_body=json.dumps(template(ROOT))), "proved"),
    ):
        before = state(
            Resource("aws_cloudformation_stack.s", {"name": "s", "template_body": json.dumps(template(ROOT))})
        )
        for beside in (before, template(ROOT)):
            assert verdict(planned(change, OTHER), beside, HELD) == expected


@pytest.mark.parametrize(
    ("changes", "expected", "by_name"),
    [
        ([_of_policy(KEEPS), _of_attachment(KEEPS)], "proved", "proved"),
        ([_of_policy(CHANGES, {"description": "d"}), _of_attachment(KEEPS)], "proved", "proved"),
        ([_of_policy(CHANGES, {"name": "old"})], "proved", "proved"),
        ([_of_policy(CHANGES, {"content": json.dumps(json.loads(SERVICE_CONTROL), indent=1)})], "proved", "proved"),
        ([_of_policy(DELETES), _of_attachment(DELETES)], "refuted", "refuted"),
        ([_of_policy(DELETES)], "refuted", "refuted"),
        ([_of_policy(KEEPS), _of_attachment(DELETES)], "refuted", "refuted"),
        ([_of_attachment(DELETES)], "refuted", "proved"),
        ([_of_attachment(DELETES, policy_id="p-d")], "proved", "proved"),
        ([_of_attachment(DELETES, target_id=HUB)], "proved", "proved"),
        ([_of_attachment(DELETES, skip_destroy=True)], "proved", "proved"),
        ([_of_policy(KEEPS), _of_attachment(REPLACES, {"target_id": ROOT}, target_id=HUB)], "refuted", "refuted"),
        ([_of_policy(CHANGES, {"content": SERVICE_CONTROL}, content=_OTHER)], "refuted", "refuted"),
        ([_of_policy(CHANGES, {"content": SERVICE_CONTROL}, content=After("var.c"))], "refuted", "refuted"),
        ([_of_policy(REPLACES, {"id": "p-c"}, computed={"id": After()})], "refuted", "refuted"),
        ([_of_policy(("forget",)), _of_attachment(("forget",))], "proved", "proved"),
        ([changed(f"awscc{_C[3:]}", DELETES, name="c", policy_id="p-c")], "refuted", "refuted"),
        ([changed(f"awscc{_C[3:]}", CHANGES, {"target_ids": [ROOT]}, policy_id="p-c")], "refuted", "proved"),
    ],
)
def test_what_a_plan_changes_of_a_control_policy_another_file_says_as_it_was(
    changes: list[Change], expected: str, by_name: str
) -> None:
    """A state knows its id, a template its name alone; what a plan makes anew is another one."""
    for beside, awaited in ((state(*control(ROOT)), expected), (template(ROOT), by_name)):
        for given in ((planned(*changes, OTHER), beside), (beside, planned(*changes, OTHER))):
            assert verdict(*given, HELD) == awaited
    made = changed(f"awscc{_C[3:]}", MAKES, **_NAMED, content=SERVICE_CONTROL, target_ids=[ROOT])
    assert verdict(planned(*changes, OTHER), planned(made), HELD) == "proved"


ARN = f"arn:aws:iam::{OWN}:user/n"
TRUST = policy(
    json.loads(trust({"AWS": f"arn:aws:iam::{OWN}:root"}, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}))[
        "Statement"
    ][0],
    {"Effect": "Allow", "Principal": {"AWS": ARN}, "Action": "sts:AssumeRole"},
    {"Effect": "Deny", "Principal": {"AWS": ARN}, "Action": "sts:*", "Condition": WITHOUT_MFA},
)
ROLE = {"RoleName": "r", "AssumeRolePolicyDocument": json.loads(TRUST)}
OF_STACK = {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": ROLE}}}


@pytest.mark.parametrize(
    ("actions", "before", "name", "expected"),
    [
        (KEEPS, {}, "n", "proved"),
        (REPLACES, {}, "n", "unknown"),
        (REPLACES, {}, "other", "proved"),
        (REPLACES, {"name": "other"}, "n", "proved"),
        (CHANGES, {"tags": {}}, "n", "proved"),
    ],
)
def test_a_deny_of_another_file_may_be_of_the_user_that_was(
    actions: tuple[str, ...], before: dict[str, Any], name: str, expected: str
) -> None:
    """AWS keeps the unique id of whom it names, and a plan replaces that one by another of its name."""
    arn = ARN.replace("/n", f"/{name}")
    user = changed("aws_iam_user", actions, before, name=name, computed={"arn": arn})
    role = Resource("aws_iam_role.r", {"name": "r", "assume_role_policy": TRUST})
    stack = changed("aws_cloudformation_stack", KEEPS, name="s", template_body=json.dumps(OF_STACK))
    for given in (
        (planned(user), plan(role)),
        (state(role), planned(user)),
        (planned(user), OF_STACK),
        (planned(user, stack),),
    ):
        config = {"boundary": {"accounts": [OWN]}}
        report = trustproof.check(given, config=config, account=OWN, properties=["mfa-required"])
        assert report.errors == ()
        assert {one.verdict for one in report.results} == {expected}


def _drifted(given: dict[str, Any], *drifts: Change) -> dict[str, Any]:
    """A plan that says besides what others have changed or deleted since its state was written."""
    return {**given, "resource_drift": planned(OTHER, *drifts)["resource_changes"]}


@pytest.mark.parametrize(
    ("drift", "after", "expected"),
    [
        ([], [], "proved"),
        ([_of_attachment(DELETES)], [], "refuted"),
        ([_of_attachment(DELETES)], [_of_policy(KEEPS), _of_attachment(MAKES)], "proved"),
        ([_of_policy(CHANGES, {"content": SERVICE_CONTROL}, content=_OTHER)], [], "refuted"),
        ([_of_policy(CHANGES, {"tags": {"a": "b"}})], [_of_policy(KEEPS)], "proved"),
    ],
)
def test_what_has_drifted_a_state_from_before_says_as_it_was(
    drift: list[Change], after: list[Change], expected: str
) -> None:
    """The plan may leave it so, as one that only refreshes does."""
    assert verdict(_drifted(planned(OTHER, *after), *drift), state(*control(ROOT)), HELD) == expected


@pytest.mark.parametrize(("is_drifted", "expected"), [(False, "proved"), (True, "unknown")])
def test_a_user_whom_somebody_has_deleted_a_plan_makes_anew(is_drifted: bool, expected: str) -> None:
    """What another file denies it by its ARN was about the old one; and so is what that gives it by its name."""
    drift = [changed("aws_iam_user", DELETES, name="n", computed={"arn": ARN})] if is_drifted else []
    given = _drifted(planned(changed("aws_iam_user", MAKES, name="n", computed={"arn": ARN})), *drift)
    role = Resource("aws_iam_role.r", {"name": "r", "assume_role_policy": TRUST})
    config = {"boundary": {"accounts": [OWN]}}
    report = trustproof.check([given, state(role)], config=config, account=OWN, properties=["mfa-required"])
    assert {one.verdict for one in report.results} == {expected}
    denied = {"name": "d", "user": "n", "policy": policy({"Effect": "Deny", "Action": "*", "Resource": "*"})}
    held = {"name": "a", "user": "n", "policy": IAM}
    beside = state(Resource("aws_iam_user_policy.a", held), Resource("aws_iam_user_policy.d", denied))
    asked = ["sensitive-actions-require-mfa"]
    found = trustproof.check([given, beside], config=config, account=OWN, properties=asked)
    assert {one.verdict for one in found.results if one.logical_id == "aws_iam_user_policy.a"} == {expected}


_USER = {"Resources": {"N": {"Type": "AWS::IAM::User", "Properties": {"UserName": "n"}}}}
_HAD = Resource("aws_iam_user.had", {"name": "n"}, {"arn": ARN})


@pytest.mark.parametrize(
    ("actions", "beside", "expected"),
    [
        (DELETES, _USER, "unknown"),
        (KEEPS, _USER, "proved"),
        (DELETES, {"Resources": {"N": {**_USER["Resources"]["N"], "Properties": {"UserName": "m"}}}}, "proved"),
        (DELETES, plan(Resource("aws_iam_user.new", {"name": "n"})), "unknown"),
        # Who was there is the one that is deleted, and nobody has the name then.
        (DELETES, state(_HAD), "proved"),
        (DELETES, planned(changed("aws_iam_user", KEEPS, name="n", computed={"arn": ARN})), "proved"),
        # What is made together with somebody is about that one.
        (DELETES, {"Resources": {**_USER["Resources"], **OF_STACK["Resources"]}}, "unknown"),
    ],
)
def test_a_deny_may_be_of_the_user_whom_one_file_deletes_and_another_one_makes(
    actions: tuple[str, ...], beside: dict[str, Any], expected: str
) -> None:
    """Of the three nobody knows the others: AWS keeps the unique id of the old one in the third."""
    user = planned(changed("aws_iam_user", actions, name="n", computed={"arn": ARN}), OTHER)
    role = Resource("aws_iam_role.r", {"name": "r", "assume_role_policy": TRUST})
    config = {"boundary": {"accounts": [OWN]}}
    for third in (plan(role), state(role), OF_STACK):
        report = trustproof.check([user, beside, third], config=config, account=OWN, properties=["mfa-required"])
        assert report.errors == ()
        found = {one.verdict for one in report.results if one.logical_id in ("aws_iam_role.r", "R")}
        made = {"proved"} if beside.get("Resources", {}).get("R") else set()
        assert found in ({expected}, {expected, *made})


_ON = {"block_public_policy": True, "restrict_public_buckets": True}
_OFF = dict.fromkeys(_ON, False)
_SETTINGS = "public_access_block_configuration"


@pytest.mark.parametrize(
    ("actions", "before", "own", "expected"),
    [
        (KEEPS, _OFF, _OFF, "proved"),
        (CHANGES, _ON, _OFF, "unknown"),
        (CHANGES, _ON, None, "unknown"),
        (CHANGES, _OFF, _ON, "proved"),
        (REPLACES, _OFF, _OFF, "unknown"),
        (MAKES, _OFF, _OFF, "proved"),
    ],
)
def test_the_own_settings_of_a_bucket_may_be_written_after_the_block_of_another_plan(
    actions: tuple[str, ...], before: dict[str, Any], own: dict[str, bool] | None, expected: str
) -> None:
    """A bucket of Cloud Control has the same settings as the block around it."""
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::n/*"}
    bucket = {"bucket_name": "n", _SETTINGS: own, "computed": {"arn": "arn:aws:s3:::n", "id": "n"}}
    made = planned(changed("awscc_s3_bucket", actions, {_SETTINGS: before}, **bucket))
    block = changed("aws_s3_bucket_public_access_block", KEEPS, bucket="n", **_ON)
    put = changed("aws_s3_bucket_policy", MAKES, bucket="n", policy=policy(everybody))
    for given in ((made, planned(block, put)), (planned(block, put), made)):
        report = trustproof.check(given, config={}, account=OWN, properties=["inside-boundary"])
        found = [one for one in report.results if one.logical_id == "aws_s3_bucket_policy.it"]
        assert {one.verdict for one in found} == {expected}


@pytest.mark.parametrize(("actions", "expected"), [(KEEPS, "proved"), (REPLACES, "unknown")])
def test_a_deny_of_cloud_control_may_be_of_the_user_that_was(actions: tuple[str, ...], expected: str) -> None:
    """Of these policies a plan is not asked what it leaves as it is."""
    user = changed("aws_iam_user", actions, name="n", computed={"arn": ARN})
    everybody = {
        "Effect": "Allow",
        "Principal": {"AWS": [ARN, f"arn:aws:iam::{HUB}:root"]},
        "Action": "sqs:SendMessage",
    }
    queue = {"Resource": f"arn:aws:sqs:eu-west-1:{OWN}:q"}
    denied = {"Effect": "Deny", "Principal": {"AWS": ARN}, "Action": "sqs:*"}
    document = json.loads(policy({**everybody, **queue}, {**denied, **queue}))
    put = changed("awscc_sqs_queue_policy", KEEPS, queues=["q"], policy_document=json.dumps(document))
    asked = {"config": {"boundary": {"accounts": [HUB, OWN]}}, "account": OWN, "properties": ["inside-boundary"]}
    report = trustproof.check([planned(user, put)], **asked)  # type: ignore[arg-type]
    assert {one.verdict for one in report.results if one.logical_id == "awscc_sqs_queue_policy.it"} == {expected}


_ALL = "aws_s3_account_public_access_block"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (changed(_ALL, KEEPS, **_ON), "proved"),
        (changed(_ALL, CHANGES, _ON, **_OFF), "unknown"),
        (changed(_ALL, DELETES, **_ON), "unknown"),
        (None, "unknown"),
    ],
)
def test_what_is_around_all_buckets_another_plan_may_switch_off(change: Change | None, expected: str) -> None:
    """Whoever was last, and be it somebody else before the plan; what a bucket has by itself stays."""
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::n/*"}
    put = changed("aws_s3_bucket_policy", KEEPS, bucket="n", policy=policy(everybody))
    own = (
        changed("aws_s3_bucket", KEEPS, bucket="n"),
        changed("aws_s3_bucket_public_access_block", KEEPS, bucket="n", **_ON),
    )
    for more, verdict_ in (((), expected), (own, "proved")):
        beside = planned(changed(_ALL, KEEPS, **_ON), put, *more)
        drifted = _drifted(planned(OTHER), changed(_ALL, DELETES, **_ON))
        given = drifted if change is None else planned(change, OTHER)
        report = trustproof.check([given, beside], config={}, account=OWN)
        found = [
            one for one in report.results if one.logical_id == put[0].address and one.property == "inside-boundary"
        ]
        assert {one.verdict for one in found} == {verdict_}


def test_which_arns_may_be_of_whom_is_replaced() -> None:
    """A name that a stack makes up is nobody's whom a plan names."""
    one = ReplacedPrincipal(OWN, "role", "/x/", "n")
    arn = f"arn:aws:iam::{OWN}:role/x/"
    assert one.may_be(f"{arn}n")
    assert one.may_be(f"arn:aws-cn:iam::{OWN}:role/x/n")
    assert one._replace(account=None).may_be(f"arn:aws:iam::{HUB}:role/x/n")
    assert not one.may_be(f"arn:aws:iam::{HUB}:role/x/n")
    assert not one.may_be(f"{arn}m")
    assert one.may_be(Symbolic((arn, Symbol("Name", "parameter"))))
    assert not one.may_be(Symbolic((arn, Symbol("Name", "parameter", allowed=("a", "b")))))
    assert not one.may_be(Symbolic((arn, Symbol("R", "generated", holds=GENERATED_NAME))))
