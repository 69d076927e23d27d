"""
What resources give to somebody, or to another resource: policies, memberships, settings against public access.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trustproof.inputs.terraform.types.table import NAMES, POLICY_OF, RESOURCE, SHAPES, policies
from trustproof.inputs.terraform.types.types_of_aws import AWS
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.values import Fields, Items, Known, Value

#: Types that give something to one or more holders, to the argument that has what is given and those with the holders.
_GIVEN: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "aws_iam_policy_attachment": ("managed", "policy_arn", ("user", "role", "group")),
    "aws_iam_user_group_membership": ("member", "groups", ("user",)),
    "aws_iam_group_membership": ("member", "group", ("user",)),
    "aws_organizations_policy_attachment": ("control", "policy_id", ("target_id",)),
    "aws_ssoadmin_customer_managed_policy_attachment": (
        "customer managed",
        "customer_managed_policy_reference",
        ("permission_set_arn",),
    ),
    "aws_ssoadmin_managed_policy_attachment": ("managed", "managed_policy_arn", ("permission_set_arn",)),
    "aws_ssoadmin_permission_set_inline_policy": ("inline", "", ("permission_set_arn",)),
    "aws_ssoadmin_permissions_boundary_attachment": ("boundary", "", ("permission_set_arn",)),
    "aws_s3_account_public_access_block": ("block", "", ("account_id",)),
}
for _kind in ("user", "role", "group"):
    _GIVEN[f"aws_iam_{_kind}_policy"] = ("inline", "name", (_kind,))
    _GIVEN[f"aws_iam_{_kind}_policy_attachment"] = ("managed", "policy_arn", (_kind,))
#: What names the resource that a policy stands on, or the policy on it, where the table of types does not say; nothing
#: where an account has one.
_NAMED = {
    "aws_api_gateway_rest_api_policy": "rest_api_id",
    "aws_cloudsearch_domain_service_access_policy": "domain_name",
    "aws_cloudwatch_log_delivery_destination_policy": "delivery_destination_name",
    "aws_cloudwatch_log_resource_policy": "policy_name",
    "aws_codeartifact_domain_permissions_policy": "domain",
    "aws_codeartifact_repository_permissions_policy": "domain repository",
    "aws_dsql_cluster_policy": "identifier",
    "aws_ecr_registry_policy": "",
    "aws_ecrpublic_repository_policy": "repository_name",
    "aws_glue_resource_policy": "",
    "aws_media_store_container_policy": "container_name",
    "aws_organizations_resource_policy": "",
    "aws_prometheus_resource_policy": "workspace_id",
    "aws_s3control_access_grants_instance_resource_policy": "",
    "aws_s3control_bucket_policy": "bucket",
    "aws_s3files_file_system_policy": "file_system_id",
    "aws_s3tables_table_bucket_policy": "table_bucket_arn",
    "aws_s3tables_table_policy": "table_bucket_arn namespace name",
    "aws_s3vectors_vector_bucket_policy": "vector_bucket_arn",
    "aws_sagemaker_model_package_group_policy": "model_package_group_name",
    "aws_schemas_registry_policy": "registry_name",
    "aws_ses_identity_policy": "identity name",
    "aws_sesv2_email_identity_policy": "email_identity policy_name",
    "aws_vpc_endpoint_policy": "vpc_endpoint_id",
    "aws_vpclattice_auth_policy": "resource_identifier",
    "aws_xray_resource_policy": "policy_name",
}


class Assignment(NamedTuple):
    """One thing that somebody or something has by a resource."""

    what: str
    #: The kind of holder, or the type of the resource, and its name; None where that is not known.
    kind: str
    holder: str | None
    #: Empty where there is only one; None where it is not known.
    name: str | None = ""


def gives(type_: str) -> bool:
    """Whether the resources of a type give something to somebody, or are around a bucket, by what they name."""
    return type_ in _GIVEN or type_ == "aws_s3_bucket_public_access_block"


def assignments(instance: Instance) -> Iterator[Assignment]:
    """What an instance gives, as far as it is known."""
    return (one for one, _ in assignments_and_names(instance) if None not in (one.holder, one.name))


def assignments_and_names(instance: Instance) -> Iterator[tuple[Assignment, Value | None]]:
    """What an instance gives, with the name where that is not known."""
    if instance.is_data or not instance.type.startswith(AWS):
        return
    given = _GIVEN.get(instance.type)
    if given is not None:
        what, argument, kinds = given
        names = _names(instance, argument)
        for kind in kinds:
            holders: list[str | None] = [one for name in holder_arguments(kind) for one in texts_of(instance, name)]
            holders += [None for name in holder_arguments(kind) for _ in unknown_in(instance, name)]
            for holder in dict.fromkeys(holders):
                yield from ((Assignment(what, kind, holder, name), value) for name, value in names or [("", None)])
        if what == "block" and not texts_of(instance, "account_id"):
            yield Assignment(what, "account_id", ""), None
        return
    found = next((one.about.partition("=")[2] for one in policies(instance.type) if one.kind == RESOURCE), None)
    if found is None or instance.type in SHAPES:
        return
    named = [texts_of(instance, name) for name in (found or _NAMED.get(instance.type, "(not known)")).split()]
    if all(named):
        kind = "aws_s3_bucket" if instance.type == "aws_s3_bucket_policy" else instance.type
        yield Assignment("policy", kind, "/".join(one[0] for one in named)), None


def _names(instance: Instance, argument: str) -> list[tuple[str | None, Value | None]]:
    """What an argument names, in texts or in blocks with a ``name``; None with the value for what is not known."""
    if not argument or argument not in instance.values:
        return []
    found: list[tuple[str | None, Value | None]] = [(one, None) for one in texts_of(instance, argument)]
    for one in unknown_in(instance, argument):
        name = one.by_key.get("name") if isinstance(one, Fields) else None
        is_text = isinstance(name, Known) and isinstance(name.value, str)
        found.append((str(name.value), None) if isinstance(name, Known) and is_text else (None, name or one))
    return found


def holder_arguments(kind: str) -> tuple[str, ...]:
    """The arguments that name holders of a kind."""
    return (kind, f"{kind}s")


def texts_of(instance: Instance, name: str) -> tuple[str, ...]:
    """The text that an argument is, or those in the list that it is, as far as they are known."""
    if not name or name not in instance.values:
        return ()
    if isinstance(instance.values, KnownValues):
        raw = instance.values.raw(name)
        return tuple(one for one in (raw if isinstance(raw, list) else [raw]) if isinstance(one, str))
    return tuple(one.value for one in _items(instance, name) if isinstance(one, Known) and isinstance(one.value, str))


def unknown_in(instance: Instance, name: str) -> list[Value]:
    """What an argument is, or is among the items of the list that it is, and not known."""
    if not name or name not in instance.values:
        return []
    return [one for one in _items(instance, name) if not isinstance(one, Known)]


def _items(instance: Instance, name: str) -> Sequence[Value]:
    value = instance.values[name]
    return value.items if isinstance(value, Items) else (value,)


def sets(instance: Instance, argument: str) -> bool:
    """Whether the configuration sets an argument of an instance."""
    return isinstance(instance.values, KnownValues) and instance.values.sets(argument) and argument in instance.values


def own_policy(instance: Instance) -> str:
    """The argument with the policy that a resource has itself, where another type could give it one as well."""
    if not POLICY_OF.get(instance.type, ("", ""))[0]:
        return ""
    return next((one.name for one in policies(instance.type) if one.is_computed and sets(instance, one.name)), "")


def policy_of(instance: Instance) -> tuple[str, tuple[str, ...]]:
    """What the policy of a resource is called as a given: its kind, and what the resource may be named by."""
    other, _ = POLICY_OF[instance.type]
    kind = "aws_s3_bucket" if other == "aws_s3_bucket_policy" else other
    return kind, tuple(dict.fromkeys(text for name in NAMES for text in texts_of(instance, name)))
