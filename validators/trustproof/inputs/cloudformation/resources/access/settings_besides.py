"""
Settings besides policies that decide who has what: which repositories get a policy, where and as whom a StackSet
deploys, which claims somebody writes, who is sent messages, and the passwords and keys of users.

Nobody reads what these come to; where they are not what they were, it is not known whether access changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.reader import ImpliedAccess

#: Types to what is decided by them, and the properties that decide it, with what each is where it is not written.
#: https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-manage-auto-deployment.html
#: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
#: https://docs.aws.amazon.com/clean-rooms/latest/userguide/create-config-table.html
_DECIDED: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "AWS::CleanRooms::ConfiguredTable": ("what {} shows of its table", {"AllowedColumns": None}),
    "AWS::CloudFormation::StackSet": (
        "where and as whom {} deploys",
        {"AutoDeployment": None, "AdministrationRoleARN": None, "ExecutionRoleName": None},
    ),
    "AWS::Cognito::UserPoolClient": ("which attributes users of {} write", {"WriteAttributes": None}),
    "AWS::ECR::RepositoryCreationTemplate": ("which repositories get the policy of {}", {"Prefix": None}),
    "AWS::KMS::Key": ("whether {} is in use", {"Enabled": True}),
    "AWS::SNS::Subscription": ("to whom {} sends messages", {"Endpoint": None}),
}
_TEMPLATE, _SUBSCRIPTION, _POLICY = "AWS::ECR::RepositoryCreationTemplate", "AWS::SNS::Subscription", "RepositoryPolicy"
_USER, _ACCESS_KEY, _PASSWORD = "AWS::IAM::User", "AWS::IAM::AccessKey", "LoginProfile"


def settings_besides(environment: Environment) -> Iterator[ImpliedAccess]:
    """
    What the resources of a template say in such a way.

    Args:
        environment: of the template.
    """
    for logical_id, resource in environment.resources.items():
        type_, properties = str(resource.get("Type")), environment.properties(logical_id)
        path = environment.path(logical_id)
        if type_ == _USER and _PASSWORD in properties:
            # Another password is that of the same user.
            yield ImpliedAccess(logical_id, path, f"the password of {logical_id} ({_PASSWORD})", "")
        elif type_ == _ACCESS_KEY:
            said = {"Status": "Active", **{k: properties[k] for k in ("UserName", "Status") if k in properties}}
            yield ImpliedAccess(logical_id, path, f"the access key {logical_id}", plain_text(said))
        if type_ not in _DECIDED or (type_ == _TEMPLATE and _POLICY not in properties):
            continue
        what, known = _DECIDED[type_]
        value = plain_text({**known, **{name: properties[name] for name in known if name in properties}})
        if type_ == _SUBSCRIPTION:
            value = _receiver(properties.get("Endpoint"))
        yield ImpliedAccess(logical_id, path, what.format(logical_id), value, is_limit=True)


def _receiver(endpoint: object) -> str:
    """The account of a queue or function, where it is written; else whoever has the address."""
    if not isinstance(endpoint, str):
        return ""
    return endpoint.split(":")[4] if endpoint.startswith("arn:") and endpoint.count(":") > 4 else endpoint


def plain_text(value: object) -> str:
    """A value as text: what is true is that as a word as well."""
    return json.dumps(_plain(value), sort_keys=True, default=str)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return str(value).lower() if isinstance(value, bool) else value
