"""
``Fn::Cidr``: blocks of an address range, one after the other.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_network
from itertools import islice

#: The function gives no more blocks.
MAX_BLOCKS = 256


def blocks(arguments: Sequence[str]) -> list[str] | None:
    """
    The blocks; None where they are not known, or there are none such.

    Args:
        arguments: the range, how many blocks, and how many bits of an address are left to each of them.
    """
    if len(arguments) < 3 or not all(one.isascii() and one.isdigit() and len(one) < 4 for one in arguments[1:]):
        return None
    count, bits = int(arguments[1]), int(arguments[2])
    try:
        network = ip_network(arguments[0], strict=False)
    except ValueError:
        return None
    prefix = network.max_prefixlen - bits
    if not 0 < count <= MAX_BLOCKS or not network.prefixlen <= prefix <= network.max_prefixlen:
        return None
    if count > 1 << (prefix - network.prefixlen):
        return None
    return [str(block) for block in islice(network.subnets(new_prefix=prefix), count)]
