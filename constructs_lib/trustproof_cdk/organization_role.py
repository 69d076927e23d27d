"""
The same role in every account of an organizational unit.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from inspect import signature
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from trustproof_cdk._arguments import arguments, regions
from trustproof_cdk._constructor import construct
from trustproof_cdk._names import misnamed_arns, order, unique
from trustproof_cdk._organizations import kept_targets, parameter_values, stack_set_accounts
from trustproof_cdk._organizations.deployed_roles import DeployedRole, TemplateValues
from trustproof_cdk._organizations.organization_template import organization_template
from trustproof_cdk._organizations.roots import root_of
from trustproof_cdk._policies import kept_policies as kept
from trustproof_cdk._roles.handed_roles import roles_of
from trustproof_cdk._roles.role import look_at_callers_around
from trustproof_cdk._synthesis import stacks

#: Bytes of a template that CloudFormation takes in a request.
_LONGEST = 51_200
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

    Aspects that a scope around has when the construct is made reach into the template, and so do its tags (`Tags.of`),
    its property injectors for IAM, and its permissions boundary (`PermissionsBoundary.of`, or the one of a stage or the
    app), as the policy of that name in each account. The template is finished then, so what is added later does not;
    the synthesis warns of it, and fails where the role inside itself was changed: a statement, a policy, MFA, a waiver
    that no account would have.

    Args:
        scope: as of every construct; a stack of the management account or of the delegated administrator.
        construct_id: as of every construct.
        organizational_units: ids of units, or of a root for the whole organization.
        include_accounts: only these accounts of the units.
        exclude_accounts: all accounts of the units but these.
        parameters: values of parameters of the template (`CfnParameter` in the stack that `role` is given), for all
            accounts. A trust that is different in each account is a parameter of its trust policy.
        account_parameters: account to the values that are its own. Each account must be in the units, and gets the role
            by an operation of its own. Where an argument of a construct inside is a parameter, the values are held to
            what the argument is.
        role: makes the role in the given stack, and returns it. It needs a ``role_name``, by which other accounts can
            refer to it.
        stack_set_name: default: the role's name.
        description: what the role is for.
        call_as: ``SELF`` in the management account, ``DELEGATED_ADMIN`` in a delegated administrator's.

    Raises:
        ValueError: a role without a name, or with the name of one that another StackSet makes in the same accounts, a
            template that is too long or needs something of another stack, a value of a parameter that a construct
            inside would refuse, or an argument that CloudFormation would refuse.

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
        include_accounts: Iterable[str] | None = None,
        exclude_accounts: Iterable[str] | None = None,
        parameters: Mapping[str, str] | None = None,
        account_parameters: Mapping[str, Mapping[str, str]] | None = None,
        stack_set_name: str | None = None,
        description: str | None = None,
        call_as: str = "SELF",
    ) -> None:
        _refuse_no_maker(role)
        unreached = _Unreached(scope)
        template, properties, messages, acknowledged, trusted, validations, inner, refuse_given = organization_template(
            scope, role
        )
        name = str(properties["RoleName"])
        filtered = _filter(include_accounts, exclude_accounts)
        management = None if arguments.is_looked_up(call_as) else _management_account(scope, call_as)
        call_as = arguments.one_of(call_as, "call_as", _CALLERS)
        # CloudFormation refuses a list of units or accounts that names one twice.
        named_units = arguments.each(organizational_units, "organizational_units", arguments.organizational_unit)
        units = list(dict.fromkeys(named_units))
        root_of(units, "organizational_units", "a StackSet is of one, and each needs an OrganizationRole of its own")
        given = parameter_values.of_parameters(template, parameters, "parameters")
        own = {
            arguments.account(account, "account_parameters"): parameter_values.of_parameters(
                template, values, f"account_parameters[{account!r}]"
            )
            for account, values in (
                {} if account_parameters is None else arguments.mapping(account_parameters, "account_parameters")
            ).items()
        }
        parameter_values.refuse_unset(template, given)
        parameter_values.hold(given, "parameters", refuse_given)
        for account, values in own.items():
            parameter_values.hold({**given, **values}, f"account_parameters[{account!r}]", refuse_given)
        kind, named = filtered or ("", [])
        _refuse_management(management, named if kind == "INTERSECTION" else [], "include_accounts")
        _refuse_management(management, own, "account_parameters")
        stack_set = _stack_set_name(name if stack_set_name is None else stack_set_name)
        stack = stacks.stack_of(scope)
        unique.claim(
            scope, construct_id, (stack.account, stack.region, "StackSet", stack_set), "stack_set_name", stack_set
        )
        reached = stack_set_accounts.StackSetAccounts(units, kind == "INTERSECTION", frozenset(named))
        claimed = (
            stack_set_accounts.claim(scope, construct_id, *one, reached)
            for one in dict.fromkeys(stack_set_accounts.names_in(template))
        )
        taken = "; ".join(filter(None, claimed))
        groups = _groups(stacks.stack_of(scope).region, units, filtered, own)
        super().__init__(
            scope,
            construct_id,
            permission_model="SERVICE_MANAGED",
            stack_set_name=stack_set,
            description=arguments.optional(description, "description", _description),
            call_as=call_as,
            auto_deployment=cdk.CfnStackSet.AutoDeploymentProperty(
                enabled=True, retain_stacks_on_account_removal=False
            ),
            # Else an operation waits for another one of the same StackSet to end, or fails.
            managed_execution={"Active": True},
            capabilities=["CAPABILITY_NAMED_IAM"],
            parameters=[_parameter(name, value) for name, value in given.items()] or None,
            stack_instances_group=groups,
            template_body=_text(template),
        )
        self._template, self._filtered, self._management = template, filtered, management
        self._units = tuple(units)
        made = {"TemplateBody": self.template_body}
        kept.hold_to_properties(self, lambda: made, "which is the role that was given")
        deployed = {"AutoDeployment": {"Enabled": True, "RetainStacksOnAccountRemoval": False}}
        kept.hold_to_properties(self, lambda: deployed, "by which accounts that join get the role, and leavers lose it")
        kept_targets.hold_to_targets(self, groups)
        order.deploy_stack_set_after(self, trusted)
        _repeat(self, messages)
        _warn_of_macros(self, template.get("Transform"))
        if taken:
            cdk.Annotations.of(self).add_warning_v2("trustproof:name-in-stages", taken)
        for rule, reason in acknowledged.items():
            cdk.Validations.of(self).acknowledge(cdk.Acknowledgment(id=rule, reason=reason))
        stacks.aspects_of(self).add(unreached)
        for validation in validations:
            stacks.node_of(self).add_validation(validation)
        called = f"{properties.get('Path', '/')}{name}"
        as_given = TemplateValues(template, given, own, regions.partition_of(stack), self)
        self._deployed = DeployedRole(inner, _condition(template, properties), as_given, self._is_reached)
        misnamed_arns.note_role_elsewhere(self, called, inner, self._deployed.deployed_in)
        self._resource = f"role{called}"
        stacks.note_carried(stacks.stack_of(inner), self)
        # Whom a role of the same account names needs no other policy, and nobody has said so of several accounts.
        of_one = f":iam::{named[0]}:" if kind == "INTERSECTION" and len(named) == 1 else None
        for one, as_deployed in ((inner, self._deployed), *self._beside(inner, as_given)):
            arns = (arn for arn in as_deployed.trusted_arns() if of_one is None or of_one not in arn)
            look_at_callers_around(one, arns)

    def _beside(self, inner: iam.IRole, values: TemplateValues) -> Iterator[tuple[iam.IRole, DeployedRole]]:
        """The other roles of constructs here that the template has."""
        stack = stacks.stack_of(inner)
        for role in roles_of(stack):
            made = stacks.node_of(role).default_child
            logical_id = stack.resolve(made.logical_id) if isinstance(made, iam.CfnRole) else None
            resource = None if role is inner else values.template["Resources"].get(logical_id)
            if resource is not None:
                yield role, DeployedRole(role, resource.get("Condition"), values, self._is_reached)

    @property
    def template(self) -> dict[str, Any]:
        """The template that each account gets; a copy."""
        return copy.deepcopy(self._template)

    @property
    def organizational_units(self) -> tuple[str, ...]:
        """The ids of the units, or of the root, whose accounts have the role."""
        return self._units

    def arn_in(self, account: str) -> str:
        """
        The ARN of the role in one of the accounts, in the partition of this stack.

        Args:
            account: its id.

        Raises:
            ValueError: one that `include_accounts` or `exclude_accounts` leaves out, or in which a condition of the
                template makes none, or the management account.
        """
        arguments.account(account)
        _refuse_management(self._management, [account], "account")
        if not arguments.is_token(account) and not self._is_reached(account):
            kind, _ = self._filtered or ("DIFFERENCE", [])
            by = "exclude_accounts leaves it out" if kind == "DIFFERENCE" else "include_accounts does not have it"
            raise ValueError(f"account must be one that gets the role, got {account!r}: {by}")
        if not arguments.is_token(account) and (condition := self._deployed.condition_against(account)):
            raise ValueError(
                f"account must be one that gets the role, got {account!r}: the condition {condition!r} of the template "
                "does not hold there, by the values that its parameters have"
            )
        return f"arn:{cdk.Aws.PARTITION}:iam::{account}:{self._resource}"

    def _is_reached(self, account: str) -> bool:
        """Whether the accounts by which those of the units are filtered let one have the role."""
        kind, named = self._filtered or ("DIFFERENCE", [])
        return (account in named) == (kind == "INTERSECTION")


def _management_account(scope: Construct, call_as: str) -> str | None:
    """The management account, which is that of a stack that calls as itself; None where only a deployment knows it."""
    own = stacks.stack_of(scope).account
    return None if call_as != "SELF" or arguments.is_token(own) else own


def _refuse_management(management: str | None, accounts: Iterable[str], argument: str) -> None:
    """
    Refuse the account to which no service-managed StackSet deploys.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-manage-auto-deployment.html
    """
    if management is not None and management in accounts:
        raise ValueError(
            f"{argument} cannot have {management!r}, that of the stack, which is the management account with call_as "
            "'SELF': a StackSet deploys nothing to it; make a role for it in a stack, or say 'DELEGATED_ADMIN' where "
            "the account is a delegated administrator's"
        )


@jsii.implements(cdk.IAspect)
class _Unreached:
    """Says which aspects were added when the template was finished; it looks when aspects are applied."""

    def __init__(self, scope: Construct) -> None:
        self._before = {around: len(stacks.aspects_of(around).all) for around in stacks.node_of(scope).scopes}

    def visit(self, node: IConstruct) -> None:
        if not isinstance(node, cdk.CfnStackSet):
            return
        late = [
            around.node.path or "the app"
            for around, count in self._before.items()
            if len(stacks.aspects_of(around).all) > count
        ]
        if late:
            cdk.Annotations.of(node).add_warning_v2(
                "trustproof:aspects-stay-out",
                f"aspects or tags that were added to {' and '.join(late)} after {node.node.path} do not reach the role "
                "in its template: add them before, or to the stack that the function for the role is given",
            )


def _repeat(stack_set: cdk.CfnStackSet, messages: Iterable[tuple[str, str]]) -> None:
    """What aspects said of the stack inside, said of the StackSet."""
    annotations = cdk.Annotations.of(stack_set)
    say = {"error": annotations.add_error, "warning": annotations.add_warning, "info": annotations.add_info}
    for level, text in messages:
        say[level](text)


def _warn_of_macros(stack_set: cdk.CfnStackSet, macros: object) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackSet.html, on Capabilities."""
    if macros:
        names = " and ".join(map(str, macros if isinstance(macros, list) else [macros]))
        cdk.Annotations.of(stack_set).add_warning_v2(
            "trustproof:macros",
            f"the template of the role has the macro {names}, and a StackSet with service-managed permissions takes "
            "none: its operations fail; write the template without it",
        )


def _condition(template: Mapping[str, Any], properties: Mapping[str, Any]) -> str | None:
    """The condition of the template by which the role is made in some accounts only; None where it has none."""
    resources = template["Resources"].values()
    return next((one.get("Condition") for one in resources if one.get("Properties") == properties), None)


def _filter(include: Iterable[str] | None, exclude: Iterable[str] | None) -> tuple[str, list[str]] | None:
    """How the accounts of the units are filtered, and by which."""
    if include is not None and exclude is not None:
        raise ValueError("include_accounts and exclude_accounts cannot be given together")
    if include is not None:
        kind, named = "INTERSECTION", arguments.each(include, "include_accounts", arguments.account)
    elif exclude is not None:
        kind, named = "DIFFERENCE", arguments.each(exclude, "exclude_accounts", arguments.account)
    else:
        return None
    return kind, list(dict.fromkeys(named))


def _refuse_no_maker(role: object) -> None:
    """Refuse what cannot be called with a stack alone, like a class of roles."""
    accepted = "role must be a function that makes a role in the stack it is given"
    if not callable(role):
        raise TypeError(f"{accepted}, got {role!r}")
    # A class of the CDK does not say itself what it is made of.
    called: Any = role
    try:
        signature(called.__init__).bind(None, None) if isinstance(role, type) else signature(called).bind(None)
    except TypeError:
        raise TypeError(f"{accepted}, and is given nothing else, got {arguments.described(role)}") from None
    except ValueError:
        # Of what is not written in Python, nothing may be known.
        return


def _groups(
    region: str,
    units: list[str],
    accounts: tuple[str, list[str]] | None,
    own: Mapping[str, Mapping[str, str]],
) -> list[cdk.CfnStackSet.StackInstancesProperty]:
    """The accounts without values of their own, and each of those with."""
    kind, named = accounts or ("NONE", [])
    if kind == "INTERSECTION":
        for account in () if any(map(arguments.is_looked_up, named)) else own:
            arguments.one_of(account, "account_parameters", named)
        rest = [account for account in named if account not in own]
    else:
        for account in own:
            if account in named:
                raise ValueError(f"account_parameters cannot have {account!r}, which exclude_accounts leaves out")
        rest = [*named, *own]
        kind = "DIFFERENCE" if rest else "NONE"
    groups = [_group(region, units, kind, rest, {})] if rest or kind != "INTERSECTION" else []
    return [*groups, *(_group(region, units, "INTERSECTION", [account], values) for account, values in own.items())]


def _group(
    region: str, units: list[str], kind: str, accounts: list[str], values: Mapping[str, str]
) -> cdk.CfnStackSet.StackInstancesProperty:
    targets = cdk.CfnStackSet.DeploymentTargetsProperty(
        organizational_unit_ids=units,
        account_filter_type=None if kind == "NONE" else kind,
        accounts=None if kind == "NONE" else accounts,
    )
    return cdk.CfnStackSet.StackInstancesProperty(
        # IAM is global: one Region is enough, and two would want to create the same role.
        regions=[region],
        deployment_targets=targets,
        parameter_overrides=[_parameter(name, value) for name, value in values.items()] or None,
    )


def _parameter(name: str, value: str) -> cdk.CfnStackSet.ParameterProperty:
    return cdk.CfnStackSet.ParameterProperty(parameter_key=name, parameter_value=value)


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
