"""
Buckets whose settings keep a public policy from having an effect.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof


def template(block: object, principal: object = "*", bucket: object = None) -> dict[str, object]:
    """A bucket with its settings, and its policy; another bucket with the same policy and no settings."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    settings = {} if block is None else {"PublicAccessBlockConfiguration": block}

    def policy(on: object) -> dict[str, object]:
        return {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": on, "PolicyDocument": document}}

    return {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": settings},
            "Open": {"Type": "AWS::S3::Bucket", "Properties": {"PublicAccessBlockConfiguration": {}}},
            "Policy": policy(bucket or {"Ref": "Bucket"}),
            "OpenPolicy": policy({"Ref": "Open"}),
        }
    }


def verdicts(folder: Path, content: dict[str, object]) -> dict[str, trustproof.Result]:
    """Logical id to the result."""
    file = folder / "template.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    config = {"boundary": {"accounts": []}}
    report = trustproof.check([str(file)], account="111122223333", config=config, properties=["inside-boundary"])
    return {result.logical_id: result for result in report.results}


@pytest.mark.parametrize("setting", ["RestrictPublicBuckets", "BlockPublicPolicy"])
def test_a_public_policy_has_no_effect(setting: str, tmp_path: Path) -> None:
    """The policy lets anybody in and S3 does not; the proof rests on that, and is no other bucket's proof."""
    found = verdicts(tmp_path, template({setting: True}))
    assert found["Policy"].verdict == trustproof.PROVED
    assert f"{setting} of Bucket" in found["Policy"].reasons[0]
    assert found["OpenPolicy"].verdict == trustproof.REFUTED


def test_new_buckets_refuse_public_policies(tmp_path: Path) -> None:
    """A bucket that says nothing has every setting on, so that the policy is refused, and the proof says so."""
    found = verdicts(tmp_path, template(None))["Policy"]
    assert found.verdict == trustproof.PROVED
    reason = "BlockPublicPolicy of Bucket, which S3 turns on for every bucket made since April 2023: such a policy is"
    assert f"{reason} refused when it is put" in found.reasons[0]
    named = verdicts(tmp_path, template(None, {"AWS": "444455556666"}))["Policy"]
    assert named.verdict == trustproof.REFUTED


@pytest.mark.parametrize("block", [{}, {"RestrictPublicBuckets": False}, {"BlockPublicAcls": True}])
def test_other_settings_change_nothing(block: object, tmp_path: Path) -> None:
    """Only what is said about policies counts."""
    assert verdicts(tmp_path, template(block))["Policy"].verdict == trustproof.REFUTED


def test_a_named_account_is_not_public(tmp_path: Path) -> None:
    """S3 restricts public policies; one that names an account of somebody else is not."""
    content = template({"RestrictPublicBuckets": True}, {"AWS": "444455556666"})
    assert verdicts(tmp_path, content)["Policy"].verdict == trustproof.REFUTED


def test_a_bucket_elsewhere_is_not_known(tmp_path: Path) -> None:
    """The settings of a bucket that is not in the template say nothing."""
    content = template({"RestrictPublicBuckets": True}, bucket="b")
    assert verdicts(tmp_path, content)["Policy"].verdict == trustproof.REFUTED


@pytest.mark.parametrize(
    ("block", "principal", "verdict", "reason"),
    [
        ({"RestrictPublicBuckets": True}, {"AWS": "*"}, "proved", "rests on RestrictPublicBuckets of Bucket: nobody"),
        ({"BlockPublicPolicy": True}, "*", "proved", "rests on BlockPublicPolicy of Bucket: such a policy is refused"),
        (None, "*", "proved", "which S3 turns on for every bucket"),
        # Services get in as they did.
        ({"RestrictPublicBuckets": True}, "*", "refuted", ""),
        ({}, {"AWS": "*"}, "refuted", ""),
        ({"RestrictPublicBuckets": True}, {"AWS": "444455556666"}, "refuted", ""),
    ],
)
def test_an_invariant_counts_them(block: object, principal: object, verdict: str, reason: str, tmp_path: Path) -> None:
    """Whom a public policy names is kept out of the bucket, and the proof says by what."""
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template(block, principal)), encoding="utf-8")
    config = {"invariant": [{"name": "own", "resources": ["Bucket"], "own-account": True}]}
    report = trustproof.check([str(file)], account="111122223333", config=config, properties=["invariant-own"])
    assert [one.verdict for one in report.results] == [verdict]
    assert any(reason in one for one in report.results[0].reasons) == bool(reason)


ON, OFF = {"RestrictPublicBuckets": True}, {"RestrictPublicBuckets": False}
NO_VALUE = {"Ref": "AWS::NoValue"}
LOOKED_UP = {"Fn::GetAtt": ["Lookup", "Private"]}
SECTIONS: dict[str, object] = {
    "Parameters": {
        "Stage": {"Type": "String", "Default": "prod"},
        "Private": {"Type": "String", "Default": "true"},
        "Open": {"Type": "String", "AllowedValues": ["true", "false"]},
        "Unknown": {"Type": "String"},
    },
    "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
    "Mappings": {"ByStage": {"prod": {"private": "true"}, "dev": {"private": "false"}}},
}


def _if(yes: object, no: object) -> dict[str, object]:
    return {"Fn::If": ["Prod", yes, no]}


DECIDED: list[tuple[object, str]] = [
    (_if(ON, {"BlockPublicPolicy": "true"}), "proved"),
    (_if(ON, ON), "proved"),
    (_if(ON, NO_VALUE), "proved"),
    (_if(NO_VALUE, ON), "proved"),
    (_if(ON, OFF), "refuted"),
    (_if(NO_VALUE, OFF), "refuted"),
    (_if(NO_VALUE, NO_VALUE), "proved"),
    ({"RestrictPublicBuckets": _if(True, False)}, "refuted"),
    ({"RestrictPublicBuckets": _if(True, "true")}, "proved"),
    ({"RestrictPublicBuckets": _if(True, False), "BlockPublicPolicy": _if(False, True)}, "proved"),
    ({"RestrictPublicBuckets": _if(True, False), "BlockPublicPolicy": True}, "proved"),
    ({"RestrictPublicBuckets": {"Ref": "Private"}}, "proved"),
    ({"RestrictPublicBuckets": {"Ref": "Open"}}, "refuted"),
    ({"RestrictPublicBuckets": {"Ref": "Unknown"}}, "refuted"),
    ({"RestrictPublicBuckets": {"Fn::FindInMap": ["ByStage", "prod", "private"]}}, "proved"),
    ({"RestrictPublicBuckets": {"Fn::FindInMap": ["ByStage", {"Ref": "Stage"}, "private"]}}, "proved"),
    # What nobody knows before deployment may be either, and one of two settings is enough.
    ({"RestrictPublicBuckets": LOOKED_UP}, "unknown"),
    ({"BlockPublicPolicy": {"Fn::ImportValue": "x"}, "RestrictPublicBuckets": False}, "unknown"),
    ({"BlockPublicPolicy": {"Ref": "Open"}, "RestrictPublicBuckets": LOOKED_UP}, "unknown"),
    ({"BlockPublicPolicy": "{{resolve:ssm:private}}"}, "unknown"),
    ({"BlockPublicPolicy": LOOKED_UP, "RestrictPublicBuckets": True}, "proved"),
    ({"BlockPublicPolicy": _if(LOOKED_UP, True)}, "unknown"),
    (LOOKED_UP, "unknown"),
]


@pytest.mark.parametrize(("block", "expected"), DECIDED)
def test_settings_that_the_template_decides(block: object, expected: str, tmp_path: Path) -> None:
    """Each outcome is asked about, and there is one result about the policy."""
    file = tmp_path / "template.json"
    file.write_text(json.dumps({**SECTIONS, **template(block)}), encoding="utf-8")
    report = trustproof.check([str(file)], account="111122223333", config={"boundary": {}}, certify=True)
    for ident in {result.property for result in report.results}:
        about = [result for result in report.results if (result.property, result.logical_id) == (ident, "Policy")]
        assert len(about) <= 1
        if ident == "inside-boundary":
            assert about[0].verdict == expected


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        (_if(ON, OFF), {"Stage": False}),
        (_if(OFF, NO_VALUE), {"Stage": True}),
        ({"RestrictPublicBuckets": {"Ref": "Open"}}, {"Open": "false"}),
        ({"BlockPublicPolicy": {"Ref": "Unknown"}}, {"Unknown": "false"}),
    ],
)
def test_the_counterexample_is_a_deployment_that_lets_it_in(
    block: object, shown: dict[str, object], tmp_path: Path
) -> None:
    """The parameters that are shown are those with which the bucket is not kept private."""
    found = verdicts(tmp_path, {**SECTIONS, **template(block)})["Policy"].counterexample
    assert found is not None
    for name, value in shown.items():
        given = found.parameters.get(name, "prod")
        assert (given == "prod") is value if isinstance(value, bool) else given == value


OTHER = "999988887777"
POINT = "s3:DataAccessPointArn"
#: A condition next to the wildcard, and whether the policy is public as S3 means it.
MEANING: list[tuple[dict[str, object], bool]] = [
    ({"StringEquals": {"s3:DataAccessPointAccount": OTHER}}, False),
    ({"StringLike": {"s3:DataAccessPointAccount": "9999*"}}, True),
    ({"StringLike": {POINT: f"arn:aws:s3:us-east-1:{OTHER}:accesspoint/*"}}, False),
    ({"ArnLike": {POINT: f"arn:aws:s3:*:{OTHER}:accesspoint/*"}}, False),
    ({"ArnLike": {POINT: "arn:aws:s3:us-east-1:*:accesspoint/app"}}, True),
    ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
    ({"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}, True),
    ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, True),
    ({"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}, False),
    ({"StringLike": {"aws:SourceVpc": "vpc-*"}}, True),
    ({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-0123456789abcdef0"}}, True),
    ({"StringEquals": {"aws:SourceOwner": OTHER}}, False),
    ({"StringEquals": {"aws:PrincipalOrgID": "o-zzzzzzzzzz"}}, False),
    ({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app"}}, True),
    ({"StringEquals": {"aws:PrincipalTag/team": "red"}}, True),
    ({"Bool": {"aws:SecureTransport": "true"}}, True),
]


@pytest.mark.parametrize(("condition", "public"), MEANING, ids=[str(case[0]) for case in MEANING])
def test_only_a_public_policy_is_refused(condition: dict[str, object], public: bool, tmp_path: Path) -> None:
    """A policy that grants access to fixed values only is not public, whosever they are: the setting does nothing."""
    content = template({"BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    statement = content["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"][0]
    statement["Condition"] = condition
    file = tmp_path / "template.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    config = {"boundary": {"accounts": [], "network-bounds": False}}
    report = trustproof.check([str(file)], account="111122223333", config=config, properties=["inside-boundary"])
    found = next(result for result in report.results if result.logical_id == "Policy")
    assert found.verdict == ("proved" if public else "refuted")
    assert not public or found.reasons[0].startswith("the policy is public")


def test_what_decides_at_deployment_whether_it_is_public_leaves_it_open(tmp_path: Path) -> None:
    """A Deny that is not known may leave in those only whom the policy names."""
    content = template({"BlockPublicPolicy": True})
    statements = content["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"]
    condition = {"StringNotEquals": {"aws:PrincipalAccount": {"Ref": "Trusted"}}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": condition}
    statements.append(deny)
    content["Parameters"] = {"Trusted": {"Type": "CommaDelimitedList"}}
    assert verdicts(tmp_path, content)["Policy"].verdict != trustproof.REFUTED


@pytest.mark.parametrize(
    ("setting", "said"), [("RestrictPublicBuckets", True), ("BlockPublicPolicy", False)], ids=["restricts", "refuses"]
)
def test_services_may_use_a_restricted_bucket(setting: str, said: bool, tmp_path: Path) -> None:
    """S3 restricts a public policy to the account and to services; where it refuses the policy, nobody gets in."""
    found = verdicts(tmp_path, template({setting: True}))["Policy"]
    assert found.verdict == trustproof.PROVED
    assert found.reasons[0].endswith("services of AWS aside") is said


NAMED = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
SERVICE = {"Bool": {"aws:PrincipalIsAWSService": "true"}}
MIXED: list[tuple[str, list[object], list[str]]] = [
    # Statements besides the one for everybody, and the verdicts. This is S3's own example.
    ("an account that is named", [NAMED], ["proved"]),
    # Without a condition that holds it, the public statement is not always there.
    ("sometimes public", [NAMED, "sometimes"], ["proved", "refuted"]),
    ("a service", [{**NAMED, "Principal": "*", "Condition": SERVICE}], ["proved", "refuted"]),
]


@pytest.mark.parametrize(("more", "expected"), [case[1:] for case in MIXED], ids=[case[0] for case in MIXED])
def test_one_public_statement_makes_the_policy_public(more: list[object], expected: list[str], tmp_path: Path) -> None:
    """Then S3 disables access by the accounts that the policy names, too, and no access by services."""
    content = {**SECTIONS, **template({"RestrictPublicBuckets": True})}
    document = content["Resources"]["Policy"]["Properties"]["PolicyDocument"]
    document["Statement"] += [one for one in more if isinstance(one, dict)]
    if "sometimes" in more:
        document["Statement"][0] = {"Fn::If": ["Prod", document["Statement"][0], {"Ref": "AWS::NoValue"}]}
    file = tmp_path / "template.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([str(file)], account="111122223333", config={"boundary": {}})
    found = [r.verdict for r in report.results if (r.property, r.logical_id) == ("inside-boundary", "Policy")]
    assert sorted(found) == expected


@pytest.mark.parametrize("kind", ["AWS::S3::BucketPolicy", "AWS::S3::AccessPoint"])
def test_a_bucket_that_a_condition_chooses_has_its_own_settings(kind: str, tmp_path: Path) -> None:
    """Each of two buckets is looked at where the condition chooses it, and nothing is left to guess."""
    content = template({"RestrictPublicBuckets": True})
    policies = content["Resources"]
    assert isinstance(policies, dict)
    policy = policies.pop("OpenPolicy")
    if kind == "AWS::S3::AccessPoint":
        policy["Properties"]["Policy"] = policy["Properties"].pop("PolicyDocument")
        policy["Properties"]["PublicAccessBlockConfiguration"] = {"BlockPublicPolicy": False}
        # The policy of an access point is about the access point.
        (statement,) = policy["Properties"]["Policy"]["Statement"]
        statement["Resource"] = {"Fn::Sub": "arn:aws:s3:*:${AWS::AccountId}:accesspoint/a/object/*"}
    policies["Policy"] = {**policy, "Type": kind}
    content["Parameters"] = {"P": {"Type": "String"}}
    content["Conditions"] = {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}}
    both = {"Fn::If": ["C", {"Ref": "Open"}, {"Ref": "Bucket"}]}
    policy["Properties"]["Bucket"] = both
    found = verdicts(tmp_path, content)["Policy"]
    assert (found.verdict, found.counterexample.parameters if found.counterexample else None) == (
        trustproof.REFUTED,
        {"P": "x"},
    )
    policies["Open"]["Properties"]["PublicAccessBlockConfiguration"] = {"BlockPublicPolicy": True}
    assert verdicts(tmp_path, content)["Policy"].verdict == trustproof.PROVED


@pytest.mark.parametrize(
    ("settings", "named", "expected"),
    [
        (None, {"Ref": "M"}, "proved"),
        ({"RestrictPublicBuckets": True}, {"Ref": "M"}, "proved"),
        ({"BlockPublicPolicy": False, "RestrictPublicBuckets": False}, {"Ref": "M"}, "refuted"),
        ({"BlockPublicPolicy": {"Ref": "Is"}}, {"Ref": "M"}, "refuted"),
        (None, "made-elsewhere", "refuted"),
    ],
)
def test_a_multi_region_access_point_has_settings_of_its_own(
    tmp_path: Path, settings: object, named: object, expected: str
) -> None:
    """All are on where it says nothing, and a public policy then lets nobody in."""
    point: dict[str, object] = {"Name": "m", "Regions": [{"Bucket": "b"}]}
    if settings is not None:
        point["PublicAccessBlockConfiguration"] = settings
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    policy = {"MrapName": named, "Policy": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {
        "Parameters": {"Is": {"Type": "String", "AllowedValues": ["true", "false"]}},
        "Resources": {
            "M": {"Type": "AWS::S3::MultiRegionAccessPoint", "Properties": point},
            "P": {"Type": "AWS::S3::MultiRegionAccessPointPolicy", "Properties": policy},
        },
    }
    (tmp_path / "template.json").write_text(json.dumps(template), encoding="utf-8")
    report = trustproof.check(
        [str(tmp_path)], account="111122223333", config={"boundary": {}}, properties=["inside-boundary"]
    )
    found = {one.verdict for one in report.results}
    assert ("refuted" if "refuted" in found else "proved" if found == {"proved"} else "unknown") == expected


NAMED = {"Fn::FindInMap": ["Names", {"Ref": "Stage"}, "Name"]}


@pytest.mark.parametrize("kind", ["policy", "access point", "name of the bucket"])
@pytest.mark.parametrize("values", [("dev", "prod"), ("prod", "dev")])
@pytest.mark.parametrize(
    ("blocks", "expected"), [({"app": {}, "web": None}, "refuted"), ({"app": None, "web": None}, "proved")]
)
def test_the_bucket_is_the_one_that_a_parameter_names(
    kind: str, values: tuple[str, str], blocks: dict[str, object], expected: str
) -> None:
    """A policy is judged beside the settings of each bucket that a text may name, whichever value is first."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    buckets: dict[str, object] = {}
    for number, (name, block) in enumerate(blocks.items()):
        called: object = name
        if kind == "name of the bucket":
            called = NAMED if number else {"Fn::If": ["Prod", "app", "web"]}
        settings = {} if block is None else {"PublicAccessBlockConfiguration": block}
        buckets[f"B{number}"] = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": called, **settings}}
    on: dict[str, object] = {"Bucket": "app" if kind == "name of the bucket" else NAMED}
    if kind == "access point":
        settings = {"PublicAccessBlockConfiguration": {}}
        made: dict[str, object] = {
            "Type": "AWS::S3::AccessPoint",
            "Properties": {"Name": "ap", **settings, **on, "Policy": document},
        }
    else:
        made = {"Type": "AWS::S3::BucketPolicy", "Properties": {**on, "PolicyDocument": document}}
    content = {
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": [*values], "Default": values[0]}},
        "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Mappings": {"Names": {"dev": {"Name": "app"}, "prod": {"Name": "web"}}},
        "Resources": {**buckets, "P": made},
    }
    report = trustproof.check([content], account="111122223333", config={}, properties=["inside-boundary"])
    assert {one.verdict for one in report.results} == {expected}
