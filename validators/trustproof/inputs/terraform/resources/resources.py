"""
Resource policies and grants of Terraform, what they stand on, and what stands around them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from trustproof.inputs.cloudformation.resources.access.identity_providers import IS_OF_CLUSTER, ISSUER_OF_CLUSTER
from trustproof.inputs.cloudformation.values.catalogue import (
    ACCESS_POINT,
    BUCKET_POLICY,
    CALLED,
    MRAP_POLICY,
    PUT_ON,
    STANDS_ON_ARN,
    STANDS_ON_NAMED,
)
from trustproof.inputs.terraform.accounts import issuers
from trustproof.inputs.terraform.configuration.evaluation.expansion import cases
from trustproof.inputs.terraform.configuration.evaluation.functions.registry import is_null
from trustproof.inputs.terraform.configuration.evaluation.known_lengths import least_length
from trustproof.inputs.terraform.configuration.values.convert import NULL
from trustproof.inputs.terraform.lowering.expressions import ABSENT, lower_value, unread
from trustproof.inputs.terraform.lowering.lowering import Lowering, Root
from trustproof.inputs.terraform.lowering.policy_resources import called, put_on, stands_on, what_names
from trustproof.inputs.terraform.lowering.tags import tags_in_requests
from trustproof.inputs.terraform.resources import multi_region_access_points, public_access, refused_policies
from trustproof.inputs.terraform.resources.computed_values import is_old_policy
from trustproof.inputs.terraform.resources.deployed_apis import as_deployed
from trustproof.inputs.terraform.resources.grant_constraints import context_demanded
from trustproof.inputs.terraform.resources.undecided_policies import undecided_policy
from trustproof.inputs.terraform.types.table import NAMES, POLICY_OF, RESOURCE, SHAPES, Argument, policies, table
from trustproof.inputs.terraform.values.conditions import Undecided
from trustproof.inputs.terraform.values.instances import Instance, Note
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import Attribute, Items, Known, Rest, Text, Unknown, Value
from trustproof.model.policy import Path

_NOTHING = {"Ref": "AWS::NoValue"}
_BUCKET, _DIRECTORY_BUCKET = "aws_s3_bucket", "aws_s3_directory_bucket"
#: What decides whose tokens and assertions an identity provider takes.
_OF_PROVIDERS = {
    "aws_iam_openid_connect_provider": {"ClientIdList": "client_id_list", "ThumbprintList": "thumbprint_list"},
    "aws_iam_saml_provider": {"SamlMetadataDocument": "saml_metadata_document"},
    "aws_eks_cluster": {ISSUER_OF_CLUSTER: issuers.OF_CLUSTER},
}
#: Blocks that decide, beside a policy, who gets in.
_AROUND = {
    "aws_s3_access_point": ("vpc_configuration", "public_access_block_configuration"),
    "aws_elasticsearch_domain": ("vpc_options",),
    "aws_opensearch_domain": ("vpc_options",),
}
#: What says whether a domain has access control of its own.
_ACCESS_CONTROL = {
    "Enabled": "enabled",
    "InternalUserDatabaseEnabled": "internal_user_database_enabled",
    "AnonymousAuthEnabled": "anonymous_auth_enabled",
}


def resource_policies(made: Lowering, instance: Instance) -> None:
    """The policies that stand on a resource, or are resources of their own."""
    for argument in policies(instance.type):
        if argument.kind == RESOURCE:
            _resource_policy(made, instance, argument)
    if instance.type in SHAPES and instance.address not in made.resources:
        _declare(made, instance)


def _declare(made: Lowering, instance: Instance) -> None:
    """A resource that others may refer to."""
    shape = SHAPES[instance.type]
    properties = made.properties(instance, {**shape.properties, **_OF_PROVIDERS.get(instance.type, {})})
    if instance.type == _BUCKET and "BucketName" not in properties:
        properties["BucketName"] = made.name(instance, "bucket", "bucket_prefix")
    properties |= tags_in_requests(made, instance)
    if instance.type == "aws_secretsmanager_secret":
        properties |= _replicas(made, instance)
    if issuers.is_of_cluster(instance, made.by_address.values()):
        properties[IS_OF_CLUSTER] = True
    made.add(instance, shape.type, properties)


def _replicas(made: Lowering, instance: Instance) -> dict[str, object]:
    """The Regions that a secret is replicated to; one that is not known where nobody knows how many these are."""
    if name := _open_block(made, instance, "replica"):
        return {"ReplicaRegions": [{"Ref": f"{instance.address}.{name}"}]}
    found = [
        {"Region": _or_unknown(made, block.get("region"), f"{instance.address}.{at}")}
        for at, block in made.blocks(instance, "replica")
    ]
    return {"ReplicaRegions": found} if found else {}


def _resource_policy(made: Lowering, instance: Instance, argument: Argument) -> None:
    block, _, inner = argument.name.partition(".")
    value = made.value(instance, block)
    place: Path = (block,)
    details: Mapping[str, Value] = {}
    if inner:
        found = next(iter(made.blocks(instance, block)), None)
        if found is not None:
            place, value, details = (block, found[0], inner), found[1].get(inner), found[1]
    document = made.policy(instance, place, value)
    if document is ABSENT or _is_shown_elsewhere(made, instance, argument, document):
        return
    if argument.type == BUCKET_POLICY and _is_of_directory_bucket(made, instance, document):
        argument = argument._replace(type="AWS::S3Express::BucketPolicy", about="s3express:bucket/=bucket")
    if argument.type == MRAP_POLICY:
        reason = multi_region_access_points.may_be_private(made, instance, details, document)
    else:
        reason = public_access.may_be_private(made, instance, argument.type, document)
    if reason:
        document = undecided_policy(reason, document)
    # What is around the policy of an access point or domain stands at that.
    surrounded = public_access.access_point(made, instance) if argument.type == ACCESS_POINT else None
    surrounded = surrounded or _domain(made, instance) or instance
    if name := _open_block(made, surrounded, *_AROUND.get(surrounded.type, ())):
        document = undecided_policy(f"it is not known whether it has a {name}, which decides who gets in", document)
    if refused_policies.is_for_everybody(document) and (reason := _open_network(made, surrounded)):
        document = undecided_policy(reason, document)
    document = as_deployed(made, instance, block, document)
    shape = SHAPES.get(instance.type)
    steps = argument.property.split("/")
    properties: dict[str, object] = {}
    logical_id = instance.address
    if shape is not None and shape.type == argument.type:
        properties = made.properties(instance, shape.properties)
    elif shape is not None:
        # The resource itself is of another type.
        _declare(made, instance)
        logical_id = f"{instance.address}.{argument.name}"
    properties |= tags_in_requests(made, instance) if logical_id == instance.address else {}
    at = properties
    for step in steps[:-1]:
        inner_properties: dict[str, object] = {}
        at[step] = inner_properties
        at = inner_properties
    at[steps[-1]] = document
    made.roots[logical_id, tuple(steps)] = Root(instance.address, place, value)
    properties |= _around(made, surrounded)
    if argument.type == MRAP_POLICY:
        properties |= multi_region_access_points.surround(made, instance, details, document)
    resource = made.add(instance, argument.type, properties, logical_id)
    _stand(made, instance, argument.about, resource, properties)


def _is_of_directory_bucket(made: Lowering, instance: Instance, document: object) -> bool:
    """
    Whether a policy is that of a directory bucket, by the bucket's name or type; where nobody knows these, by what the
    policy speaks of.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-bucket-naming-rules.html
    """
    value = made.value(instance, "bucket")
    if instance.type == _BUCKET or value is None:
        return False
    value = made.told(value)
    one = made.by_address.get(value.address) if isinstance(value, Attribute) else None
    if one is not None and one.type in (_BUCKET, _DIRECTORY_BUCKET):
        return one.type == _DIRECTORY_BUCKET
    last = value.pieces[-1] if isinstance(value, Text) else value
    if isinstance(last, Known):
        return str(last.value).endswith("--x-s3")
    return "s3express:" in str(document).lower()


def _is_shown_elsewhere(made: Lowering, instance: Instance, argument: Argument, document: object) -> bool:
    """Whether a policy that the configuration does not set is that of another resource, which is judged."""
    if not argument.is_computed:
        return False
    other, named = POLICY_OF.get(instance.type, ("", ""))
    is_set = isinstance(instance.values, KnownValues) and instance.values.sets(argument.name)
    if not is_set and is_old_policy(made, instance, other, named):
        return True
    for one in _of_the_same(made, instance, other, named):
        given = next((a.name for a in policies(one.type)), "policy")
        if made.policy(one, (given,), made.value(one, given)) == document:
            return True
    if isinstance(instance.values, KnownValues) and instance.values.is_computed(argument.name):
        made.notes.append(Note(instance.address, f"the {argument.name} is judged, and not set by the configuration"))
    return False


def _of_the_same(made: Lowering, instance: Instance, type_: str, argument: str) -> Iterator[Instance]:
    """The policies of a type that are there in any case, and are known to be about a resource."""
    if not type_:
        return
    named = (one for name in NAMES for one in made.having(type_, argument, made.known(instance, name)))
    # What is not known may be about another one: only a reference says which.
    values = ((one, made.value(one, argument)) for one in made.having_unknown(type_, argument))
    referring = (one for one, value in values if isinstance(value, Attribute) and value.address == instance.address)
    for one in (*named, *referring):
        if one.condition is None:
            yield one


def _domain(made: Lowering, instance: Instance) -> Instance | None:
    """The domain that a policy of its own is about; None for another one, or where that is not known."""
    type_ = instance.type.removesuffix("_policy")
    value = made.value(instance, "domain_name")
    if type_ == instance.type or type_ not in _AROUND or value is None:
        return None
    if isinstance(value, Attribute):
        referred = made.by_address.get(value.address)
        named = [referred] if referred is not None and referred.type == type_ else []
    else:
        named = [*made.having(type_, "domain_name", value.value)] if isinstance(value, Known) else []
    # A domain of another Region is another one.
    here = [one for one in named if made.region_of(one) == made.region_of(instance)]
    return here[0] if len(here) == 1 else None


def _around(made: Lowering, instance: Instance) -> dict[str, object]:
    """What decides, beside a policy, who gets in: networks, and settings against public policies."""
    if instance.type == "aws_s3_access_point":
        found: dict[str, object] = {}
        for _, block in made.blocks(instance, "vpc_configuration"):
            found["VpcConfiguration"] = {"VpcId": _or_unknown(made, block.get("vpc_id"), f"{instance.address}.vpc_id")}
        for _, block in made.blocks(instance, "public_access_block_configuration"):
            # The settings of an access point are on unless they are switched off.
            found[public_access.BLOCK] = public_access.settings(made, block, absent=True)
        bucket = made.bucket(instance, "bucket")
        return found | ({"Bucket": bucket} if bucket is not None else {})
    if instance.type in ("aws_elasticsearch_domain", "aws_opensearch_domain"):
        return _network_of_domain(made, instance) | _access_control_of_domain(made, instance)
    if instance.type == "aws_secretsmanager_secret_policy":
        value = made.value(instance, "block_public_policy")
        return {} if value is None else {"BlockPublicPolicy": lower_value(value, made)}
    return {}


def _network_of_domain(made: Lowering, instance: Instance) -> dict[str, object]:
    for _, block in made.blocks(instance, "vpc_options"):
        subnets = block.get("subnet_ids", NULL)
        if isinstance(subnets, Variable):
            # Of none, and of null, nothing is in a VPC.
            any_ = made.condition(Undecided(f"length({subnets.shown}) > 0"))
            return {"VPCOptions": {"Fn::If": [any_, {"SubnetIds": lower_value(subnets, made)}, _NOTHING]}}
        if not is_null(subnets) and not (isinstance(subnets, Items) and not subnets.items):
            return {"VPCOptions": {"SubnetIds": lower_value(subnets, made)}}
    return {}


def _access_control_of_domain(made: Lowering, instance: Instance) -> dict[str, object]:
    """Whether a domain asks whoever calls who they are, besides its policy."""
    for _, block in made.blocks(instance, "advanced_security_options"):
        given = {name: block.get(argument, NULL) for name, argument in _ACCESS_CONTROL.items()}
        said = {name: lower_value(value, made) for name, value in given.items() if not is_null(value)}
        return {"AdvancedSecurityOptions": said}
    return {}


def _open_block(made: Lowering, instance: Instance, *names: str) -> str:
    """The first of some types of blocks of which nobody knows how many a resource has; empty where there is none."""
    for name in names:
        value = made.value(instance, name)
        if isinstance(value, Unknown) or (isinstance(value, Items) and any(isinstance(i, Rest) for i in value.items)):
            return name
    return ""


def _open_network(made: Lowering, instance: Instance) -> str:
    """Why it is not known whether a domain is in a VPC; empty where it is, or a variable decides that."""
    for _, block in made.blocks(instance, "vpc_options"):
        subnets = block.get("subnet_ids", NULL)
        lacks = bool(least_length(block.get("security_group_ids", NULL))) and not least_length(subnets)
        sides = (one for _, one in cases(subnets) if not isinstance(one, (Known, Variable)))
        if lacks or any(not least_length(one) and not one.is_known for one in sides):
            reason = f"it is not known whether {instance.address} has any subnet_ids, which decide who gets in"
            return "; ".join(filter(None, (reason, refused_policies.WANTS_SUBNETS if lacks else made.hint)))
    return ""


def _or_unknown(made: Lowering, value: Value | None, name: str) -> object:
    if value is None or (isinstance(value, Known) and value.value is None):
        return {"Ref": name}
    return lower_value(value, made)


#: What a policy is put on where nobody says it, by the argument:
#: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_event_bus_policy
_BY_DEFAULT: Mapping[str, Value] = {"event_bus_name": Known("default")}


def _stand(
    made: Lowering, instance: Instance, about: str, resource: dict[str, object], properties: dict[str, object]
) -> None:
    """Say what a policy stands on."""
    if names := called(made, instance):
        resource[CALLED] = names
    if (told := put_on(made, instance)) is not None:
        resource[PUT_ON] = told
        if "primary_key_arn" in told:
            # The id of a key is the same in all Regions.
            properties["PrimaryKeyArn"] = told["primary_key_arn"]
    if resource["Type"] == "AWS::S3::BucketPolicy":
        own = instance.type == _BUCKET
        bucket = {"Ref": instance.address} if own else made.bucket(instance, "bucket")
        if bucket is not None:
            properties["Bucket"] = bucket
        return
    if instance.type in SHAPES and resource["Type"] != SHAPES[instance.type].type:
        shape = SHAPES[instance.type]
        function = shape.attributes["arn"]
        ref = {"Ref": instance.address} if function == "Ref" else {"Fn::GetAtt": [instance.address, function]}
        resource[STANDS_ON_ARN] = ref
        return
    style, _, name = about.partition("=")
    value = made.value(instance, name) if name else None
    if value is None:
        is_computed = isinstance(instance.values, KnownValues) and instance.values.is_computed(name)
        value = None if is_computed else _BY_DEFAULT.get(name)
    if value is None:
        return
    arn = stands_on(made, instance, style, value)
    if arn is not None:
        resource[STANDS_ON_ARN] = arn
    else:
        resource[STANDS_ON_NAMED] = what_names(made, value)


def bucket(made: Lowering, instance: Instance) -> None:
    """``aws_s3_bucket``"""
    _declare(made, instance)
    if any(True for _ in made.blocks(instance, "website")):
        properties = made.resources[instance.address]["Properties"]
        assert isinstance(properties, dict)
        properties["WebsiteConfiguration"] = {"IndexDocument": "index.html"}
    resource_policies(made, instance)


# -- grants

#: What is granted without a document, by type: what it is to CloudFormation, and its properties as arguments.
GRANTS: dict[str, tuple[str, dict[str, str]]] = {
    "aws_lambda_permission": (
        "AWS::Lambda::Permission",
        {
            "Action": "action",
            "Principal": "principal",
            "SourceArn": "source_arn",
            "SourceAccount": "source_account",
            "PrincipalOrgID": "principal_org_id",
            "EventSourceToken": "event_source_token",
            "FunctionUrlAuthType": "function_url_auth_type",
            "InvokedViaFunctionUrl": "invoked_via_function_url",
        },
    ),
    "aws_lambda_layer_version_permission": (
        "AWS::Lambda::LayerVersionPermission",
        {"Action": "action", "Principal": "principal", "OrganizationId": "organization_id"},
    ),
    "aws_cloudwatch_event_permission": (
        "AWS::Events::EventBusPolicy",
        {"Action": "action", "Principal": "principal"},
    ),
    "aws_acmpca_permission": (
        "AWS::ACMPCA::Permission",
        {"Actions": "actions", "Principal": "principal", "SourceAccount": "source_account"},
    ),
    "aws_signer_signing_profile_permission": (
        "AWS::Signer::ProfilePermission",
        {"Action": "action", "Principal": "principal"},
    ),
    "aws_kms_grant": (
        "Trustproof::KMS::Grant",
        {"Operations": "operations", "Principal": "grantee_principal", "RetiringPrincipal": "retiring_principal"},
    ),
}


def grant(made: Lowering, instance: Instance) -> None:
    """What is granted without a document."""
    type_, names = GRANTS[instance.type]
    properties = made.properties(instance, names)
    if instance.type == "aws_cloudwatch_event_permission":
        if _open_block(made, instance, "condition"):
            properties["Condition"] = unread("it is not known whether it has a condition")
        for _, block in made.blocks(instance, "condition"):
            given = {name.title(): lower_value(block[name], made) for name in ("key", "type", "value") if name in block}
            properties["Condition"] = given
    if instance.type == "aws_kms_grant":
        properties |= _constraints(made, instance)
    resource = made.add(instance, type_, properties)
    about = next((one.about for one in table().get(instance.type, ())), "-")
    _stand(made, instance, about, resource, properties)
    if instance.type == "aws_lambda_permission":
        _qualify(made, instance, resource, properties)


def _qualify(made: Lowering, instance: Instance, resource: dict[str, object], properties: dict[str, object]) -> None:
    """
    Say which function a permission is about, which may be named in three ways, and of which alias or version.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_permission
    """
    value = made.value(instance, "function_name")
    is_open = STANDS_ON_ARN not in resource  # What gives the name is what the function's URL is called by, too.
    if value is not None and isinstance(told := made.told(value), Known | Text | Unknown if is_open else Known | Text):
        resource.pop(STANDS_ON_ARN, None)
        properties["FunctionName"] = lower_value(told, made)
    qualifier = made.value(instance, "qualifier")
    if qualifier is None or (isinstance(qualifier, Known) and not qualifier.value):
        return
    function = resource.get(STANDS_ON_ARN, properties.get("FunctionName"))
    if function is not None:
        resource.pop(STANDS_ON_ARN, None)
        properties["FunctionName"] = {"Fn::Join": ["", [function, ":", lower_value(qualifier, made)]]}


def _constraints(made: Lowering, instance: Instance) -> dict[str, object]:
    """The encryption context that a grant of KMS demands, as conditions."""
    value = made.value(instance, "constraints")
    if isinstance(value, Unknown):
        return {"Condition": unread(made.why(instance, "constraints", value))}
    if _open_block(made, instance, "constraints"):
        return {"Condition": unread("it is not known whether it has constraints")}
    return context_demanded(made, instance)


LOWER: dict[str, Callable[[Lowering, Instance], None]] = {
    _BUCKET: bucket,
    **dict.fromkeys(GRANTS, grant),
}
