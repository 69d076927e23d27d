"""
Services that say by keys of their own for whom they call, and remedies by what a service is known to send.
"""

from __future__ import annotations

import pytest

import trustproof

Json = dict[str, object]
OWN, OTHER = "111122223333", "999988887777"


def bucket(condition: Json, service: str = "ses.amazonaws.com") -> trustproof.Report:
    """A bucket that a service may write to."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::mail/*",
        "Condition": condition,
    }
    properties = {"Bucket": "mail", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {"Resources": {"It": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}}
    return trustproof.check([template], account=OWN, config={}, properties=["no-confused-deputy"])


CASES: dict[str, tuple[Json, str, str]] = {
    "of one's own account": ({"StringEquals": {"aws:Referer": OWN}}, "ses.amazonaws.com", "proved"),
    "of another": ({"StringEquals": {"aws:Referer": OTHER}}, "ses.amazonaws.com", "unknown"),
    "of anybody": ({"StringLike": {"aws:Referer": "*"}}, "ses.amazonaws.com", "refuted"),
    "if there is one": ({"StringEqualsIfExists": {"aws:Referer": OWN}}, "ses.amazonaws.com", "refuted"),
    # Of no other service the manual says it.
    "of another service": ({"StringEquals": {"aws:Referer": OWN}}, "logging.s3.amazonaws.com", "refuted"),
}


@pytest.mark.parametrize("name", CASES)
def test_ses_says_by_referer_for_whom_it_calls(name: str) -> None:
    """The referer of SES is the account that it calls for, and nobody else's referer says anything."""
    condition, service, expected = CASES[name]
    assert [one.verdict for one in bucket(condition, service).results] == [expected]


@pytest.mark.parametrize(
    ("condition", "service", "expected"),
    [
        ({"StringEquals": {"AWS:SourceOwner": OWN}}, "ses.amazonaws.com", "proved"),
        ({"StringEquals": {"AWS:SourceOwner": OTHER}}, "ses.amazonaws.com", "unknown"),
        ({"StringEqualsIfExists": {"AWS:SourceOwner": OWN}}, "ses.amazonaws.com", "refuted"),
        ({"StringEquals": {"AWS:Referer": OWN}}, "ses.amazonaws.com", "proved"),
        ({"StringEquals": {"AWS:Referer": OTHER}}, "ses.amazonaws.com", "unknown"),
        ({"StringLike": {"AWS:Referer": "*"}}, "ses.amazonaws.com", "refuted"),
        ({"StringEqualsIfExists": {"AWS:Referer": OWN}}, "ses.amazonaws.com", "refuted"),
        ({"StringNotEquals": {"AWS:Referer": OTHER}}, "ses.amazonaws.com", "refuted"),
        # Of no other service the manual says it.
        ({"StringEquals": {"AWS:SourceOwner": OWN}}, "s3.amazonaws.com", "refuted"),
        ({"StringEquals": {"AWS:Referer": OWN}}, "s3.amazonaws.com", "refuted"),
    ],
)
def test_ses_says_by_keys_of_its_own_for_whom_it_notifies(condition: Json, service: str, expected: str) -> None:
    """The owner of what SES tells a topic, or the referer, is the account that it calls for."""
    allow = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sns:Publish", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [{**allow, "Condition": condition}]}
    topic = {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": ["t"], "PolicyDocument": document}}
    report = trustproof.check([{"Resources": {"T": topic}}], account=OWN, config={}, properties=["no-confused-deputy"])
    assert [one.verdict for one in report.results] == [expected]


REMEDIES = {
    # Topics of other Regions call functions too, and a permission names one Region.
    "sns.amazonaws.com": "",
    "apigateway.amazonaws.com": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:*",
    "events.amazonaws.com": "arn:aws:events:${AWS::Region}:${AWS::AccountId}:rule/*",
}


@pytest.mark.parametrize("service", [*REMEDIES, "s3.amazonaws.com"])
def test_a_function_is_held_to_what_the_service_sends(service: str) -> None:
    """Of the services that invoke functions only S3 and SES are held to an account: others need not send one."""
    properties = {"FunctionName": "app", "Action": "lambda:InvokeFunction", "Principal": service}
    # What a neighbour tests is no reason to test it of a service that may not send it.
    neighbour = {**properties, "Principal": "s3.amazonaws.com", "SourceAccount": {"Ref": "AWS::AccountId"}}
    resources = {
        name: {"Type": "AWS::Lambda::Permission", "Properties": found}
        for name, found in {"It": properties, "Other": neighbour}.items()
    }
    report = trustproof.check([{"Resources": resources}], config={}, properties=["no-confused-deputy"])
    (found,) = [one for one in report.results if one.logical_id == "It"]
    assert found.remedy is not None
    diff = " ".join(found.remedy.diff)
    assert ("SourceAccount" in diff) == (service not in REMEDIES)
    assert REMEDIES.get(service, "") in diff


SKILLS: dict[str, tuple[Json, str]] = {
    "any": ({}, "refuted"),
    "any of smart homes": ({"Principal": "alexa-connectedhome.amazon.com"}, "refuted"),
    "one": ({"EventSourceToken": "amzn1.ask.skill.1"}, "proved"),
    "one of the deployment": ({"EventSourceToken": {"Fn::Sub": "amzn1.ask.skill.${Skill}"}}, "proved"),
}


@pytest.mark.parametrize("name", SKILLS)
def test_alexa_says_by_a_token_for_which_skill_it_calls(name: str) -> None:
    """Whoever makes a skill may have it call any function whose permission names none; the code may ask itself."""
    more, expected = SKILLS[name]
    properties = {
        "FunctionName": "f",
        "Action": "lambda:InvokeFunction",
        "Principal": "alexa-appkit.amazon.com",
        **more,
    }
    resources = {"It": {"Type": "AWS::Lambda::Permission", "Properties": properties}}
    template = {"Parameters": {"Skill": {"Type": "String"}}, "Resources": resources}
    (found,) = trustproof.check([template], account=OWN, config={}, properties=["no-confused-deputy"]).results
    assert found.verdict == expected
    if expected == "refuted":
        assert found.severity == "warning"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({}, ["refuted"]),
        ({"Properties": {"SkillId": "amzn1.ask.skill.1"}}, ["proved"]),
        ({"Properties": {"SkillId": {"Fn::If": ["Has", {"Ref": "Skill"}, {"Ref": "AWS::NoValue"}]}}}, ["refuted"]),
    ],
)
def test_a_skill_that_calls_a_function_of_sam_has_such_a_permission(event: Json, expected: list[str]) -> None:
    """SAM makes it of the event, with the token where the event names the skill."""
    properties = {"Handler": "a.b", "Runtime": "python3.12", "Events": {"E": {"Type": "AlexaSkill", **event}}}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"Skill": {"Type": "String", "Default": ""}},
        "Conditions": {"Has": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Skill"}, ""]}]}},
        "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": properties}},
    }
    found = trustproof.check([template], account=OWN, config={}, properties=["no-confused-deputy"]).results
    about = [one for one in found if "Events" in one.path]
    assert [one.verdict for one in about] == expected
    assert all(one.remedy is None or "SkillId" in one.remedy.text for one in about)


def test_the_log_group_of_a_hosted_zone_is_in_its_account() -> None:
    """Route 53 writes query logs of the owner only, so that a policy without a condition is hardening."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "route53.amazonaws.com"},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"arn:aws:logs:us-east-1:{OWN}:log-group:/aws/route53/*",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    properties = {"PolicyName": "queries", "PolicyDocument": document}
    template = {"Resources": {"It": {"Type": "AWS::Logs::ResourcePolicy", "Properties": properties}}}
    (found,) = trustproof.check([template], account=OWN, config={}, properties=["no-confused-deputy"]).results
    assert (found.verdict, found.severity) == ("refuted", "note")


def test_access_logs_of_s3_stay_in_their_account() -> None:
    """S3 writes access logs to buckets of the owner only, so that a policy without a condition is hardening."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::acme-logs/*",
    }
    properties = {"Bucket": "acme-logs", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {"Resources": {"It": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}}
    (found,) = trustproof.check([template], account=OWN, config={}, properties=["no-confused-deputy"]).results
    assert (found.verdict, found.severity) == ("refuted", "note")
