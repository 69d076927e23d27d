"""
References from the app to what the template of a StackSet makes: each account has it, and the app's own stacks do not.

A grant of a bucket or key of the app, and a policy that names the role as its principal, would name a role of that name
in the account of the bucket. The CDK writes it without a word where the stacks are in two environments.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct, IValidation

from trustproof_cdk._names import own_policies as policies
from trustproof_cdk._synthesis import raw_resources, stacks

_OF_EACH = (
    "{path} refers to what is in the template of an OrganizationRole, which each of its accounts has, and would mean "
    "what has that name in its own account: "
)
_BY_ARN = _OF_EACH + (
    "name the role by arn_in(account), or that of every account by iam.OrganizationPrincipal with a condition on "
    "aws:PrincipalArn"
)
_BY_NAME = _OF_EACH + "make it in the stack that the function for the role is given"
#: What is said of a file that the template needs.
NO_FILES = (
    "role cannot have files beside it (assets, as functions of the CDK and nested stacks have them): the template goes "
    "to accounts by itself"
)
#: Who looks for what is attached, in each app: a large one has many such templates and very many policies.
_ATTACHED: WeakKeyDictionary[IConstruct, _NothingAttached] = WeakKeyDictionary()


def inner_stack(app: cdk.App, construct_id: str, outside: Construct) -> tuple[cdk.Stack, list[IValidation]]:
    """
    A stack that becomes the template of a StackSet.

    Args:
        app: that synthesizes it alone.
        construct_id: as of every construct.
        outside: the scope that the StackSet has in the app that deploys it.

    Returns:
        The stack, and what fails a synthesis of the app where that refers to what is made in the stack.
    """
    account = _Account()
    stack = cdk.Stack(
        app,
        construct_id,
        synthesizer=_WithoutFiles(),
        env=cdk.Environment(account=cdk.Lazy.uncached_string(account)),
    )
    account.inside = stack
    root = stacks.node_of(outside).root
    if (attached := _ATTACHED.get(root)) is not None:
        attached.inside.append(stack)
        return stack, [_NoArn(account)]
    attached = _ATTACHED[root] = _NothingAttached(root, stack)
    return stack, [_NoArn(account), attached]


class _WithoutFiles(cdk.BootstraplessSynthesizer):
    """Refuses files in our words, also those that come when the constructor of the role is done."""

    def add_file_asset(self, *asset: Any, **more: Any) -> cdk.FileAssetLocation:
        raise ValueError(NO_FILES)

    def add_docker_image_asset(self, *asset: Any, **more: Any) -> cdk.DockerImageAssetLocation:
        raise ValueError(NO_FILES)


@jsii.implements(cdk.IStringProducer)
class _Account:
    """The account of the stack inside, which every ARN has that the CDK writes of it for another stack."""

    inside: cdk.Stack

    def __init__(self) -> None:
        self.users: dict[str, None] = {}

    def produce(self, context: cdk.IResolveContext) -> str:
        if stacks.stack_of(context.scope) is not self.inside:
            self.users[context.scope.node.path] = None
        return cdk.Aws.ACCOUNT_ID


@jsii.implements(IValidation)
class _NoArn:
    """Says who has written an ARN of the stack inside; the CDK asks when all references are resolved."""

    def __init__(self, account: _Account) -> None:
        self._account = account

    def validate(self) -> list[str]:
        return [_BY_ARN.format(path=path) for path in self._account.users]


@jsii.implements(IValidation)
class _NothingAttached:
    """Says what is attached to a role of a stack inside, which goes by the name alone, without an account."""

    def __init__(self, root: IConstruct, inside: cdk.Stack) -> None:
        self._root, self.inside = root, [inside]

    def validate(self) -> list[str]:
        return [_BY_NAME.format(path=holder.node.path) for holder in self._holders()]

    def _holders(self) -> Iterator[IConstruct]:
        for holder in raw_resources.all_in(self._root):
            if isinstance(holder, (iam.CfnPolicy, iam.CfnManagedPolicy, iam.CfnInstanceProfile)):
                targets = policies.references(holder.roles, holder)
                if any(cdk.Stack.of(target) in self.inside for target in targets):
                    yield holder
