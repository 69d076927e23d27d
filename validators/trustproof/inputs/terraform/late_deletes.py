"""
What a plan makes under one address and deletes under another: Terraform does not order the two, so that the delete may
come last and leave nothing.

Terraform orders only what refers to each other: https://developer.hashicorp.com/terraform/internals/graph
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from trustproof.inputs.terraform.conditions import AllOf, Condition, Not, Undecided
from trustproof.inputs.terraform.instances import Instance, Note
from trustproof.inputs.terraform.known_values import KnownValues
from trustproof.inputs.terraform.snapshot import Snapshot
from trustproof.inputs.terraform.table import RESOURCE, SHAPES, policies
from trustproof.inputs.terraform.values import Items, Known

#: Types that give something to one or more holders, to the argument that has what is given and those with the holders.
_GIVEN: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "aws_iam_policy_attachment": ("managed", "policy_arn", ("user", "role", "group")),
    "aws_iam_user_group_membership": ("member", "groups", ("user",)),
    "aws_iam_group_membership": ("member", "group", ("user",)),
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
#: Types of holders, to the argument that is their name: what is deleted with an old one goes before a new one is made.
_HOLDERS = {"aws_iam_user": "name", "aws_iam_role": "name", "aws_iam_group": "name", "aws_s3_bucket": "bucket"}


class _Gift(NamedTuple):
    """One thing that somebody or something has by a resource."""

    what: str
    #: The kind of holder, or the type of the resource, and its name.
    kind: str
    holder: str
    #: Empty where there is only one.
    name: str = ""


def unordered(snapshot: Snapshot) -> Snapshot:
    """
    A plan, in which all that is made, and deleted under another address, is there or not; with notes.

    Args:
        snapshot: of the plan.
    """
    if not snapshot.deleted and not snapshot.replaced:
        return snapshot
    after = {one.address: one for one in snapshot.instances}
    gone: dict[_Gift, list[Instance]] = {}
    for one in snapshot.deleted:
        for gift in _gifts(one):
            gone.setdefault(gift, []).append(one)
    for one in snapshot.replaced:
        kept = frozenset(_gifts(after[one.address])) if one.address in after else frozenset()
        for gift in _gifts(one):
            if gift not in kept:
                gone.setdefault(gift, []).append(one)
    texts = _made_anew(snapshot) if gone else frozenset()
    found: list[Instance] = []
    notes: list[Note] = []
    for instance in snapshot.instances:
        gifts = [one for one in _gifts(instance) if (one.kind, one.holder) not in texts] if gone else []
        deletes = {other.address: other for gift in gifts for other in gone.get(gift, ())}
        same = [other for other in deletes.values() if other.provider == instance.provider]
        found.append(_with(instance, same) if same else instance)
        notes += (
            Note(
                instance.address,
                f"the plan deletes {other.address}, which is the same to AWS, and may do so after this is made: then "
                "nothing is left (a moved block keeps it)",
            )
            for other in same
        )
    return snapshot._replace(instances=tuple(found), notes=(*snapshot.notes, *notes))


def _with(instance: Instance, deletes: list[Instance]) -> Instance:
    """An instance that is there where none of some deletes comes last."""
    conditions: tuple[Condition, ...] = tuple(
        Not(Undecided(f"{other.address} is deleted after {instance.address} is made", is_expression=False))
        for other in deletes
    )
    if instance.condition is not None:
        conditions = (instance.condition, *conditions)
    return Instance(
        instance.address,
        instance.type,
        instance.provider,
        instance.values,
        key=instance.key,
        condition=conditions[0] if len(conditions) == 1 else AllOf(conditions),
        place=instance.place,
        calls=instance.calls,
        existed=instance.existed,
    )


def _made_anew(snapshot: Snapshot) -> frozenset[tuple[str, str]]:
    """The holders that a plan makes, by kind and name."""
    return frozenset(
        (one.type.removeprefix("aws_iam_"), name)
        for one in snapshot.instances
        if one.type in _HOLDERS and not one.existed and not one.is_data
        for name in _texts(one, _HOLDERS[one.type])
    )


def _gifts(instance: Instance) -> Iterator[_Gift]:
    """What an instance gives, as far as it is known."""
    if instance.is_data or not instance.type.startswith("aws_"):
        return
    given = _GIVEN.get(instance.type)
    if given is not None:
        what, argument, kinds = given
        names = _texts(instance, argument) if argument else ("",)
        for kind in kinds:
            for holder in (*_texts(instance, kind), *_texts(instance, f"{kind}s")):
                yield from (_Gift(what, kind, holder, name) for name in names)
        if what == "block" and not _texts(instance, "account_id"):
            yield _Gift(what, "account_id", "")
        return
    found = next((one.about.partition("=")[2] for one in policies(instance.type) if one.kind == RESOURCE), None)
    if found is None or instance.type in SHAPES:
        return
    named = [_texts(instance, name) for name in (found or _NAMED.get(instance.type, "(not known)")).split()]
    if all(named):
        kind = "aws_s3_bucket" if instance.type == "aws_s3_bucket_policy" else instance.type
        yield _Gift("policy", kind, "/".join(one[0] for one in named))


def _texts(instance: Instance, name: str) -> tuple[str, ...]:
    """The text that an argument is, or those in the list that it is, as far as they are known."""
    values: Mapping[str, object] = instance.values
    if isinstance(instance.values, KnownValues):
        raw = instance.values.raw(name)
        return tuple(one for one in (raw if isinstance(raw, list) else [raw]) if isinstance(one, str))
    value = values.get(name)
    items = value.items if isinstance(value, Items) else (value,)
    return tuple(one.value for one in items if isinstance(one, Known) and isinstance(one.value, str))
