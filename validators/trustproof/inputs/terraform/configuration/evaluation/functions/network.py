"""
Functions of networks.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TypeAlias

from trustproof.inputs.terraform.configuration.evaluation.functions.registry import of_known
from trustproof.inputs.terraform.configuration.values.work import NotKnown

#: By how many bits Terraform makes a network longer.
_MOST_BITS = 32
Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"


def _network(text: str) -> Network:
    if re.fullmatch(r"[0-9a-fA-F.:]+/[0-9]{1,3}", text) is None:
        raise ValueError("it is no prefix in the notation of CIDR")
    if "." in text and (":" in text or re.search(r"(?<![0-9])0[0-9]", text)):
        raise NotKnown("an address of that form is not read")
    return ipaddress.ip_network(text, strict=False)


@of_known("text whole")
def cidrhost(prefix: str, number: int) -> str:
    found = _network(prefix)
    at = number if number >= 0 else found.num_addresses + number
    if at < 0:
        raise ValueError("the network has fewer addresses")
    return str(found[at])


@of_known("text")
def cidrnetmask(prefix: str) -> str:
    found = _network(prefix)
    if not isinstance(found, ipaddress.IPv4Network):
        raise ValueError("it is no network of version 4")
    return str(found.netmask)


def _subnet(found: Network, bits: int, number: int) -> Network:
    length = found.prefixlen + bits
    if bits < 0 or number < 0:
        raise NotKnown("what Terraform makes of a negative number is not known")
    if length > found.max_prefixlen or not 0 <= number < 2**bits:
        raise ValueError("there is no such network")
    start = int(found.network_address) + (number << (found.max_prefixlen - length))
    return type(found)((start, length))


@of_known("text whole whole")
def cidrsubnet(prefix: str, bits: int, number: int) -> str:
    return str(_subnet(_network(prefix), bits, number))


@of_known("text whole*")
def cidrsubnets(prefix: str, *lengths: int) -> list[str]:
    found = _network(prefix)
    at = int(found.network_address)
    nets: list[str] = []
    for bits in lengths:
        length = found.prefixlen + bits
        if bits > _MOST_BITS:
            raise NotKnown(f"whether a network may be longer by more than {_MOST_BITS} bits is not known")
        if not bits > 0 or length > found.max_prefixlen:
            raise ValueError("there is no such network")
        size = 1 << (found.max_prefixlen - length)
        at = -(-at // size) * size
        net = type(found)((at, length))
        if int(net.broadcast_address) > int(found.broadcast_address):
            raise ValueError("the network is full")
        nets.append(str(net))
        at += size
    return nets
