"""
The same role in every account of an organizational unit.
"""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Callable, Iterable
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk import _arguments as arguments
from trustproof_cdk._constructor import construct

#: Bytes of a template that CloudFormation takes in a request.
_LONGEST = 51_200
_ROLE = "AWS::IAM::Role"
_CALLERS = ("SELF", "DELEGATED_ADMIN")


@construct
class OrganizationRole(cdk.CfnStackSet):
    """
    A StackSet that deploys a role to every account of organizational units, future accounts too.

    The permissions are service-managed: AWS Organizations lets CloudFormation into the accounts. An account that joins
    a unit gets the role, one that leaves loses it. The management account gets none, even if it is in the unit.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-enable-trusted-access.html

    The role is made by the constructs that make every other role, in a stack of its own, and the template of that stack
    is what the StackSet carries, as JSON text. It must make sense in any account: it may use ``Aws.ACCOUNT_ID`` and the
    like, and no resource of another stack, and it cannot have files (assets).

    Args:
        scope: as of every construct; a stack of the management account or of the delegated administrator.
        construct_id: as of every construct.
        organizational_units: ids of units, or of a root for the whole organization.
        role: makes the role in the given stack, and returns it. It needs a ``role_name``, by which other accounts can
            refer to it.
        stack_set_name: default: the role's name.
        description: what the role is for.
        call_as: ``SELF`` in the management account, ``DELEGATED_ADMIN`` in a delegated administrator's.

    Raises:
        ValueError: a role without a name, a template that is too long or needs something of another stack, or an
            argument that CloudFormation would refuse.

    Attributes:
        template: what is deployed to each account.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        organizational_units: Iterable[str],
        role: Callable[[cdk.Stack], iam.IRole],
        stack_set_name: str | None = None,
        description: str | None = None,
        call_as: str = "SELF",
    ) -> None:
        if not callable(role):
            raise TypeError(f"role must be a function that makes a role in the stack it is given, got {role!r}")
        template, properties = _synthesized(scope, role)
        name = str(properties["RoleName"])
        super().__init__(
            scope,
            construct_id,
            permission_model="SERVICE_MANAGED",
            stack_set_name=_stack_set_name(name if stack_set_name is None else stack_set_name),
            description=arguments.optional(description, "description", _description),
            call_as=arguments.one_of(call_as, "call_as", _CALLERS),
            auto_deployment=cdk.CfnStackSet.AutoDeploymentProperty(
                enabled=True, retain_stacks_on_account_removal=False
            ),
            # Else an operation waits for another one of the same StackSet to end, or fails.
            managed_execution={"Active": True},
            capabilities=["CAPABILITY_NAMED_IAM"],
            stack_instances_group=[
                cdk.CfnStackSet.StackInstancesProperty(
                    # IAM is global: one Region is enough, and two would want to create the same role.
                    regions=[cdk.Stack.of(scope).region],
                    deployment_targets=cdk.CfnStackSet.DeploymentTargetsProperty(
                        organizational_unit_ids=arguments.each(
                            organizational_units, "organizational_units", arguments.organizational_unit
                        )
                    ),
                )
            ],
            template_body=_text(template),
        )
        self._template = template
        self._resource = f"role{properties.get('Path', '/')}{name}"

    @property
    def template(self) -> dict[str, Any]:
        """The template that each account gets; a copy."""
        return copy.deepcopy(self._template)

    def arn_in(self, account: str) -> str:
        """
        The ARN of the role in one of the accounts, in the partition of this stack.

        Args:
            account: its id.
        """
        return f"arn:{cdk.Aws.PARTITION}:iam::{arguments.account(account)}:{self._resource}"


def _synthesized(scope: Construct, make: Callable[[cdk.Stack], iam.IRole]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The template that carries the role, and the role's properties in it."""
    # The feature flags are those of the app around; what its command line adds would change the template.
    flags = {key: value for key, value in _context(scope).items() if key.startswith("@aws-cdk/")}
    off = {"aws:cdk:enable-path-metadata": False, "aws:cdk:enable-asset-metadata": False}
    with tempfile.TemporaryDirectory() as folder:
        app = cdk.App(
            outdir=folder,
            auto_synth=False,
            analytics_reporting=False,
            tree_metadata=False,
            builtin_cloud_formation_validation=False,
            context=flags,
            post_cli_context=off,
        )
        stack = cdk.Stack(app, "Organization", synthesizer=cdk.BootstraplessSynthesizer())
        made = make(stack)
        resource = made.node.default_child if isinstance(made, Construct) else None
        if not isinstance(resource, iam.CfnRole) or cdk.Stack.of(resource) is not stack:
            raise ValueError(f"role must make a role in the stack it is given, and return it, got {made!r}")
        logical_id = str(stack.resolve(resource.logical_id))
        template: dict[str, Any] = app.synth().get_stack_artifact(stack.artifact_id).template
    properties = template["Resources"][logical_id]["Properties"]
    if not isinstance(properties.get("RoleName"), str) or not isinstance(properties.get("Path", "/"), str):
        raise ValueError(
            "role must have a role_name (and path) known at synthesis, by which other accounts can refer to it, "
            f"got {properties.get('RoleName')!r}"
        )
    return template, properties


def _context(scope: Construct) -> dict[str, Any]:
    found = scope.node.get_all_context()
    return dict(found) if isinstance(found, dict) else {}


def _text(template: dict[str, Any]) -> str:
    text = json.dumps(template, separators=(",", ":"))
    size = len(text.encode())
    if size > _LONGEST:
        raise ValueError(f"role must have a template of at most {_LONGEST} bytes, got {size}")
    return text


def _stack_set_name(value: str) -> str:
    # Names of roles may have characters that names of StackSets may not.
    accepted = "1 to 128 letters, digits or hyphens, beginning with a letter"
    return arguments.matching(value, "stack_set_name", r"[a-zA-Z][a-zA-Z0-9-]{0,127}", accepted)


def _description(value: str, argument: str) -> str:
    return arguments.matching(value, argument, r"[\s\S]{1,1024}", "1 to 1024 characters")
