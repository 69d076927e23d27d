"""
Who can get into which role of synthesized templates: asked of the validator's evaluator, caller by caller.

Nothing of the app is used here. Templates are read as text is: the few intrinsic functions in them have one meaning.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from aws_cdk import cx_api

from tests.cdk.policies import policy
from trustproof.model.policy import Policy
from trustproof.model.request import SAML, WEB_IDENTITY, Caller, ContextValue, Request
from trustproof.spec.access import may
from trustproof.spec.callers import principal_keys

#: An account of the units that organization roles are in, which no accounts file names.
UNNAMED = "666677778888"
#: The reusable workflow that everything.toml names, and the mark of who comes from another one.
WORKFLOW = "acme/ci/.github/workflows/deploy.yml@refs/heads/main"
OTHER_WORKFLOW = ", another workflow"
#: A caller who is not one of ours may do everything that its own account can allow.
EVERYTHING = policy(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
)


class Deployed(NamedTuple):
    """
    What stands in the templates.
    """

    #: ARN of each role to its trust policy.
    trust: dict[str, Policy]
    #: ARN of each role to its own policies.
    roles: dict[str, list[Policy]]
    #: Group to the policies of its members.
    groups: dict[str, list[Policy]]
    #: User to the groups that the templates make the user a member of.
    users: dict[str, list[str]]
    #: Permission set to what its people may do in the hub, for those that the templates make.
    permission_sets: dict[str, list[Policy]]


class Attempt(NamedTuple):
    """
    Somebody who wants to be what any role is.
    """

    who: str
    caller: Caller
    action: str = "sts:AssumeRole"
    context: Mapping[str, ContextValue] = {}
    #: None for a caller of whose policies nothing is known here, who then may do everything.
    policies: list[Policy] | None = None


def deployed(assembly: cx_api.CloudAssembly) -> Deployed:
    """Read the templates of all stacks, and those inside StackSets as they are in an account of their own."""
    found = Deployed({}, {}, {}, {}, {})
    for stack in assembly.stacks:
        _read(stack.template, stack.environment.account, found)
        for resource in stack.template.get("Resources", {}).values():
            if resource["Type"] == "AWS::CloudFormation::StackSet":
                _read(json.loads(resource["Properties"]["TemplateBody"]), UNNAMED, found)
    return found


def _read(template: Mapping[str, Any], account: str, found: Deployed) -> None:
    resources = template.get("Resources", {})
    names = {logical_id: _name(logical_id, resource) for logical_id, resource in resources.items()}
    arns = {logical_id: _arn(resource, account) for logical_id, resource in resources.items()}

    def resolved(value: Any) -> Any:
        if isinstance(value, list):
            return [resolved(entry) for entry in value]
        if not isinstance(value, dict):
            return value
        if value.keys() == {"Ref"}:
            name = value["Ref"]
            if name in ("AWS::Partition", "AWS::AccountId"):
                return {"AWS::Partition": "aws", "AWS::AccountId": account}[name]
            # References to providers are their ARNs, to everything else they are names.
            return arns[name] if resources[name]["Type"].endswith("Provider") else names[name]
        if value.keys() == {"Fn::Join"}:
            separator, parts = value["Fn::Join"]
            return separator.join(resolved(part) for part in parts)
        assert not any(key.startswith("Fn::") for key in value), value
        return {key: resolved(entry) for key, entry in value.items()}

    for logical_id, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::Role":
            found.trust[arns[logical_id]] = policy(resolved(properties["AssumeRolePolicyDocument"]))
            found.roles.setdefault(arns[logical_id], [])
        elif resource["Type"] == "AWS::IAM::Group":
            found.groups.setdefault(names[logical_id], [])
        elif resource["Type"] == "AWS::IAM::ManagedPolicy":
            document = policy(resolved(properties["PolicyDocument"]))
            for group in resolved(properties.get("Groups", [])):
                found.groups.setdefault(group, []).append(document)
            for role in resolved(properties.get("Roles", [])):
                found.roles.setdefault(f"arn:aws:iam::{account}:role/{role}", []).append(document)
        elif resource["Type"] == "AWS::IAM::UserToGroupAddition":
            for user in properties["Users"]:
                found.users.setdefault(user, []).append(resolved(properties["GroupName"]))
        elif resource["Type"] == "AWS::SSO::PermissionSet":
            found.permission_sets[properties["Name"]] = [policy(resolved(properties["InlinePolicy"]))]
        else:
            assert resource["Type"] in OTHERS, resource


STACK_SET = "AWS::CloudFormation::StackSet"
OTHERS = ("AWS::IAM::OIDCProvider", "AWS::IAM::SAMLProvider", "AWS::SSO::Assignment", STACK_SET)
_NAMES = {"AWS::IAM::Role": "RoleName", "AWS::IAM::Group": "GroupName", "AWS::IAM::SAMLProvider": "Name"}


def _name(logical_id: str, resource: Mapping[str, Any]) -> str:
    return str(resource.get("Properties", {}).get(_NAMES.get(resource["Type"], ""), logical_id))


def _arn(resource: Mapping[str, Any], account: str) -> str:
    properties = resource.get("Properties", {})
    what = {
        "AWS::IAM::Role": f"role/{properties.get('RoleName')}",
        "AWS::IAM::OIDCProvider": f"oidc-provider/{str(properties.get('Url')).removeprefix('https://')}",
        "AWS::IAM::SAMLProvider": f"saml-provider/{properties.get('Name')}",
    }
    return f"arn:aws:iam::{account}:{what.get(resource['Type'])}"


def entered(found: Deployed, attempts: list[Attempt], organization: str) -> dict[str, set[str]]:
    """ARN of each role to those who get in."""
    return {
        arn: {attempt.who for attempt in attempts if _enters(attempt, arn, trust, organization)}
        for arn, trust in found.trust.items()
    }


def _enters(attempt: Attempt, arn: str, trust: Policy, organization: str) -> bool:
    account = arn.split(":")[4]
    context = {
        **principal_keys(attempt.caller),
        "aws:resourceaccount": account,
        "aws:resourceorgid": organization,
        **{key.lower(): value for key, value in attempt.context.items()},
    }
    identity = [EVERYTHING] if attempt.policies is None else attempt.policies
    same = attempt.caller.account == account
    return may(identity, None, trust, Request(attempt.caller, attempt.action, arn, context), same_account=same)


def tokens(found: Deployed, accounts: list[str], subjects: Mapping[str, str]) -> Iterator[Attempt]:
    """Workflows of GitHub that come to the provider of any account, by name."""
    issuer = "token.actions.githubusercontent.com"
    for who, subject in subjects.items():
        called = "other/ci/x.yml@refs/heads/main" if OTHER_WORKFLOW in who else WORKFLOW
        for account in accounts:
            yield Attempt(
                who,
                Caller(WEB_IDENTITY, f"arn:aws:iam::{account}:oidc-provider/{issuer}"),
                "sts:AssumeRoleWithWebIdentity",
                {
                    f"{issuer}:sub": subject,
                    f"{issuer}:aud": "sts.amazonaws.com",
                    f"{issuer}:job_workflow_ref": called,
                },
            )


def assertions(accounts: list[str], provider: str, who: str, audience: str) -> Iterator[Attempt]:
    """People whom a SAML provider of any account sends."""
    for account in accounts:
        caller = Caller(SAML, f"arn:aws:iam::{account}:saml-provider/{provider}")
        yield Attempt(who, caller, "sts:AssumeRoleWithSAML", {"SAML:aud": audience})
