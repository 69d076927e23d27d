"""
What lets somebody in without a policy of its own: URLs of functions, access control lists, definitions of APIs, stacks.

What is decided by something that nobody knows here is named, and not judged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from trustproof.errors import InputError
from trustproof.inputs.cloudformation.resources.unread.roles_of_accounts import administrator_made
from trustproof.inputs.cloudformation.values.catalogue import (
    NESTED_STACK,
    STACK_SET,
    STACKS_BESIDE,
    STANDS_ON_ARN,
    TEMPLATE_BODY,
)
from trustproof.inputs.terraform.lowering.expressions import ABSENT, document, lower_value, reference
from trustproof.inputs.terraform.lowering.lowering import Lowering, Root
from trustproof.inputs.terraform.resources import resources
from trustproof.inputs.terraform.resources.deployed_apis import as_deployed
from trustproof.inputs.terraform.values.conditions import AllOf, Condition, Equal, Not
from trustproof.inputs.terraform.values.instances import Instance, Note
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import (
    Attribute,
    Choice,
    Fields,
    Items,
    JsonText,
    Known,
    Unknown,
    Value,
    is_sensitive,
)
from trustproof.inputs.terraform.values.yaml_texts import YamlText
from trustproof.inputs.text.source import Source

_DEFINED_POLICY = "x-amazon-apigateway-policy"
#: Lists of the owner alone, and of the account's own objects:
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
_CLOSED_LISTS = (None, "", "private", "log-delivery-write", "bucket-owner-read", "bucket-owner-full-control")
#: Blocks that grant something by themselves, by the resource type.
_LISTED_BLOCKS = {
    "aws_s3_bucket": "grant",
    "aws_s3_bucket_acl": "access_control_policy",
    # Who may read the logs that S3 writes.
    "aws_s3_bucket_logging": "target_grant",
    "aws_s3_object_copy": "grant",
}
_ACCOUNTS = ("aws_organizations_account", "awscc_organizations_account")
#: What makes resources of AWS's that stand nowhere in the configuration.
_MADE_ELSEWHERE = (
    "aws_cloudcontrolapi_resource",
    "aws_serverlessapplicationrepository_cloudformation_stack",
    "aws_servicecatalog_product",
    "aws_servicecatalog_provisioned_product",
    "aws_servicecatalog_provisioning_artifact",
)
#: What takes a template of CloudFormation as a text.
_PACKS = ("aws_config_conformance_pack", "aws_config_organization_conformance_pack")
#: What makes stacks of a StackSet.
_STACKS = ("aws_cloudformation_stack_set_instance", "aws_cloudformation_stack_instances")
_MAY = "may let others in by itself"


class _NotAtHand(Exception):
    """What is not known of a value, in words."""


def function_url(made: Lowering, instance: Instance) -> None:
    """
    ``aws_lambda_function_url``: where it asks for no signature, the provider adds a permission for everybody.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html#urls-auth-none
    """
    value = made.value(instance, "authorization_type")
    if value is None:
        return
    for leaf, conditions in _leaves(value, ()):
        if isinstance(leaf, Variable):
            conditions = (*conditions, Equal(leaf.name, "NONE"))
        elif isinstance(leaf, Unknown):
            _named(made, instance, f"the authorization_type of {instance.address}", f"{_MAY}, and is not known")
            continue
        elif not isinstance(leaf, Known) or leaf.value != "NONE":
            if leaf is value and isinstance(leaf, Known):
                # It gives nobody anything, and says what the permissions of the function are worth.
                url = made.properties(instance, {"TargetFunctionArn": "function_name"})
                made.add(instance, "AWS::Lambda::Url", {**url, "AuthType": leaf.value}, instance.address)
            continue
        properties: dict[str, object] = {
            "Action": "lambda:InvokeFunctionUrl",
            "Principal": "*",
            "FunctionUrlAuthType": "NONE",
        }
        properties |= made.properties(instance, {"FunctionName": "function_name"})
        made.roots[instance.address, ()] = Root(instance.address, ("authorization_type",), leaf)
        if leaf is value and isinstance(leaf, Known):
            properties["AuthType"] = leaf.value
            made.roots[instance.address, ("AuthType",)] = made.roots[instance.address, ()]
        # There is one argument, so that one of the outcomes at most needs the permission.
        made.add(_where(instance, conditions), "AWS::Lambda::Permission", properties, instance.address)


def _where(instance: Instance, conditions: tuple[Condition, ...]) -> Instance:
    """An instance that is there only where some conditions hold, too."""
    own = () if instance.condition is None else (instance.condition,)
    together = (*own, *conditions)
    condition = AllOf(together) if len(together) > 1 else next(iter(together), None)
    return Instance(instance.address, instance.type, instance.provider, instance.values, condition=condition)


def _leaves(value: Value, conditions: tuple[Condition, ...]) -> Iterator[tuple[Value, tuple[Condition, ...]]]:
    if isinstance(value, Choice):
        yield from _leaves(value.then, (*conditions, value.condition))
        yield from _leaves(value.otherwise, (*conditions, Not(value.condition)))
    else:
        yield value, conditions


def _named(made: Lowering, instance: Instance, what: str, reason: str) -> None:
    """Name what nobody has looked into."""
    made.notes.append(Note(what, reason, instance.place, is_left_out=True))


def access_list(made: Lowering, instance: Instance) -> None:
    """``aws_s3_bucket_acl``, ``aws_s3_object`` and others: a list that lets others in is named."""
    value = made.value(instance, "acl")
    for leaf, _ in _leaves(value, ()) if value is not None else ():
        if not isinstance(leaf, Known) or leaf.value not in _CLOSED_LISTS:
            shown = f" ({leaf.value})" if isinstance(leaf, Known) and not is_sensitive(leaf) else ""
            _named(made, instance, f"the acl of {instance.address}{shown}", _MAY)
            return
    block = _LISTED_BLOCKS.get(instance.type, "")
    listed = made.value(instance, block) if block else None
    if isinstance(listed, Unknown) or (isinstance(listed, Items) and listed.items):
        _named(made, instance, f"the {block} of {instance.address}", _MAY)


def bucket(made: Lowering, instance: Instance) -> None:
    """``aws_s3_bucket``"""
    resources.bucket(made, instance)
    access_list(made, instance)


def made_elsewhere(made: Lowering, instance: Instance) -> None:
    """
    What makes resources that Terraform does not know: by a template of somebody else's, or by Cloud Control.

    https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/what-is-cloudcontrolapi.html
    """
    _named(made, instance, instance.address, "may make roles and policies, and what it makes is not read")


def account(made: Lowering, instance: Instance) -> None:
    """``aws_organizations_account``: AWS makes a role with it."""
    name = made.value(instance, "role_name")
    given = name.value if isinstance(name, Known) and not is_sensitive(name) else None if name is None else ...
    _named(made, instance, instance.address, administrator_made(given))


def pack(made: Lowering, instance: Instance) -> None:
    """
    ``aws_config_conformance_pack``: its template is judged where it is a text at hand, like that of a stack.

    https://docs.aws.amazon.com/config/latest/developerguide/custom-conformance-pack.html
    """
    if made.value(instance, "template_body") is not None:
        stack(made, instance)
    else:
        made_elsewhere(made, instance)


# -- definitions of APIs


def api(made: Lowering, instance: Instance) -> None:
    """
    ``aws_api_gateway_rest_api``, whose definition may hold a policy.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/openapi-extensions-policy.html
    """
    resources.resource_policies(made, instance)
    properties = made.resources[instance.address]["Properties"]
    if isinstance(properties, dict):
        properties |= _called_by(made, instance)
        define(made, instance, properties)


def api_policy(made: Lowering, instance: Instance) -> None:
    """``aws_api_gateway_rest_api_policy``, with what is known of the API that it stands on."""
    resources.resource_policies(made, instance)
    resource = made.resources.get(instance.address)
    value = made.value(instance, "rest_api_id")
    one = made.by_address.get(value.address) if isinstance(value, Attribute) else None
    if resource is None or one is None or one.type != "aws_api_gateway_rest_api":
        return
    resource[STANDS_ON_ARN] = made.attribute(Attribute(one.address, "execution_arn"))
    properties = resource["Properties"]
    if isinstance(properties, dict) and not one.is_data:
        properties |= _called_by(made, one)
        properties["RestApiId"] = {"Ref": one.address}


def method(made: Lowering, instance: Instance) -> None:
    """``aws_api_gateway_method``, which says who may call it."""
    names = {"RestApiId": "rest_api_id", "AuthorizationType": "authorization", "AuthorizerId": "authorizer_id"}
    made.add(instance, "AWS::ApiGateway::Method", made.properties(instance, names))


def route(made: Lowering, instance: Instance) -> None:
    """``aws_apigatewayv2_route``, likewise."""
    names = {"ApiId": "api_id", "AuthorizationType": "authorization_type", "AuthorizerId": "authorizer_id"}
    names["AuthorizationScopes"] = "authorization_scopes"
    made.add(instance, "AWS::ApiGatewayV2::Route", made.properties(instance, names))


def authorizer(made: Lowering, instance: Instance) -> None:
    """``aws_api_gateway_authorizer`` and that of the second version, which say whose tokens are taken."""
    names = {"ProviderARNs": "provider_arns", "AuthorizerUri": "authorizer_uri", "IdentitySource": "identity_source"}
    names["JwtConfiguration"] = "jwt_configuration"
    names |= {"Type": "type", "IdentityValidationExpression": "identity_validation_expression"}
    version = "V2" if instance.type.startswith("aws_apigatewayv2") else ""
    made.add(instance, f"AWS::ApiGateway{version}::Authorizer", made.properties(instance, names))


def _called_by(made: Lowering, instance: Instance) -> dict[str, object]:
    """
    The types of the endpoints of an API, and the endpoints of VPCs that it is for, as far as a block writes them out;
    and whether a definition makes its methods.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/api_gateway_rest_api
    """
    found: dict[str, object] = {}
    if made.value(instance, "body") not in (None, Known(None)):
        # Which methods a definition makes is not looked at, as of an API that is made like another one.
        found["CloneFrom"] = instance.address
    for _, block in made.blocks(instance, "endpoint_configuration"):
        named = (("Types", "types"), ("VpcEndpointIds", "vpc_endpoint_ids"))
        listed = {property_: block[name] for property_, name in named if isinstance(block.get(name), Items)}
        found["EndpointConfiguration"] = {name: lower_value(value, made) for name, value in listed.items()}
        break
    return found


def define(made: Lowering, instance: Instance, properties: dict[str, object]) -> None:
    """Put the policy that the definition of an API holds into the properties of the API."""
    value = _as_json(made.value(instance, "body"))
    if value is None:
        return
    try:
        found = _definition(made, value)
    except _NotAtHand as reason:
        _named(made, instance, f"the body of {instance.address}", f"may hold a policy, and {reason}")
        return
    if found is not ABSENT:
        properties["Body"] = as_deployed(made, instance, "body", found, _DEFINED_POLICY)
        made.roots[instance.address, ("Body",)] = Root(instance.address, ("body",), value)


def _definition(made: Lowering, value: Value) -> object:
    """The policy of a definition, below its name; `ABSENT` where it has none."""
    if isinstance(value, Choice):
        sides = [_definition(made, side) for side in (value.then, value.otherwise)]
        if all(side is ABSENT for side in sides):
            return ABSENT
        none: dict[str, object] = {}
        return {"Fn::If": [made.condition(value.condition), *(none if side is ABSENT else side for side in sides)]}
    content = value.of if isinstance(value, JsonText) else value
    if isinstance(content, Fields):
        if any(not isinstance(entry.key, Known) for entry in content.entries):
            raise _NotAtHand("not all of its keys are known")
        policy = content.by_key.get(_DEFINED_POLICY)
        return ABSENT if policy is None else {_DEFINED_POLICY: lower_value(policy, made)}
    if isinstance(value, Known):
        return _of_text(str(value.value)) if value.value is not None else ABSENT
    raise _NotAtHand("is not known" if isinstance(value, Unknown) else "is known only in parts")


def _of_text(text: str) -> object:
    if _DEFINED_POLICY not in text:
        return ABSENT
    try:
        found = Source("the definition", text).load()
    except InputError as error:
        raise _NotAtHand(f"cannot be read: {error.message}") from None
    policy = found.get(_DEFINED_POLICY) if isinstance(found, Mapping) else None
    return ABSENT if policy is None else {_DEFINED_POLICY: document(json.dumps(policy, default=str))}


# -- stacks


def stack(made: Lowering, instance: Instance) -> None:
    """
    ``aws_cloudformation_stack``, ``aws_cloudformation_stack_set``: a template that is known is judged where it stands.
    """
    type_ = STACK_SET if instance.type.endswith("_set") else NESTED_STACK
    value = _as_json(made.value(instance, "template_body"))
    properties = made.properties(instance, {"TemplateURL": "template_url"})
    if value is not None:
        properties[TEMPLATE_BODY] = _template(made, value)
        made.roots[instance.address, (TEMPLATE_BODY,)] = Root(instance.address, ("template_body",), value)
    given = made.value(instance, "parameters")
    if given is not None:
        passed = lower_value(given, made)
        properties["Parameters"] = _listed(passed) if type_ == STACK_SET else passed
    if type_ == STACK_SET and (beside := [*_overrides(made, instance)]):
        properties[STACKS_BESIDE] = beside
    made.add(instance, type_, properties)


def _listed(passed: object) -> object:
    """What a StackSet passes, as CloudFormation writes it, in each of the outcomes that there may be."""
    if not isinstance(passed, dict):
        return passed
    if (argument := passed.get("Fn::If")) is not None and len(passed) == 1:
        return {"Fn::If": [argument[0], *map(_listed, argument[1:])]}
    if any(key == "Ref" or key.startswith("Fn::") for key in passed):
        return passed
    return [{"ParameterKey": key, "ParameterValue": one} for key, one in passed.items()]


def _overrides(made: Lowering, stack_set: Instance) -> Iterator[object]:
    """What resources that make stacks of a StackSet, wherever they are deployed from, pass in place of what it does."""
    for one in made.by_address.values():
        if one.type not in _STACKS or (given := made.value(one, "parameter_overrides")) is None:
            continue
        named = made.value(one, "stack_set_name")
        if isinstance(named, Attribute):
            its = made.by_address.get(named.address)
            is_of_it = None if its is None or its.type != stack_set.type else its.address == stack_set.address
        else:
            ours = made.known(stack_set, "name")
            is_of_it = named.value == ours if isinstance(named, Known) and ours is not None else None
        if is_of_it is None:
            # It may be of any.
            yield {"Ref": f"{one.address}.stack_set_name"}
        elif is_of_it:
            yield {"ParameterOverrides": made.where(one, _listed(lower_value(given, made)))}


def _as_json(value: Value | None) -> Value | None:
    """A text that AWS reads as YAML or JSON, as the latter: what is written as YAML says the same."""
    if isinstance(value, YamlText):
        return JsonText(value.value, value.place, value.sensitive)
    if isinstance(value, Choice):
        then, otherwise = (_as_json(side) or side for side in (value.then, value.otherwise))
        return Choice(value.condition, then, otherwise, value.place, value.sensitive)
    return value


def _template(made: Lowering, value: Value) -> object:
    """The text of a template: what looks like a function in it is one, of CloudFormation's."""
    if isinstance(value, Known):
        return value.value
    if isinstance(value, JsonText) and value.is_known:
        return json.dumps(_plain(value.of))
    return reference(value.shown) if isinstance(value, Unknown) else lower_value(value, made)


def _plain(value: Value) -> object:
    """A value that is known, as JSON has it."""
    if isinstance(value, Fields):
        return {str(_plain(entry.key)): _plain(entry.value) for entry in value.entries}
    if isinstance(value, Items):
        return [_plain(item) for item in value.items]
    if isinstance(value, JsonText):
        return json.dumps(_plain(value.of))
    return value.value if isinstance(value, Known) else None


LOWER: dict[str, Callable[[Lowering, Instance], None]] = {
    "aws_lambda_function_url": function_url,
    "aws_s3_bucket": bucket,
    "aws_s3_bucket_acl": access_list,
    "aws_s3_object": access_list,
    "aws_s3_bucket_logging": access_list,
    "aws_s3_object_copy": access_list,
    "aws_s3_bucket_object": access_list,
    "aws_api_gateway_rest_api": api,
    "aws_api_gateway_rest_api_policy": api_policy,
    "aws_api_gateway_authorizer": authorizer,
    "aws_api_gateway_method": method,
    "aws_apigatewayv2_authorizer": authorizer,
    "aws_apigatewayv2_route": route,
    "aws_cloudformation_stack": stack,
    "aws_cloudformation_stack_set": stack,
    **dict.fromkeys(_MADE_ELSEWHERE, made_elsewhere),
    **dict.fromkeys(_PACKS, pack),
    **dict.fromkeys(_ACCOUNTS, account),
}
