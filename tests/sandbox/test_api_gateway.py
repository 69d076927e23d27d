"""
API Gateway by the verbs and paths that its actions are; and alarms of CloudWatch by their names.
"""

from __future__ import annotations

from tests.sandbox.cast import HOME, Cast, allow, refusal, trust

REGION = "eu-central-1"
ARN = f"arn:aws:apigateway:{REGION}::"


def test_a_verb_on_a_path(cast: Cast) -> None:
    """Whoever may post to an API makes parts of that one, and of no other; who may read it does no more."""
    admin = cast.aws.client("apigateway", account=HOME)
    own, other = (admin.create_rest_api(name=name) for name in ("own", "other"))
    own_path = f"{ARN}/restapis/{own['id']}"
    writes = cast.aws.client("apigateway", cast.user(allow("apigateway:POST", f"{own_path}/resources/*")))
    reads = cast.aws.client("apigateway", cast.user(allow("apigateway:GET", f"{own_path}*")))

    def make(client: object, api: dict[str, str]) -> object:
        given = {"restApiId": api["id"], "parentId": api["rootResourceId"], "pathPart": "p"}
        return client.create_resource(**given)  # type: ignore[attr-defined]

    assert make(writes, own)
    assert refusal(lambda: make(writes, other))[0] == "AccessDeniedException"
    assert refusal(lambda: make(reads, own))[0] == "AccessDeniedException"
    assert len(reads.get_resources(restApiId=own["id"])["items"]) == 2
    assert refusal(lambda: reads.get_resources(restApiId=other["id"]))[0] == "AccessDeniedException"
    assert refusal(lambda: reads.delete_rest_api(restApiId=own["id"]))[0] == "AccessDeniedException"
    assert refusal(reads.get_rest_apis)[0] == "AccessDeniedException"


def test_what_an_api_would_decide_is_undecided(cast: Cast) -> None:
    """Policies of APIs, keys of requests that are not computed, roles that are handed over, texts of APIs."""
    admin = cast.aws.client("apigateway", account=HOME)
    api = admin.create_rest_api(name="a")["id"]
    replace = {"op": "replace", "path": "/policy", "value": "{}"}
    role = cast.role(trust({"Service": "apigateway.amazonaws.com"}))
    logs = {"op": "replace", "path": "/cloudwatchRoleArn", "value": role}
    condition = {"StringEquals": {"apigateway:Request/EndpointType": "PRIVATE"}}
    private = cast.aws.client("apigateway", cast.user(allow("apigateway:POST", "*", Condition=condition)))
    for call in (
        lambda: admin.create_rest_api(name="a", policy="{}"),
        lambda: admin.update_rest_api(restApiId=api, patchOperations=[replace]),
        lambda: admin.put_rest_api(restApiId=api, body=b"{}"),
        lambda: admin.update_account(patchOperations=[logs]),
        lambda: private.create_rest_api(name="a"),
    ):
        assert refusal(call)[0] == "NotImplemented"
    keeps = cast.aws.client("apigateway", cast.user(allow("apigateway:PATCH", "*")))
    assert refusal(lambda: keeps.update_account(patchOperations=[logs]))[0] == "AccessDeniedException"


def test_tags_need_more(cast: Cast) -> None:
    """Whether tagging at the making needs an action of its own is undecided for whoever may not."""
    makes = cast.aws.client("apigateway", cast.user(allow("apigateway:POST", f"{ARN}/restapis")))
    assert makes.create_rest_api(name="a")["id"]
    assert refusal(lambda: makes.create_rest_api(name="a", tags={"k": "v"}))[0] == "NotImplemented"
    assert cast.aws.client("apigateway", account=HOME).create_rest_api(name="a", tags={"k": "v"})["id"]


def test_alarms_of_one_name(cast: Cast) -> None:
    """An alarm is made by whoever may make it; one that acts on instances takes more, which is undecided."""
    arn = f"arn:aws:cloudwatch:{REGION}:{HOME}:alarm:own"
    own = cast.aws.client("cloudwatch", cast.user(allow("cloudwatch:PutMetricAlarm", arn)))
    given = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "MetricName": "m", "Namespace": "n"}
    more = {"Period": 60, "Statistic": "Sum", "Threshold": 1.0, **given}
    own.put_metric_alarm(AlarmName="own", **more)
    assert refusal(lambda: own.put_metric_alarm(AlarmName="other", **more))[0].startswith("AccessDenied")
    stops = [f"arn:aws:automate:{REGION}:ec2:stop"]
    code, _ = refusal(lambda: own.put_metric_alarm(AlarmName="own", AlarmActions=stops, **more))
    assert code == "NotImplemented"
