"""
The table of how deployed policies are read, held to what botocore knows of AWS; and each of its rows, read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import botocore.loaders
import pytest
from botocore.exceptions import ClientError
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import validate_parameters

from trustproof.aws.resource_policies import CONSULTED_FOR
from trustproof.inputs.cloudformation.resources.access.grants import TYPES as GRANTS
from trustproof.inputs.cloudformation.values.catalogue import RESOURCE_POLICIES
from trustproof.live.account import LiveAccount, StackFacts
from trustproof.live.check import AccountCheck
from trustproof.live.references import in_answer
from trustproof.live.resource_policies import NOT_READ, ROWS, Row
from trustproof.sandbox.cloudformation.template import read_template

HOME, OTHER, REGION = "111122223333", "222233334444", "eu-central-1"
#: What AWS's models do not have: S3 and SageMaker name no errors, MediaTailor none of its own.
UNNAMED = ("mediatailor", "s3", "s3control", "sagemaker")


@cache
def service(name: str) -> ServiceModel:
    loader = botocore.loaders.Loader()
    return ServiceModel(loader.load_service_model(name, "service-2"), name)


def operation(row: Row) -> OperationModel:
    return service(row.service).operation_model(row.operation)


def test_every_type_with_a_policy_is_read_or_named() -> None:
    """A type that holds policies and is in neither table would silently be the same."""
    held = {name for name in (*RESOURCE_POLICIES, *GRANTS) if name.startswith("AWS::")}
    assert held <= {*ROWS, *NOT_READ}
    assert not {*ROWS} & {*NOT_READ}


@pytest.mark.parametrize("type_name", sorted(ROWS))
def test_a_row_is_an_operation_of_aws(type_name: str) -> None:
    """Service, operation, parameters, errors and the place of the answer are there, and the page is named."""
    row = ROWS[type_name]
    model = operation(row)
    given = [parameter.partition("=")[0] for parameter in row.parameters]
    members = {} if model.input_shape is None else model.input_shape.members
    for name in given:
        kind = members[name.removesuffix("[]")].type_name
        assert kind == ("list" if name.endswith("[]") else "long" if name == "VersionNumber" else "string")
    required = [] if model.input_shape is None else model.input_shape.required_members
    assert set(required) <= {name.removesuffix("[]") for name in given}
    known = {error.name for error in model.error_shapes}
    for code in row.absent:
        assert code.partition("/")[0] in known or row.service in UNNAMED
    assert model.output_shape is not None
    place: Shape = model.output_shape
    if row.items:
        place = place.members[row.items].member
        assert not row.where or row.where.partition("=")[0] in place.members
    if not row.grant:
        for step in row.text.replace("[0]", ".0").split("."):
            place = place.member if step == "0" else place.value if place.type_name == "map" else place.members[step]
        assert place.type_name == "string"
    assert row.page.startswith("https://docs.aws.amazon.com/")


class Refusing(LiveAccount):
    """An account that has one stack, and answers one operation."""

    def __init__(self, row: Row, facts: StackFacts, answer: Any) -> None:
        self._row, self._facts, self._answer = row, facts, answer
        self.identities: dict[Any, Any] = {}
        self.managed_policies: dict[str, str] = {}
        self.called: list[dict[str, Any]] = []

    @property
    def id(self) -> str:
        return HOME

    def stack(self, name: str, region: str) -> StackFacts | None:
        return self._facts

    def client(self, service_name: str, region: str | None = None) -> Any:
        return Client(self, service_name)

    def answered(self, service_name: str, name: str, parameters: dict[str, Any]) -> Any:
        model = next(one for one in service(service_name).operation_names if snake(one) == name)
        shape = service(service_name).operation_model(model).input_shape
        if shape is not None:
            validate_parameters(parameters, shape)
        else:
            assert not parameters
        if (service_name, model) != (self._row.service, self._row.operation):
            # An attribute that follows from nothing else.
            arn = f"arn:aws:{service_name}:{REGION}:{HOME}:thing/it"
            asked: dict[str, Any] = {
                "GetSequenceStore": {"s3Access": {"s3AccessPointArn": arn}},
                "DescribeClusters": {"Clusters": [{"ClusterNamespaceArn": arn}]},
                "GetNamespace": {"namespace": {"namespaceArn": arn}},
            }
            return asked.get(model, {})
        self.called.append(parameters)
        if isinstance(self._answer, str):
            code, _, word = self._answer.partition("/")
            raise ClientError({"Error": {"Code": code, "Message": f"{word} it"}}, model)
        return self._answer


class Client:
    """A client of one service."""

    def __init__(self, account: Refusing, name: str) -> None:
        self._account, self._name = account, name

    def __getattr__(self, operation_name: str) -> Any:
        return lambda **parameters: self._account.answered(self._name, operation_name, parameters)


def snake(name: str) -> str:
    return str(botocore.xform_name(name))


APPLICATION = f"arn:aws:qbusiness:{REGION}:{HOME}:application/"
PRINCIPAL = {"AWS": f"arn:aws:iam::{OTHER}:root"}


def statement(type_name: str, **more: Any) -> dict[str, Any]:
    prefix = CONSULTED_FOR.get(type_name, ROWS[type_name].service).split()[0]
    return {"Effect": "Allow", "Principal": PRINCIPAL, "Action": f"{prefix}:*", "Resource": "*", **more}


def document(type_name: str, **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement(type_name, **more)]}


def named(row: Row) -> dict[str, Any]:
    """The properties that a row fills in, each with a value."""
    wanted = re.findall(r"{(\w+)}", " ".join((*row.parameters, row.where, row.about, row.own)))
    given: dict[str, Any] = {}
    for name in wanted:
        if name[0].isupper():
            given[name] = f"some-{name.lower()}-of-the-test".ljust(36, "0")[:36]
        if name.lower().endswith("arn") and name[0].isupper():
            given[name] = f"arn:aws:{row.service}:{REGION}:{HOME}:the/{name.lower()}"
    return given


def properties(type_name: str, policy: dict[str, Any]) -> dict[str, Any]:
    """A resource of a type with a policy, as its template has it."""
    row = ROWS[type_name]
    given = named(row)
    if row.each:
        given[row.each] = [f"arn:aws:{row.service}:{REGION}:{HOME}:it"]
    if "LayerVersionArn" in given:
        given["LayerVersionArn"] = f"arn:aws:lambda:{REGION}:{HOME}:layer:it:3"
    if type_name in ("AWS::Lambda::Permission",):
        given["FunctionName"] = "it"
    if type_name == "AWS::Kinesis::ResourcePolicy":
        given["ResourceArn"] = f"arn:aws:kinesis:{REGION}:{HOME}:stream/it"
    if type_name == "AWS::DynamoDB::GlobalTable":
        return {"Replicas": [{"Region": REGION, "ResourcePolicy": {"PolicyDocument": policy}}]}
    if type_name in GRANTS:
        (one,) = policy["Statement"]
        action = one["Action"]
        actions = "Actions" if type_name in ("AWS::ACMPCA::Permission", "AWS::QBusiness::Permission") else "Action"
        if type_name == "AWS::Events::EventBusPolicy":
            return {**given, "EventBusName": "it", "Statement": one}
        return {**given, "Principal": one["Principal"]["AWS"], actions: [action] if actions == "Actions" else action}
    for place in RESOURCE_POLICIES.get(type_name, (("PolicyDocument",),))[:1]:
        inner = given
        for step in place[:-1]:
            inner = inner.setdefault(step, {})
        inner[place[-1]] = policy
    return given


def answer(type_name: str, policy: dict[str, Any], filled: Mapping[str, Any]) -> dict[str, Any]:
    """What AWS answers where a policy is deployed."""
    row = ROWS[type_name]
    if row.grant:
        (one,) = policy["Statement"]
        members = {"principal": one["Principal"]["AWS"], "action": one["Action"]}
        if type_name == "AWS::ACMPCA::Permission":
            members = {"Principal": one["Principal"]["AWS"], "Actions": [one["Action"]]}
        return {row.items: [members]}
    value: Any = json.dumps(policy)
    for step in reversed(row.text.replace("[0]", ".0").split(".")):
        value = [value] if step == "0" else {step: value}
    if row.items:
        member, _, wanted = row.where.partition("=")
        shown = re.sub(r"{(\w+)}", lambda found: str(filled[found[1]]), wanted)
        return {row.items: [{**value, **({member: shown} if member else {})}]}
    return dict(value)


ID = "resource-of-the-test"
IDS = {
    "AWS::OSIS::Pipeline": f"arn:aws:osis:{REGION}:{HOME}:pipeline/of-the-test",
    "AWS::ApiGateway::DomainNameV2": f"arn:aws:apigateway:{REGION}:{HOME}:/domainnames/api.example.com+it",
    "AWS::Lambda::Alias": f"arn:aws:lambda:{REGION}:{HOME}:function:it:live",
    "AWS::Lambda::Version": f"arn:aws:lambda:{REGION}:{HOME}:function:it:1",
    "AWS::PaymentCryptography::Key": f"arn:aws:payment-cryptography:{REGION}:{HOME}:key/of-the-test",
    "AWS::SNS::Topic": f"arn:aws:sns:{REGION}:{HOME}:it",
    "AWS::SQS::Queue": f"https://sqs.{REGION}.amazonaws.com/{HOME}/it",
}
#: Types whose resources have a policy by another resource, so that these are compared with nothing.
BARE = {
    *("AWS::Kinesis::Stream", "AWS::Lambda::Alias", "AWS::Lambda::Function", "AWS::Lambda::Version"),
    *("AWS::S3::Bucket", "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::SecretsManager::Secret"),
}


def verdicts(type_name: str, template: dict[str, Any], answered: Any) -> tuple[list[str], Refusing]:
    """What comes of comparing one resource with an answer."""
    row = ROWS[type_name]
    whole = json.dumps({"Resources": {"It": {"Type": type_name, "Properties": template}}})
    stack = f"arn:aws:cloudformation:{REGION}:{HOME}:stack/held/id"
    facts = StackFacts(stack, "CREATE_COMPLETE", {}, {"It": IDS.get(type_name, ID)})
    account = Refusing(row, facts, answered)
    check = AccountCheck(account)
    check.read("held", REGION, read_template(whole), Path())
    found = check.compare(others=False)
    return [one.comparison.verdict for one in found if one.subject.endswith(": policy")], account


@pytest.mark.parametrize("type_name", sorted({*ROWS} - BARE))
def test_a_row_finds_what_changed(type_name: str) -> None:
    """The same where the same is deployed; else what differs, and what cannot be read is unknown."""
    row = ROWS[type_name]
    told = document(type_name)
    template = properties(type_name, told)
    filled = {**template, "id0": ID, "arn": f"arn:aws:logs:{REGION}:{HOME}:log-group:{ID}"}
    for statements, expected in (
        (told, "same"),
        (document(type_name, Principal={"AWS": f"arn:aws:iam::{HOME}:root"}), "differs"),
    ):
        deployed = statements
        if row.own and type_name not in ("AWS::Events::EventBusPolicy",):
            own = {
                "AWS::Lambda::Permission": f"arn:aws:lambda:{REGION}:{HOME}:function:it",
                "AWS::Lambda::LayerVersionPermission": template.get("LayerVersionArn"),
                "AWS::QBusiness::Permission": APPLICATION + template.get("ApplicationId", ""),
            }[type_name]
            deployed = {**statements, "Statement": [{**statements["Statement"][0], "Resource": own}]}
        found, account = verdicts(type_name, template, answer(type_name, deployed, filled))
        assert found == [expected]
        assert account.called
    for nothing in (*row.absent, {}):
        assert verdicts(type_name, template, nothing)[0] == ["differs"]
    for code in ("AccessDeniedException", "ThrottlingException", "ExpiredToken"):
        assert verdicts(type_name, template, code)[0] == ["unknown"]


@pytest.mark.parametrize("type_name", sorted(BARE))
def test_a_policy_that_no_template_makes(type_name: str) -> None:
    """It is found on what a template makes; and where there is none, or AWS's own, that is the same."""
    row = ROWS[type_name]
    found, _ = verdicts(type_name, {}, answer(type_name, document(type_name), {}))
    assert found == ["differs"]
    for nothing in (*row.absent, {}):
        assert verdicts(type_name, {}, nothing)[0] == ["same"]
    for code in ("AccessDeniedException", "ThrottlingException"):
        assert verdicts(type_name, {}, code)[0] == ["unknown"]


@pytest.mark.parametrize("receive", [[], ["SNS:Receive"]])
def test_the_policy_that_a_topic_is_made_with(receive: list[str]) -> None:
    """AWS gives one to every topic; older topics have another one."""
    actions = (
        "GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic Subscribe "
        "ListSubscriptionsByTopic Publish"
    )
    policy = {
        "Version": "2008-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [f"SNS:{name}" for name in actions.split()] + receive,
                "Resource": IDS["AWS::SNS::Topic"],
                "Condition": {"StringEquals": {"AWS:SourceOwner": HOME}},
            }
        ],
    }
    assert verdicts("AWS::SNS::Topic", {}, {"Attributes": {"Policy": json.dumps(policy)}})[0] == ["same"]
    policy["Statement"][0]["Condition"] = {}  # type: ignore[index]
    assert verdicts("AWS::SNS::Topic", {}, {"Attributes": {"Policy": json.dumps(policy)}})[0] == ["differs"]


def test_all_pages_are_read() -> None:
    """A policy on the second page of a list is found there."""
    told = document("AWS::Logs::ResourcePolicy")
    pages = [
        {"resourcePolicies": [], "nextToken": "more"},
        answer("AWS::Logs::ResourcePolicy", told, {"PolicyName": "some-policyname-of-the-test000000000"}),
    ]

    class Paged(Refusing):
        def answered(self, service_name: str, name: str, parameters: dict[str, Any]) -> Any:
            assert (len(pages) == 1) is (parameters == {"nextToken": "more"})
            return pages.pop(0)

    resource = {"Type": "AWS::Logs::ResourcePolicy", "Properties": properties("AWS::Logs::ResourcePolicy", told)}
    template = read_template(json.dumps({"Resources": {"It": resource}}))
    facts = StackFacts(f"arn:aws:cloudformation:{REGION}:{HOME}:stack/held/id", "CREATE_COMPLETE", {}, {"It": "it"})
    check = AccountCheck(Paged(ROWS["AWS::Logs::ResourcePolicy"], facts, {}))
    check.read("held", REGION, template, Path())
    assert [one.comparison.verdict for one in check.compare(others=False)] == ["same"]


def test_places_of_answers() -> None:
    """A place that is not there is nothing."""
    assert in_answer({"A": [{"B": "text"}]}, "A[0].B") == "text"
    assert in_answer({"A": []}, "A[0].B") is None
    assert in_answer({}, "A.B") is None
    assert in_answer({"A": "text"}, "A.B") is None


def test_each_replica_of_a_table_is_asked_for() -> None:
    """The policy of a table is that of one Region, by its ARN there."""
    type_name = "AWS::DynamoDB::GlobalTable"
    told = document(type_name)
    template = {"Replicas": [{"Region": REGION, "ResourcePolicy": {"PolicyDocument": told}}, {"Region": "us-east-1"}]}
    found, account = verdicts(type_name, template, answer(type_name, told, {}))
    assert found == ["same", "differs"]
    arns = [f"arn:aws:dynamodb:{region}:{HOME}:table/{ID}" for region in (REGION, "us-east-1")]
    assert [one["ResourceArn"] for one in account.called] == arns
