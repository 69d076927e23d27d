"""
Policies that nothing in the sandbox would hold to are not taken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from moto.backend_index import backend_url_patterns

from tests.sandbox.cast import HOME, Cast, allow, policy, refusal, root
from trustproof.sandbox.authorization.actions import reference
from trustproof.sandbox.resource_policies.unenforced_policies import is_set_by

TABLE: dict[str, Any] = {
    "TableName": "t",
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
DENY = policy({"Effect": "Deny", "Principal": root(HOME), "Action": "dynamodb:*", "Resource": "*"})
TABLES = f"arn:aws:dynamodb:eu-central-1:{HOME}:table"
CALLS: list[tuple[str, Callable[[Any], Any]]] = [
    ("dynamodb", lambda client: client.create_table(ResourcePolicy=DENY, **TABLE)),
    (
        "dynamodb",
        lambda client: client.put_resource_policy(
            ResourceArn=f"arn:aws:dynamodb:eu-central-1:{HOME}:table/t", Policy=DENY
        ),
    ),
    ("es", lambda client: client.create_elasticsearch_domain(DomainName="ddd", AccessPolicies=DENY)),
    ("ecr", lambda client: client.put_registry_policy(policyText=DENY)),
    ("logs", lambda client: client.put_destination_policy(destinationName="d", accessPolicy=DENY)),
    ("dsql", lambda client: client.create_cluster(policy=DENY)),
]


@pytest.mark.parametrize(("service", "call"), CALLS)
def test_a_policy_of_a_service_whose_policies_do_not_count(
    cast: Cast, service: str, call: Callable[[Any], Any]
) -> None:
    """Neither alone nor with what it is for: what it denies would be allowed."""
    code, message = refusal(lambda: call(cast.aws.client(service, cast.user(allow("*")))))
    assert (code, "is not enforced here" in message) == ("NotImplemented", True)


def test_without_a_policy(cast: Cast) -> None:
    """What has none is made."""
    assert cast.aws.client("dynamodb", account=HOME).create_table(**TABLE)


#: Parameters of the name that are no policies of resources, and those of the services whose policies count.
OTHERS = """
    ec2:CreateVerifiedAccessEndpoint ec2:CreateVerifiedAccessGroup ec2:CreateVpcEndpoint
    ec2:ModifyVerifiedAccessEndpointPolicy ec2:ModifyVerifiedAccessGroupPolicy ec2:ModifyVpcEndpoint
    eks:CreatePodIdentityAssociation eks:UpdatePodIdentityAssociation
    iot:CreatePolicy iot:CreatePolicyVersion
    logs:PutAccountPolicy logs:PutDataProtectionPolicy logs:PutIndexPolicy
    networkmanager:CreateCoreNetwork networkmanager:PutCoreNetworkPolicy
    resiliencehub:CreateResiliencyPolicy resiliencehub:UpdateResiliencyPolicy
    ssm:PutParameter
    transfer:CreateAccess transfer:CreateUser transfer:UpdateAccess transfer:UpdateUser

    ecr:SetRepositoryPolicy events:PutPermission kms:CreateKey kms:PutKeyPolicy
    logs:PutResourcePolicy secretsmanager:PutResourcePolicy
""".split()
_NAME = re.compile(
    r"(resource|access|registry|repository|model|bucket|vault|key|auth|\w*destination|filesystem)?"
    r"polic(y|ies)(document|text|injson)?",
    re.IGNORECASE,
)
_CHANGES_NOTHING = ("BatchGet", "Check", "Delete", "Describe", "Get", "List", "Simulate", "Test", "Validate")
BY_HAND = ("cloudformation", "iam", "organizations", "s3", "s3control", "sts")


def test_every_operation_with_a_policy_is_known() -> None:
    """A parameter that has a policy is enforced, refused, or none of a resource: nothing is taken and forgotten."""
    session = botocore.session.get_session()
    found = set()
    for name in {one for one, _ in backend_url_patterns} & {*session.get_available_services()} - {*BY_HAND}:
        model, prefix = session.get_service_model(name), reference._PREFIXES.get(name, name)
        for operation in model.operation_names:
            shape = model.operation_model(operation).input_shape
            if shape is None or operation.startswith(_CHANGES_NOTHING):
                continue
            with_policy = {
                member: "{}"
                for member, one in shape.members.items()
                if _NAME.fullmatch(member) and one.type_name in ("string", "map") and not getattr(one, "enum", None)
            }
            known = operation.lower() in reference._service(prefix)
            if with_policy and known and not is_set_by(prefix, operation, with_policy):
                found.add(f"{prefix}:{operation}")
    assert sorted(found) == sorted(OTHERS)


def test_a_table_of_a_template(cast: Cast) -> None:
    """A template with such a policy fails."""
    properties = {name: value for name, value in TABLE.items() if name != "TableName"}
    properties["ResourcePolicy"] = {"PolicyDocument": json.loads(DENY)}
    template = {"Resources": {"T": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}}
    cloudformation = cast.aws.client("cloudformation", account=HOME)
    cloudformation.create_stack(StackName="unheard", TemplateBody=json.dumps(template))
    assert cloudformation.describe_stacks(StackName="unheard")["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE"
