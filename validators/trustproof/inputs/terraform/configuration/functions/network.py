"""
Functions of networks.
"""

from __future__ import annotations

import ipaddress
from typing import TypeAlias

from trustproof.inputs.terraform.configuration.functions.registry import of_known

Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"


def _network(text: str) -> Network:
    return ipaddress.ip_network(text, strict=False)


@of_known("text number")
def cidrhost(prefix: str, number: float) -> str:
    found = _network(prefix)
    at = int(number) if number >= 0 else found.num_addresses + int(number)
    return str(found[at])


@of_known("text")
def cidrnetmask(prefix: str) -> str:
    return str(ipaddress.IPv4Network(prefix, strict=False).netmask)


def _subnet(found: Network, bits: int, number: int) -> Network:
    length = found.prefixlen + bits
    if not bits >= 0 or length > found.max_prefixlen or not 0 <= number < 2**bits:
        raise ValueError("there is no such network")
    start = int(found.network_address) + (number << (found.max_prefixlen - length))
    return type(found)((start, length))


@of_known("text number number")
def cidrsubnet(prefix: str, bits: float, number: float) -> str:
    return str(_subnet(_network(prefix), int(bits), int(number)))


@of_known("text number*")
def cidrsubnets(prefix: str, *lengths: float) -> list[str]:
    found = _network(prefix)
    at = int(found.network_address)
    nets: list[str] = []
    for bits in lengths:
        length = found.prefixlen + int(bits)
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
