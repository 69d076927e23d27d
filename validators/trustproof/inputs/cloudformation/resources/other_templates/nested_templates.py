"""
Resources with templates of their own: those that are not part of the template that names them, and those that are; and
what else of a template is not looked into: tags of other tools, and rules that nothing satisfies.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from trustproof.errors import InputError
from trustproof.inputs.cloudformation.evaluation.conditions import solver
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.written_parameters import (
    UNKNOWN,
    parameters_of_groups,
    written_parameters,
)
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.stacks.passed_values import (
    OF_PLACE,
    OF_REGION,
    DeploymentValue,
    bindings,
    left_to_default,
    passed_at_defaults,
    rename_symbols,
)
from trustproof.inputs.cloudformation.parameters.rules import names_of_condition
from trustproof.inputs.cloudformation.resources.other_templates.template_bodies import template_body
from trustproof.inputs.cloudformation.resources.policies import api_definitions
from trustproof.inputs.cloudformation.values.catalogue import (
    APPLICATION,
    CATALOGUE_PRODUCT,
    NESTED_STACK,
    REGION,
    STACK_SET,
    TEMPLATE_BODY,
)
from trustproof.inputs.cloudformation.values.deployment import (
    NO_STACK_SET,
    Deployment,
    StackSetTargets,
)
from trustproof.inputs.cloudformation.values.fault import UndeterminedGuards
from trustproof.inputs.cloudformation.values.intrinsics import foreign_type
from trustproof.inputs.cloudformation.values.passed_defaults import NO_DEFAULTS, AtDefault
from trustproof.inputs.cloudformation.values.presence import NOT_KNOWN, Presence
from trustproof.inputs.grammar.values import NoValue, Unreadable
from trustproof.inputs.reader import ExternalTemplate
from trustproof.inputs.settings import RESOLVED
from trustproof.inputs.text.source import Source
from trustproof.model.policy import Guard, Path
from trustproof.model.stack_sets import ACCOUNT_FILTERS, UNION, TargetGroup, Targets
from trustproof.model.text import Symbol, Symbolic, Text

#: Resource types to what they are called, and the property that names the place of their template.
_TYPES = {
    NESTED_STACK: ("nested stack", "TemplateURL"),
    STACK_SET: ("StackSet", "TemplateURL"),
    APPLICATION: ("application", "Location"),
    CATALOGUE_PRODUCT: ("product", "ProvisioningArtifactParameters"),
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct": ("provisioned product", ""),
}
_ROTATION, _HOSTED = "AWS::SecretsManager::RotationSchedule", "HostedRotationLambda"
#: Those that may carry their template as text: a stack does so in Terraform.
_CARRYING = (STACK_SET, NESTED_STACK)
#: Those of the owner alone, and of the account's own objects.
_CLOSED_LISTS = ("Private", "LogDeliveryWrite", "BucketOwnerRead", "BucketOwnerFullControl")
#: Turns lists off.
_NO_LISTS = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/modules.html
_MODULE = "::MODULE"


class CarriedTemplate(NamedTuple):
    """
    A template that a StackSet carries as text, or a stack that somebody else makes than a template.
    """

    place: Path
    #: What is wrong with it, where it cannot be read.
    content: Mapping[str, object] | str
    #: The values of its parameters; those that it leaves to their default are not among them.
    passed: Mapping[str, Text]
    #: The accounts that it is deployed to, and what each is passed.
    stack_set: StackSetTargets = NO_STACK_SET
    #: Whether it goes where the template around it goes.
    is_here: bool = False
    #: The other Region that it goes to, as far as it is known; None for that of the template around it.
    other_region: object = None
    #: What decides whether it is there, as a clause to follow ``whether``; empty where nothing does.
    open_: str = ""
    #: The defaults of the template around it that what it is passed is made of.
    at_default: AtDefault = NO_DEFAULTS

    def deployment(self, around: Deployment) -> Deployment:
        """
        Where it goes.

        Args:
            around: where the template around it goes.
        """
        # What the Parameter Store has is nothing that the template around it could pass.
        stored = {name: value for name, value in around.parameters.items() if name.endswith(RESOLVED)}
        passed = {name: value for name, value in self.passed.items() if f"{name}{RESOLVED}" not in stored}
        found = (
            around.of_stack(passed, stored, self.at_default)
            if self.is_here
            else around.of_stack_set(stored, passed, self.stack_set, self.at_default)
        )
        if self.other_region is not None:
            found = found.in_other_region(self.other_region)
        if not self.open_:
            return found
        conditions, linked_values = found.presence
        return found.where(Presence((*conditions, {"Condition": f"{NOT_KNOWN}{self.open_}"}), linked_values))


def _access_lists(environment: Environment) -> Iterator[ExternalTemplate]:
    """
    What lets somebody in without a policy: access control lists of buckets. A bucket whose owner alone decides has
    none: S3 refuses to make it with a list that lets others in.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    """
    for logical_id, resource in environment.resources.items():
        if resource.get("Type") == "AWS::S3::Bucket":
            properties = environment.properties(logical_id)
            given = properties.get("AccessControl", "Private")
            if given not in _CLOSED_LISTS and properties.get("OwnershipControls") != _NO_LISTS:
                shown = f" ({given})" if isinstance(given, str) else ""
                yield ExternalTemplate(
                    f"the AccessControl of {logical_id}{shown}", "", "may let others in by itself", resource=logical_id
                )


def carried_templates(resolver: Resolver, name: str, *, is_known: bool) -> Iterator[CarriedTemplate]:
    """
    The templates inside another one.

    Args:
        resolver: of the other one.
        name: of its file.
        is_known: whether nothing may change it.
    """
    environment = resolver.environment
    for logical_id, resource in environment.resources.items():
        type_ = resource.get("Type")
        condition = resource.get("Condition")
        outcome = resolver.decide(condition) if type_ in _CARRYING and isinstance(condition, str) else True
        if type_ not in _CARRYING or outcome is False:
            continue
        place = (*environment.path(logical_id), "Properties", TEMPLATE_BODY)
        body = _body(resolver, logical_id)
        try:
            data = Source(name, body).load() if isinstance(body, str) else None
        except InputError as error:
            kind, _ = _TYPES[str(type_)]
            yield CarriedTemplate(place, f"the template of the {kind} {logical_id}: {error.message}", {})
            continue
        if isinstance(data, Mapping):
            parameters = data.get("Parameters")
            declared = parameters if isinstance(parameters, Mapping) else {}
            given = written_parameters(resource, declared) if is_known else None
            if given is None:
                given = dict.fromkeys(map(str, declared), UNKNOWN)
            there = _where_made(resolver, condition) if outcome is None else resolver
            named = _bound(there, logical_id, given, data)
            stack_set = NO_STACK_SET
            if type_ == STACK_SET:
                stack_set = stack_set_targets(there, logical_id, data, is_known=is_known)
            open_ = "" if outcome is True else f"{logical_id} is there"
            at_default = passed_at_defaults(there, given, named, logical_id, environment.collections_of(logical_id))
            if is_known:
                named |= left_by_stack_set(resource, data) if type_ == STACK_SET else _left_by_stack(resource, data)
            region = resource.get(REGION) if type_ == NESTED_STACK else None
            yield CarriedTemplate(place, data, named, stack_set, type_ == NESTED_STACK, region, open_, at_default)


def _where_made(resolver: Resolver, condition: object) -> Resolver:
    """The template where a condition holds, with the parameters that then have one value in any case."""
    environment, guard = resolver.environment, Guard(str(condition), True)
    scope = Resolver(environment, resolver.values, defaults=False)
    values: dict[str, str] = {}
    try:
        found = solver.satisfy(scope, (guard,)) or {}
        for name in names_of_condition(environment.conditions, str(condition)):
            parameter = environment.parameters.get(name)
            value = None if parameter is None else found.get(name, parameter.judged_default)
            is_open = name not in environment.bindings and name not in resolver.values
            if value is not None and is_open:
                other = solver.satisfy(scope, (guard,), other_than=((name, value),))
                values |= {name: value} if other is None else {}
    except UndeterminedGuards:
        return resolver
    return Resolver(environment, {**resolver.values, **values}) if values else resolver


def left_by_stack_set(resource: Mapping[str, object], content: Mapping[str, object]) -> dict[str, Text]:
    """
    What the parameters are for which a StackSet passes nothing to any of its stacks: their defaults. Nothing where it
    does not say which stacks these are: whoever makes them may pass something.

    Args:
        resource: the StackSet.
        content: the template that it deploys.
    """
    properties = resource.get("Properties")
    groups = properties.get("StackInstancesGroup") if isinstance(properties, Mapping) else None
    given = written_parameters(resource, {})
    return left_to_default(content, given) if groups and given is not None else {}


def _left_by_stack(resource: Mapping[str, object], content: Mapping[str, object]) -> dict[str, Text]:
    """
    What the parameters are for which a stack is passed nothing: their defaults. Nobody but whoever makes the stack
    passes it anything, whatever else they allow.
    """
    given = written_parameters(resource, {})
    return left_to_default(content, given) if given is not None else {}


def _bound(
    resolver: Resolver, logical_id: str, given: Mapping[str, object], content: Mapping[str, object]
) -> dict[str, Text]:
    """What a resource that makes stacks passes to them, by the name of the parameter."""
    environment = resolver.environment
    condition = environment.resources[logical_id].get("Condition")
    under = condition if isinstance(condition, str) and condition in environment.conditions else ""
    deciding = names_of_condition(environment.conditions, under)
    reading = DeploymentValue(resolver, (), "")
    place = f"{logical_id}/Parameters"
    bound = bindings(reading, given, place, content, deciding_presence=deciding, under=under)
    resource = environment.resources[logical_id]
    others = OF_PLACE if resource.get("Type") == STACK_SET else OF_REGION if REGION in resource else ()
    return {key: rename_symbols(text, logical_id, others) for key, text in bound.items()}


def stack_set_targets(
    resolver: Resolver, logical_id: str, content: Mapping[str, object], *, is_known: bool
) -> StackSetTargets:
    """
    Where a StackSet deploys; no groups where its template does not say which there are.

    Args:
        resolver: of the template that has it.
        content: the template that it deploys.
        is_known: whether nothing may change the template that has it.
    """
    properties = resolver.environment.properties(logical_id)
    written = properties.get("StackInstancesGroup")
    said = json.dumps([written, properties.get("Parameters")], sort_keys=True, default=str)
    groups = [_group(one) for one in written] if isinstance(written, list) else [None]
    passed = parameters_of_groups(properties) if is_known else None
    known = [one for one in groups if one is not None]
    if len(known) < len(groups) or passed is None:
        return StackSetTargets(Targets((), said))
    return StackSetTargets(
        Targets(tuple(known), said),
        tuple(left_to_default(content, given) | _bound(resolver, logical_id, given, content) for given in passed),
    )


def _group(written: object) -> TargetGroup | None:
    """Accounts that a StackSet passes the same; None for those that nobody knows."""
    targets = written.get("DeploymentTargets") if isinstance(written, Mapping) else None
    if not isinstance(written, Mapping) or not isinstance(targets, Mapping) or "AccountsUrl" in targets:
        return None
    lists = [targets.get(name, []) for name in ("OrganizationalUnitIds", "Accounts")]
    kind = targets.get("AccountFilterType", UNION)
    if not all(isinstance(one, list) for one in lists) or kind not in ACCOUNT_FILTERS:
        return None
    units, accounts = (tuple(map(_called, one)) for one in lists)
    regions = written.get("Regions")
    return TargetGroup(units, accounts, kind, tuple(map(_called, regions)) if isinstance(regions, list) else ())


def _called(target: object) -> str:
    """A unit, organization or account as it is written; what is known only at deployment by what gives it."""
    if isinstance(target, Mapping) and len(target) == 1:
        (value,) = target.values()
        return ".".join(map(str, value)) if isinstance(value, list) else str(value)
    return str(target)


def _body(resolver: Resolver, logical_id: str) -> object:
    """What a StackSet carries as its template; None where that cannot be read."""
    try:
        return template_body(resolver, resolver.environment.properties(logical_id).get(TEMPLATE_BODY))
    except Unreadable:
        return None


def external_templates(
    resolver: Resolver, data: Mapping[str, object], nested: Collection[str]
) -> Iterator[ExternalTemplate]:
    """
    The resources whose templates are not at hand, and what else is not looked into.

    Args:
        resolver: of the template that has them.
        data: that template.
        nested: the resources whose templates are read besides this one.
    """
    environment = resolver.environment
    # CloudFormation refuses a section of this name: SOPS takes it away when it decrypts the others.
    if isinstance(data.get("sops"), Mapping):
        yield ExternalTemplate("the template", "", "SOPS has encrypted")
    # So it does this one: rain, or the AWS CLI, puts templates in its place when it packages this one.
    if isinstance(modules := data.get("Modules"), Mapping):
        for name in modules:
            yield ExternalTemplate(f"the module {name}", "", "another tool puts in: check what it packages")
    for rules in environment.passed_over:
        yield ExternalTemplate(rules, "", "no values of the parameters satisfy")
    yield from api_definitions.elsewhere(environment)
    yield from _access_lists(environment)
    yield from _hosted_rotations(environment)
    for logical_id, resource in environment.resources.items():
        type_ = resource.get("Type")
        if not isinstance(type_, str):
            if (tag := foreign_type(resource)) is not None:
                yield ExternalTemplate(
                    f"the resource {logical_id}", "", f"another tool makes of {tag}", resource=logical_id
                )
            continue
        if type_.endswith(_MODULE):
            yield ExternalTemplate(f"the module {logical_id}", resource=logical_id)
        if type_ not in _TYPES or logical_id in nested:
            continue
        kind, key = _TYPES[type_]
        if type_ in _CARRYING and environment.properties(logical_id).get(TEMPLATE_BODY) is not None:
            carried = _body(resolver, logical_id)
            if isinstance(carried, str) and ("{" in carried or "\n" in carried):
                continue
            key = key if isinstance(carried, NoValue) else TEMPLATE_BODY
            if not isinstance(carried, (str, NoValue)):
                yield ExternalTemplate(f"the {kind} {logical_id} ({key})", "", _of_what(carried), resource=logical_id)
                continue
        location = environment.properties(logical_id).get(key)
        found = None if isinstance(location, str) else _find(resolver, location)
        shown = f" ({key}{_published(resolver, found)})" if location is not None else ""
        where = location if isinstance(location, str) else ""
        yield ExternalTemplate(f"the {kind} {logical_id}{shown}", where, resource=logical_id)


def _find(resolver: Resolver, location: object) -> object:
    """Look for the place of a template that is not at hand: where a budget hides it, the template cannot be read."""
    with suppress(Unreadable):
        return resolver.resolve(location)
    return None


def _published(resolver: Resolver, location: object) -> str:
    """
    Which application it is of the AWS Serverless Application Repository, and whose, so that somebody can look into it;
    empty where that is not known.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-application.html
    """
    if not isinstance(location, Mapping):
        return ""
    arn, version = (_find(resolver, location.get(name)) for name in ("ApplicationId", "SemanticVersion"))
    parts = arn.split(":", 5) if isinstance(arn, str) else []
    if len(parts) != 6 or not parts[5].startswith("applications/"):
        return ""
    numbered = f" {version}" if isinstance(version, str) else ""
    return f": {parts[5].removeprefix('applications/')}{numbered} of {parts[4]}"


def _hosted_rotations(environment: Environment) -> Iterator[ExternalTemplate]:
    """
    Functions that rotate secrets, which a macro of AWS makes in a nested stack, each with a role of its own and a
    permission to call it.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-secretsmanager.html
    """
    for logical_id, resource in environment.resources.items():
        if resource.get("Type") == _ROTATION and _HOSTED in environment.properties(logical_id):
            yield ExternalTemplate(
                f"the function of {logical_id} ({_HOSTED})",
                "",
                "AWS makes in the deployment, with a role and a permission",
                resource=logical_id,
            )


def _of_what(body: object) -> str:
    """What a template is that stands in another one and cannot be read, to follow ``which``."""
    if not isinstance(body, Symbolic):
        return "has a template that cannot be read"
    names = dict.fromkeys(part.name for part in body.parts if isinstance(part, Symbol))
    return f"has a template of values that are not known: {', '.join(names)}"
