"""
The issuers of tokens of EKS clusters, which roles for service accounts name in their condition keys.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from trustproof.aws.partitions import REGIONS, partition_of, url_suffix
from trustproof.inputs.terraform.accounts.providers import Home, Homes
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.values import WITHOUT_SCHEME, Attribute, Choice, Fields, Items, Known, Value
from trustproof.model.text import OTHER_REGION, REGION, URL_SUFFIX

PROVIDER = "aws_iam_openid_connect_provider"
_CLUSTER = "aws_eks_cluster"
#: The attribute of a cluster that is its issuer.
OF_CLUSTER = "identity[0].oidc[0].issuer"
_SCHEME = "https://"
_SEPARATOR = "provider/"
#: Of an issuer of EKS between slashes: the host, ``id``, and the id of the cluster.
_PARTS = 3
#: What functions make of an issuer: without what stands before it in an ARN, given as its partition and account, each
#: written out or as the address of a data source; and one part of it between slashes.
_TAKEN = re.compile(r"(?P<name>.+?)(?: behind (?P<partition>\S+) (?P<account>\S+))?(?: part (?P<part>\d))?")


class Surroundings(NamedTuple):
    """
    What is known around a cluster or provider.
    """

    by_address: Mapping[str, Instance]
    region: str | None
    #: The account that it is in, and the expression for that.
    home: Home
    account: object
    homes: Homes


def lower_issuer(instance: Instance, attribute: Attribute, place: Surroundings) -> object:
    """
    The URL of an issuer, or its host; the ARN of a provider that is only looked up; None for what is none of them, and
    where it is not known.

    The address of a cluster stands for the id that EKS will make up, its name where it is looked up, and where the
    Region is not known, some Region. Which one makes no difference to a policy, and a condition key has to be known.
    """
    if instance.type not in (PROVIDER, _CLUSTER):
        return None
    taken = _TAKEN.fullmatch(attribute.name.removesuffix(WITHOUT_SCHEME))
    assert taken is not None
    name, is_host = taken["name"], attribute.name.endswith(WITHOUT_SCHEME)
    by_address, region = place.by_address, place.region
    if taken["account"] and not _is_before(taken["partition"], taken["account"], place):
        return None
    host = _issuer_of(instance, by_address, region) if instance.type == PROVIDER else None
    if instance.type == _CLUSTER and name == OF_CLUSTER:
        host = _of_cluster(instance, by_address, region)
    if taken["part"]:
        parts = host.split("/") if host is not None and region is not None else []
        return parts[int(taken["part"])] if len(parts) == _PARTS and name in ("url", OF_CLUSTER) else None
    if instance.type == PROVIDER and (name == "url" or (instance.is_data and name in ("arn", "id"))):
        known = instance.values.get(name)
        if isinstance(known, Known) and name != "url":
            return None
        if host is None or (is_host and _SEPARATOR in host):
            # What stands behind the separator of an ARN is not the issuer then.
            return None
        if name == "url":
            return host
        partition: object = {"Ref": "AWS::Partition"}
        return {"Fn::Join": ["", ["arn:", partition, ":iam::", place.account, f":oidc-provider/{host}"]]}
    return None if host is None or name != OF_CLUSTER else _spelled(host, is_host)


def without_scheme(url: Value) -> Value:
    """
    The attribute ``url`` of a provider as it is after apply, whatever its argument says.

    AWS gives no scheme, and the resource keeps what AWS gives.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOpenIDConnectProvider.html
    """
    if isinstance(url, Choice):
        then, otherwise = without_scheme(url.then), without_scheme(url.otherwise)
        return Choice(url.condition, then, otherwise, url.place, url.sensitive)
    if not isinstance(url, Known) or not isinstance(url.value, str):
        return url
    return Known(url.value.removeprefix(_SCHEME), url.place, url.sensitive)


def _is_before(partition: str, account: str, place: Surroundings) -> bool:
    """Whether what was taken away is what the ARN of a provider there begins with."""
    told = place.by_address.get(account)
    if account != place.home.account and (told is None or place.homes.of(told.provider) != place.home):
        return False
    return partition in place.by_address or partition == partition_of(place.region or REGIONS[0])


def _spelled(url: str, is_host: bool) -> str:
    host = url.removeprefix(_SCHEME)
    return host if is_host else _SCHEME + host


def _issuer_of(provider: Instance, by_address: Mapping[str, Instance], region: str | None) -> str | None:
    """The issuer whose tokens a provider stands for, without its scheme."""
    value = provider.values.get("url")
    if isinstance(value, Known) and isinstance(value.value, str):
        return value.value.removeprefix(_SCHEME)
    made_by = by_address.get(value.address) if isinstance(value, Attribute) else None
    if made_by is None or not isinstance(value, Attribute):
        return None
    if made_by.type == PROVIDER and made_by is not provider and value.name == "url":
        return _issuer_of(made_by, by_address, region) if provider.is_data and not made_by.is_data else None
    if made_by.type != _CLUSTER or value.name.removesuffix(WITHOUT_SCHEME) != OF_CLUSTER:
        return None
    return _of_cluster(made_by, by_address, region)


def _of_cluster(cluster: Instance, by_address: Mapping[str, Instance], region: str | None) -> str | None:
    """The issuer of a cluster, without its scheme."""
    known = cluster.values.get(OF_CLUSTER)
    if isinstance(known, Known):
        return str(known.value).removeprefix(_SCHEME)
    called = cluster.address
    if cluster.is_data:
        value = cluster.values.get("name")
        if isinstance(value, Attribute) and (made := by_address.get(value.address)) is not None:
            is_cluster = made.type == _CLUSTER and not made.is_data and value.name in ("name", "id")
            return _of_cluster(made, by_address, region) if is_cluster else None
        if not isinstance(value, Known):
            return None
        # A cluster that is made here too would be another one by its address.
        made_here = (one for one in by_address.values() if one.type == _CLUSTER and not one.is_data)
        if any(not isinstance(one.values.get("name"), Known) or _names(one, value) for one in made_here):
            return None
        called = f"data.{value.value}"
    region = region or REGIONS[0]
    digest = hashlib.sha256(called.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    readable = re.sub(r"[^A-Z0-9]", "", called.rpartition(".")[2].upper())
    return f"oidc.eks.{region}.{url_suffix(partition_of(region))}/id/{readable}{digest.upper()}"


def is_of_cluster(provider: Instance, instances: Iterable[Instance]) -> bool:
    """Whether the issuer of a provider is that of a cluster that is there, as a plan knows both."""
    url = provider.values.get("url")
    if provider.type != PROVIDER or not isinstance(url, Known):
        return False
    issuer = str(url.value).removeprefix(_SCHEME)
    known = [_known_issuer(one) for one in instances if one.type == _CLUSTER]
    return any(isinstance(one, Known) and str(one.value).removeprefix(_SCHEME) == issuer for one in known)


def _known_issuer(cluster: Instance) -> Value | None:
    """The issuer of a cluster as it is called by one name, or as a plan writes it in blocks."""
    found = cluster.values.get(OF_CLUSTER) or cluster.values.get("identity")
    for name in ("oidc", "issuer"):
        first = found.items[0] if isinstance(found, Items) and found.items else None
        found = first.by_key.get(name) if isinstance(first, Fields) else found
    return found


def _names(cluster: Instance, name: Known) -> bool:
    own = cluster.values.get("name")
    return isinstance(own, Known) and own.value == name.value


def part_of_key(part: object, region: str | None) -> object:
    """
    A part of a condition key, which has to be known as a whole: that of a Region is known where the Region is.

    Args:
        part: an expression of a template.
        region: that of the template.
    """
    referred = part.get("Ref") if isinstance(part, dict) else None
    if region is None or not isinstance(referred, str):
        return part
    if referred == URL_SUFFIX:
        return url_suffix(partition_of(region))
    return region if referred == REGION or referred.startswith(OTHER_REGION) else part
