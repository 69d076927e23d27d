"""
Service control policies that stop what the policies of a template would let users do.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
MEMBER, OTHER, MANAGEMENT = "222233334444", "444455556666", "111122223333"
ROOT = "r-ab12"
UNIT = "ou-ab12-11111111"
ORGANIZATION: Json = {"root": ROOT, "accounts": [MEMBER, OTHER]}
WITH_UNITS: Json = {**ORGANIZATION, "units": {UNIT: [MEMBER], "ou-ab12-22222222": [OTHER]}}
DENY: Json = {
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}
FULL: Json = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def control(targets: object, *statements: object, **more: object) -> Json:
    """A service control policy."""
    content = {"Version": "2012-10-17", "Statement": list(statements)}
    properties = {"Name": "p", "Type": "SERVICE_CONTROL_POLICY", "Content": content, "TargetIds": targets}
    return {"Type": "AWS::Organizations::Policy", "Properties": {**properties, **more}}


def check(
    folder: Path, policy: Json, account: str = MEMBER, organization: Json | None = ORGANIZATION, **more: object
) -> trustproof.Report:
    """What is said of a user who may create users, beside a template with a control policy."""
    held = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*"}]}
    user = {"Type": "AWS::IAM::User", "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": held}]}}
    (folder / "user.json").write_text(json.dumps({"Resources": {"U": user}}))
    parameters = {
        name: {"Type": "String", "AllowedValues": [default, other], "Default": default}
        for name, default, other in (
            ("Stage", "prod", "dev"),
            ("Target", ROOT, "r-zz99"),
            ("Kind", "SERVICE_CONTROL_POLICY", "TAG_POLICY"),
            ("Denied", "*", "s3:*"),
        )
    }
    mappings = {"Targets": {"prod": {"Id": ROOT}, "dev": {"Id": "r-zz99"}}}
    conditions = {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
    outer = {
        "Parameters": parameters,
        "Mappings": mappings,
        "Conditions": conditions,
        "Resources": {"P": policy, "Own": {"Type": "AWS::Organizations::Organization"}},
        **more,
    }
    (folder / "organization.json").write_text(json.dumps(outer))
    return trustproof.check(
        [str(folder)],
        account=account,
        config={} if organization is None else {"organization": organization},
        properties=["sensitive-actions-require-mfa", "assume-role-scoped"],
        certify=True,
    )


def verdict(report: trustproof.Report) -> str:
    """What is said of the user."""
    (found,) = [r for r in report.results if (r.property, r.logical_id) == ("sensitive-actions-require-mfa", "U")]
    return found.verdict


#: The policy, the account that is judged, what the configuration says, and the verdict.
CASES: list[tuple[str, Json, str, Json | None, str]] = [
    ("attached to the root", control([ROOT], DENY), MEMBER, ORGANIZATION, "proved"),
    ("attached to the account", control([MEMBER], DENY, FULL), MEMBER, ORGANIZATION, "proved"),
    ("attached to another account", control([OTHER], DENY), MEMBER, ORGANIZATION, "refuted"),
    ("attached to a unit", control(["ou-ab12-11111111"], DENY), MEMBER, ORGANIZATION, "refuted"),
    ("attached to a unit of the account", control([UNIT], DENY), MEMBER, WITH_UNITS, "proved"),
    ("attached to a unit of another account", control([UNIT], DENY), OTHER, WITH_UNITS, "refuted"),
    ("attached to a unit without accounts", control(["ou-ab12-33333333"], DENY), MEMBER, WITH_UNITS, "refuted"),
    ("attached to another root", control(["r-zz99"], DENY), MEMBER, ORGANIZATION, "refuted"),
    ("attached to nothing", control([], DENY), MEMBER, ORGANIZATION, "refuted"),
    ("the management account", control([ROOT, MANAGEMENT], DENY), MANAGEMENT, ORGANIZATION, "refuted"),
    ("nothing is declared", control([ROOT], DENY), MEMBER, None, "refuted"),
    ("it denies something else", control([ROOT], {**DENY, "Action": "s3:*"}), MEMBER, ORGANIZATION, "refuted"),
    ("it allows only", control([ROOT], FULL), MEMBER, ORGANIZATION, "refuted"),
    (
        "another type",
        control([ROOT], {**DENY, "Action": "s3:*", "Principal": "*"}, Type="RESOURCE_CONTROL_POLICY"),
        MEMBER,
        ORGANIZATION,
        "refuted",
    ),
    ("perhaps", {**control([ROOT], DENY), "Condition": "IsProd"}, MEMBER, ORGANIZATION, "refuted"),
    ("below both", control([{"Fn::If": ["IsProd", ROOT, MEMBER]}], DENY), MEMBER, ORGANIZATION, "proved"),
    ("below one of both", control([{"Fn::If": ["IsProd", ROOT, MEMBER]}], DENY), OTHER, ORGANIZATION, "refuted"),
    (
        "below the own root",
        control([{"Fn::If": ["IsProd", {"Fn::GetAtt": ["Own", "RootId"]}, MEMBER]}], DENY),
        MEMBER,
        ORGANIZATION,
        "refuted",
    ),
    ("to the own root", control([{"Fn::GetAtt": ["Own", "RootId"]}], DENY), MEMBER, ORGANIZATION, "proved"),
    ("by a parameter", control([{"Ref": "Target"}], DENY), MEMBER, ORGANIZATION, "refuted"),
    (
        "by a mapping",
        control([{"Fn::FindInMap": ["Targets", {"Ref": "Stage"}, "Id"]}], DENY),
        MEMBER,
        ORGANIZATION,
        "refuted",
    ),
    ("of a type by a parameter", control([ROOT], DENY, Type={"Ref": "Kind"}), MEMBER, ORGANIZATION, "refuted"),
    ("denied by a parameter", control([ROOT], {**DENY, "Action": {"Ref": "Denied"}}), MEMBER, ORGANIZATION, "refuted"),
    ("perhaps denied", control([ROOT], {"Fn::If": ["IsProd", DENY, FULL]}), MEMBER, ORGANIZATION, "refuted"),
    ("known later", control([ROOT], {**DENY, "Action": {"Fn::ImportValue": "x"}}), MEMBER, ORGANIZATION, "refuted"),
]


@pytest.mark.parametrize(
    ("policy", "account", "organization", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_a_control_policy_stops(
    policy: Json, account: str, organization: Json | None, expected: str, tmp_path: Path
) -> None:
    """Only what is certainly denied, and certainly attached to a member account, makes a proof."""
    assert verdict(check(tmp_path, policy, account, organization)) == expected


def stack_set(body: Json) -> Json:
    """A StackSet that carries its template as text."""
    return {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": json.dumps({"Resources": body})}}


def test_a_control_policy_may_spare_one_of_those_who_hold_the_same(tmp_path: Path) -> None:
    """What is denied to all users but one, who holds the same as the others, is refuted of this one."""
    spared = {"StringNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{MEMBER}:user/bob"}}
    deny = control([ROOT], {**DENY, "Condition": spared})
    (tmp_path / "organization.json").write_text(json.dumps({"Resources": {"P": deny}}))
    held = {"Version": "2012-10-17", "Statement": [FULL]}
    everything = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": held, "Users": ["alice", "bob"]}}
    users = {n: {"Type": "AWS::IAM::User", "Properties": {"UserName": n}} for n in ("alice", "bob")}
    (tmp_path / "users.json").write_text(json.dumps({"Resources": {"Full": everything, **users}}))
    report = trustproof.check(
        [str(tmp_path)],
        account=MEMBER,
        config={"organization": ORGANIZATION},
        properties=["sensitive-actions-require-mfa"],
    )
    assert [(one.verdict, one.holders) for one in report.results] == [("refuted", ("user bob",))]


@pytest.mark.parametrize("depth", [1, 2])
def test_a_control_policy_of_a_stack_set_keeps_nobody_out(depth: int, tmp_path: Path) -> None:
    """What a StackSet makes may be nowhere, or where no policy can be attached: it is no part of a proof."""
    policy = control([ROOT], DENY)
    assert verdict(check(tmp_path, policy)) == "proved"
    for _ in range(depth):
        policy = stack_set({"P": policy})
    report = check(tmp_path, policy)
    assert verdict(report) == "refuted"
    assert any("keep nobody out here" in note for note in report.notes)


def test_a_control_policy_of_a_stack_that_a_stack_set_nests_keeps_nobody_out(tmp_path: Path) -> None:
    """Nor is what a nested stack of a StackSet's template makes, where these are files of the run."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "control.json").write_text(json.dumps({"Resources": {"P": control([ROOT], DENY)}}))
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "control.json"}}
    (folder / "middle.json").write_text(json.dumps({"Resources": {"N": nested}}))
    for type_, expected in (("Stack", "proved"), ("StackSet", "refuted")):
        outer = {"Type": f"AWS::CloudFormation::{type_}", "Properties": {"TemplateURL": "middle.json"}}
        assert verdict(check(folder, outer)) == expected


def test_a_proof_says_what_it_rests_on(tmp_path: Path) -> None:
    """Who detaches the policy has to know; and nothing is said where it counts."""
    report = check(tmp_path, control([ROOT], DENY))
    (found,) = [r for r in report.results if r.property == "sensitive-actions-require-mfa"]
    assert found.reasons == ("this rests on service control policies that stay attached: P",)
    assert not any("control policies" in note for note in report.notes)
    elsewhere = check(tmp_path, control(["ou-ab12-11111111"], DENY))
    said = "control policies are asked whether they can be used, and keep nobody out here: P"
    assert any(note.endswith(said) for note in elsewhere.notes)


def test_a_macro_leaves_nothing_certain(tmp_path: Path) -> None:
    """What it makes of the policy nobody knows."""
    assert verdict(check(tmp_path, control([ROOT], DENY), Transform="Mine")) == "refuted"


@pytest.mark.parametrize(
    ("organization", "error"),
    [
        ({"root": "o-ab12", "accounts": []}, "must be"),
        ({"root": ROOT, "accounts": ["1"]}, "12 digits"),
        ({"root": ROOT}, "accounts"),
        ({"root": ROOT, "accounts": [], "unit": []}, 'unknown key "unit"'),
        ({"root": ROOT, "accounts": [], "units": []}, "organization.units must be a table"),
        ({"root": ROOT, "accounts": [], "units": {"ou-1": []}}, "id of a unit"),
        ({"root": ROOT, "accounts": [], "units": {UNIT: [MEMBER]}}, "must be one of organization.accounts"),
        ({"root": ROOT, "accounts": [], "units": {UNIT: ["1"]}}, "12 digits"),
    ],
)
def test_what_may_be_declared(organization: Json, error: str, tmp_path: Path) -> None:
    """A mistake in the configuration is no silent pass."""
    with pytest.raises(trustproof.ConfigError, match=error):
        check(tmp_path, control([ROOT], DENY), organization=organization)


def test_each_template_has_the_organization_of_its_own_configuration(tmp_path: Path) -> None:
    """From whatever directory the command is run; what another project calls the same root is another one."""
    for project, accounts in (("ours", [MEMBER]), ("theirs", [OTHER])):
        folder = tmp_path / project
        folder.mkdir()
        check(folder, control([ROOT], DENY))
        (folder / "trustproof.toml").write_text(f"[organization]\nroot = {ROOT!r}\naccounts = {accounts}\n")
    (tmp_path / "theirs" / "organization.json").unlink()
    above = trustproof.load_config(start=tmp_path)
    for account, ours in ((MEMBER, "proved"), (OTHER, "refuted")):
        properties = ["sensitive-actions-require-mfa"]
        report = trustproof.check([tmp_path], account=account, config=above, properties=properties)
        found = {Path(result.template).parent.name: result.verdict for result in report.results}
        assert found == {"ours": ours, "theirs": "refuted"}


ROLES: Json = {"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}}
STEP: Json = {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*", **ROLES}
OF_RESOURCES: Json = {**STEP, "Principal": "*"}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (control([ROOT], STEP), "proved"),
        (control([MEMBER], STEP), "proved"),
        (control([OTHER], STEP), "refuted"),
        (control([ROOT], {**STEP, "Action": "s3:*"}), "refuted"),
        (control([ROOT], {**STEP, "Resource": "arn:aws:iam::*:role/b"}), "proved"),
        (control([ROOT], {**STEP, "Resource": "arn:aws:iam::*:role/c"}), "refuted"),
        (control([ROOT], {**STEP, "Condition": {"StringEquals": {"aws:PrincipalTag/a": "b"}}}), "refuted"),
        # Nobody enters the first role.
        (control([ROOT], {**STEP, "Resource": "arn:aws:iam::*:role/a", "Condition": {}}), "proved"),
        (control([ROOT], OF_RESOURCES, Type="RESOURCE_CONTROL_POLICY"), "proved"),
        (control([OTHER], OF_RESOURCES, Type="RESOURCE_CONTROL_POLICY"), "refuted"),
        ({**control([ROOT], STEP), "Condition": "Perhaps"}, "refuted"),
    ],
)
def test_a_chain_that_a_control_policy_stops(policy: Json, expected: str, tmp_path: Path) -> None:
    """A user without MFA enters a role, and no session of it the next one."""

    def allow(principal: object, **more: object) -> Json:
        return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}, **more}

    def role(name: str, *trust: Json, **more: object) -> Json:
        properties = {"RoleName": name, "AssumeRolePolicyDocument": {"Statement": list(trust)}, **more}
        return {"Type": "AWS::IAM::Role", "Properties": properties}

    step = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    held = [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [step]}}]
    with_mfa = allow(MEMBER, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    resources = {
        "P": policy,
        "A": role("a", allow(MEMBER), Policies=held),
        "B": role("b", allow({"Fn::GetAtt": ["A", "Arn"]}), with_mfa),
    }
    parameters = {"Stage": {"Type": "String"}}
    conditions = {"Perhaps": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
    template: Json = {"Parameters": parameters, "Conditions": conditions, "Resources": resources}
    report = trustproof.check(
        [template],
        account=MEMBER,
        config={"organization": ORGANIZATION},
        properties=["mfa-survives-chaining"],
        certify=True,
    )
    (found,) = report.results
    assert found.verdict == expected
    rests = any("control policies that stay attached: P" in reason for reason in found.reasons)
    assert rests is (expected == "proved")


def test_a_control_policy_of_other_accounts_is_not_attached_to_that_of_the_caller() -> None:
    """What keeps it from a caller is written in no policy, so nobody is told to take that out."""
    trusting = {"Effect": "Allow", "Principal": {"AWS": [MEMBER, OTHER]}, "Action": "sts:AssumeRole"}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [trusting]}}}
    template = {"Resources": {"R": role, "Scp": control([UNIT], DENY)}}
    config = {"organization": WITH_UNITS}
    report = trustproof.check([template], config=config, account=MANAGEMENT, properties=["mfa-required"])
    (found,) = (one for one in report.results if one.logical_id == "R")
    assert "the service control policy Scp asks for it, and is not attached to 444455556666" in found.why
    assert found.remedy is not None
    assert found.remedy.text.startswith("if people assume it, allow only requests that were authenticated with MFA")


def test_a_control_policy_that_spares_a_user_is_attached_all_the_same() -> None:
    spared = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/alice"}}
    deny = {**DENY, "Condition": {**DENY["Condition"], **spared}}  # type: ignore[dict-item]
    allowed = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
    policies = [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allowed]}}]
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": "alice", "Policies": policies}}
    template = {"Resources": {"U": user, "Scp": control([ROOT], deny)}}
    config = {"organization": ORGANIZATION}
    report = trustproof.check([template], config=config, account=MEMBER, properties=["sensitive-actions-require-mfa"])
    (found,) = (one for one in report.results if one.logical_id == "U")
    (why,) = found.why
    assert why.startswith("the Deny of Scp does not apply: aws:PrincipalArn is arn:aws:iam::222233334444:user/alice")


STAGE: Json = {"Type": "String", "AllowedValues": ["dev", "prod"]}
OF_S3: Json = {**DENY, "Action": "s3:*"}
BOTH: Json = {
    "Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
    "Dev": {"Fn::Not": [{"Condition": "Prod"}]},
    "Any": {"Fn::Or": [{"Condition": "Prod"}, {"Condition": "Dev"}]},
}
CHOSEN: Json = {"Fn::If": ["Prod", MEMBER, MEMBER]}


def under(condition: str, *control_: object) -> Json:
    """A control policy that is there where a condition holds."""
    return {**control(*control_), "Condition": condition}


#: Control policies of which parameters decide which one is there, and whether one of them always is.
WAYS: list[tuple[str, Json, bool]] = [
    ("one of two", {"S": under("Prod", [MEMBER], DENY), "T": under("Dev", [MEMBER], DENY)}, True),
    ("whichever", {"S": under("Any", [MEMBER], DENY)}, True),
    ("one value", {"S": under("Prod", [MEMBER], DENY)}, False),
    ("the same account", {"S": control([CHOSEN], DENY)}, True),
    ("another account", {"S": control([{"Fn::If": ["Prod", MEMBER, OTHER]}], DENY)}, False),
    (
        "some actions",
        {"S": control([MEMBER], {**DENY, "Action": [{"Fn::If": ["Prod", "s3:*", "ec2:*"]}, "iam:*"]})},
        True,
    ),
    (
        "fewer actions",
        {"S": under("Prod", [MEMBER], DENY), "T": under("Dev", [MEMBER], {**DENY, "Action": "iam:*"})},
        True,
    ),
    ("other actions", {"S": control([MEMBER], {**DENY, "Action": {"Fn::If": ["Prod", "iam:*", "iam:D*"]}})}, False),
    ("another Deny", {"S": under("Prod", [MEMBER], DENY), "T": under("Dev", [MEMBER], OF_S3)}, False),
]


@pytest.mark.parametrize(("resources", "holds"), [way[1:] for way in WAYS], ids=[way[0] for way in WAYS])
def test_what_one_or_another_control_policy_denies_is_denied(resources: Json, holds: bool) -> None:
    """It counts where it is attached at every value of the parameters, by whichever of them."""
    held = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*"}]}
    user = {"Type": "AWS::IAM::User", "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": held}]}}
    template = {"Parameters": {"Stage": STAGE}, "Conditions": BOTH, "Resources": {"U": user, **resources}}
    config = {"organization": ORGANIZATION}
    asked = ["sensitive-actions-require-mfa"]
    report = trustproof.check([template], config=config, account=MEMBER, properties=asked, certify=True)
    (found,) = (one for one in report.results if one.logical_id == "U")
    assert found.verdict == ("proved" if holds else "refuted")
    assert not holds or any("that stay attached: S" in reason for reason in found.reasons)
