"""
The IP address operators: CIDR blocks of both families.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

from trustproof.spec.matching import TokenPattern, text_of
from trustproof.spec.operators.comparison import Comparison


def parse_block(text: str) -> IPv4Network | IPv6Network | None:
    """
    Read an address or a CIDR block; None for anything else.

    A bare IPv4 address is a /32; a bare IPv6 address is a /128 (assumed: the manual says /32 and speaks of IPv4). Bits
    behind the prefix are ignored (assumed).
    """
    _, slash, prefix = text.partition("/")
    if "%" in text or (slash and not (prefix.isascii() and prefix.isdigit())):
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _inside(value: str, operand: TokenPattern) -> bool:
    address, block = parse_block(value), parse_block(text_of(operand))
    if address is None or block is None or "/" in value or address.version != block.version:
        return False
    return address.network_address in block


OPERATORS: tuple[Comparison, ...] = (
    Comparison("IpAddress", _inside),
    Comparison("NotIpAddress", _inside, negated=True),
)
