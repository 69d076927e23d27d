"""
The issuers of tokens of EKS clusters, which roles for service accounts name in their condition keys.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from trustproof.aws.partitions import REGIONS, partition_of, url_suffix
from trustproof.inputs.terraform.instances import Instance
from trustproof.inputs.terraform.values import WITHOUT_SCHEME, Attribute, Known

_CLUSTER, _PROVIDER = "aws_eks_cluster", "aws_iam_openid_connect_provider"
_ISSUER = "identity[0].oidc[0].issuer"
_SCHEME = "https://"


def lowered(
    instance: Instance, attribute: Attribute, by_address: Mapping[str, Instance], region: str | None
) -> str | None:
    """
    The URL of an issuer, or its host; None for what is none, and where it is not known.

    The address of a cluster stands for the id that EKS will make up, and where the Region is not known, some Region.
    Which one makes no difference to a policy, and a condition key has to be known.
    """
    name = attribute.name.removesuffix(WITHOUT_SCHEME)
    scheme = _SCHEME if name == attribute.name else ""
    if instance.type == _PROVIDER and name == "url" and not instance.is_data:
        value = instance.values.get("url")
        if isinstance(value, Known) and isinstance(value.value, str):
            return scheme + value.value.removeprefix(_SCHEME)
        made_by = by_address.get(value.address) if isinstance(value, Attribute) else None
        if made_by is None or made_by.type != _CLUSTER or not isinstance(value, Attribute):
            return None
        found = lowered(made_by, value, by_address, region)
        return None if found is None else scheme + found.removeprefix(_SCHEME)
    if instance.type != _CLUSTER or instance.is_data or name != _ISSUER:
        return None
    known = instance.values.get(name)
    if isinstance(known, Known):
        return scheme + str(known.value).removeprefix(_SCHEME)
    region = region or REGIONS[0]
    digest = hashlib.sha256(instance.address.encode()).hexdigest()[:8]
    called = re.sub(r"[^A-Z0-9]", "", instance.address.rpartition(".")[2].upper())
    return f"{scheme}oidc.eks.{region}.{url_suffix(partition_of(region))}/id/{called}{digest.upper()}"
