"""
Which addresses a policy takes for a network rather than for the world.

AWS counts ranges from a certain length of the prefix as a network:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TypeAlias

from trustproof.model.operators import parse_operator
from trustproof.model.policy import ALLOW, Condition, Policy, Statement
from trustproof.model.text import Text
from trustproof.sets.addresses import AddressSet, as_ipv4

_Block: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"
_ADDRESS = "aws:sourceip"
#: The numbers of an IPv4 address.
_FIELDS = 4
#: The shortest prefixes that AWS takes for a network.
NARROW = {4: 8, 6: 32}
#: From these no request comes over the internet (RFC 1918, RFC 4193).
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")


def narrow_ranges(policy: Policy) -> AddressSet:
    """The addresses of the ranges in a policy each of which AWS takes for a network, however many they are."""
    return _together(_narrow(policy))


def networks(policy: Policy) -> AddressSet:
    """
    The addresses in a policy that are a network together: ever so many narrow ranges are the world.

    AWS looks at each range by itself; here the widest that it takes for a network is as much as all may have, private
    addresses apart. What the Deny statements leave of the Allow statements is a network too where it is no more.
    """
    if not any(
        condition.key.lower() == _ADDRESS for statement in policy.statements for condition in statement.conditions
    ):
        return AddressSet.empty()
    left = _left(policy)
    if not left.is_empty and _is_narrow(left):
        return left
    narrow = _narrow(policy)
    if len(narrow) < 2:
        return _together(narrow)
    families = (_together([block for block in narrow if block.version == version]) for version in (4, 6))
    return AddressSet.union(family for family in families if _is_narrow(family))


def written_as_range(text: Text) -> str | None:
    """
    The range of IPv4 addresses that a text names, or a pattern whose last numbers are one ``*``; None for another one.

    >>> written_as_range("203.0.113.*"), written_as_range("203.0.113.7"), written_as_range("203.0.1*")
    ('203.0.113.0/24', '203.0.113.7/32', None)
    """
    fields = str(text).split(".")
    known = fields[:-1] if fields[-1] == "*" else fields
    if len(fields) > _FIELDS or not known or (len(known) < _FIELDS and known == fields):
        return None
    try:
        return str(ipaddress.IPv4Network((".".join(known + ["0"] * (_FIELDS - len(known))), 8 * len(known))))
    except ValueError:
        return None


def _is_narrow(found: AddressSet) -> bool:
    """Whether there are no more addresses of each family than the widest network has, private ones apart."""
    v4, v6 = (found & _PUBLIC).sizes
    most4, most6 = 1 << (32 - NARROW[4]), 1 << (128 - NARROW[6])
    return v4 <= most4 and v6 <= most6


def _left(policy: Policy) -> AddressSet:
    """The addresses that the Allow statements admit, and no Deny that looks at the address denies."""
    tests = [(statement.effect == ALLOW, _tested(statement)) for statement in policy.statements]
    allowed = AddressSet.union(AddressSet.full() if found is None else found for is_allow, found in tests if is_allow)
    return allowed & ~AddressSet.union(found for is_allow, found in tests if not is_allow and found is not None)


def _tested(statement: Statement) -> AddressSet | None:
    """The addresses that the conditions of a statement admit; None where they admit any, or it is not known which."""
    found: AddressSet | None = None
    for condition in statement.conditions:
        inner = _admitted(condition) if condition.key.lower() == _ADDRESS else None
        if inner is not None:
            found = inner if found is None else found & inner
    return found


def _admitted(condition: Condition) -> AddressSet | None:
    operator = parse_operator(condition.operator)
    blocks = [_block(str(operand)) for operand in condition.operands]
    if operator is None or operator.family != "ip" or None in blocks:
        return None
    found = _together([block for block in blocks if block is not None])
    return ~found if operator.negated else found


def _block(text: str) -> _Block | None:
    """A range; one of IPv4 addresses that is written as IPv6 is what it stands for."""
    try:
        block = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return as_ipv4(block) or block


def _together(blocks: Sequence[_Block]) -> AddressSet:
    return AddressSet.union(AddressSet.prefix(str(block)) for block in blocks)


_PUBLIC = ~AddressSet.union(map(AddressSet.prefix, _PRIVATE))


def _narrow(policy: Policy) -> list[_Block]:
    """The ranges in a policy that AWS takes for a network, each once."""
    found: set[_Block] = set()
    for statement in policy.statements:
        for condition in statement.conditions:
            if condition.key.lower() == _ADDRESS:
                blocks = (_block(str(operand)) for operand in condition.operands)
                found.update(
                    block for block in blocks if block is not None and block.prefixlen >= NARROW[block.version]
                )
    return sorted(found, key=lambda block: (block.version, int(block.network_address), block.prefixlen))
