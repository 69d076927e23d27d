"""
Sets of IP addresses: intervals of both families.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final

from trustproof.sets.numbers import NumberSet

#: Addresses are integers: between the halves ``0.0.0.0/1`` and ``128.0.0.0/1`` there is none.
_V4 = NumberSet.between(0, 2**32 - 1).integers()
_V6 = NumberSet.between(0, 2**128 - 1).integers()
_NONE = NumberSet.empty().integers()
#: Addresses set aside for documentation, and one that anybody could have: they read as examples.
_FRIENDLY_V4 = (0xCB007107, 0xC6336407, 0x08080808)
_FRIENDLY_V6 = (0x20010DB8000000000000000000000007,)


#: IPv4 addresses, written as those of IPv6: https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.2
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")


def as_ipv4(block: ipaddress.IPv4Network | ipaddress.IPv6Network) -> ipaddress.IPv4Network | None:
    """The IPv4 addresses that a block of IPv6 stands for; None for any other block."""
    if not isinstance(block, ipaddress.IPv6Network) or not block.subnet_of(_MAPPED):
        return None
    first = int(block.network_address) - int(_MAPPED.network_address)
    return ipaddress.IPv4Network((first, block.prefixlen - _MAPPED.prefixlen))


class AddressSet:
    """
    A set of IPv4 and IPv6 addresses.

    Build one with `full()` or `prefix()`; combine with ``&``, ``|`` and ``~``.

    >>> office = AddressSet.prefix("203.0.113.0/24")
    >>> office.sample(), (office & ~office).sample()
    ('203.0.113.7', None)
    """

    __slots__ = ("v4", "v6")

    v4: Final[NumberSet]
    v6: Final[NumberSet]

    def __init__(self, v4: NumberSet, v6: NumberSet) -> None:
        self.v4 = v4
        self.v6 = v6

    @classmethod
    def full(cls) -> AddressSet:
        """Every address."""
        return cls(_V4, _V6)

    @classmethod
    def prefix(cls, cidr: str) -> AddressSet:
        """
        The addresses of a CIDR block; a bare address is a block of one.

        Raises:
            ValueError: when `cidr` is neither.
        """
        _, slash, length = cidr.partition("/")
        if "%" in cidr or (slash and not (length.isascii() and length.isdigit())):
            # Python reads netmasks and zones too.
            raise ValueError(f"{cidr!r} is neither an address nor a CIDR block")
        network = ipaddress.ip_network(cidr, strict=False)
        numbers = NumberSet.between(int(network.network_address), int(network.broadcast_address)).integers()
        return cls(numbers, _NONE) if network.version == 4 else cls(_NONE, numbers)

    @classmethod
    def empty(cls) -> AddressSet:
        """No address."""
        return cls(_NONE, _NONE)

    def __and__(self, other: AddressSet) -> AddressSet:
        return AddressSet(self.v4 & other.v4, self.v6 & other.v6)

    def __or__(self, other: AddressSet) -> AddressSet:
        return AddressSet(self.v4 | other.v4, self.v6 | other.v6)

    @classmethod
    def union(cls, sets: Iterable[AddressSet]) -> AddressSet:
        """The addresses in one of some sets."""
        given = (cls.empty(), *sets)
        return cls(NumberSet.union(one.v4 for one in given), NumberSet.union(one.v6 for one in given))

    @property
    def width(self) -> int:
        """Of how many intervals it consists: what it costs to look at it."""
        return len(self.v4.intervals) + len(self.v6.intervals)

    def __invert__(self) -> AddressSet:
        return AddressSet(~self.v4 & _V4, ~self.v6 & _V6)

    def __contains__(self, address: str) -> bool:
        return not (self & AddressSet.prefix(address)).is_empty

    @property
    def is_empty(self) -> bool:
        """Whether no address is in the set."""
        return self.v4.is_empty and self.v6.is_empty

    @property
    def sizes(self) -> tuple[int, int]:
        """
        How many IPv4 and how many IPv6 addresses are in the set.

        >>> AddressSet.prefix("203.0.113.0/24").sizes
        (256, 0)
        """
        return _count(self.v4), _count(self.v6)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AddressSet) and (self.v4, self.v6) == (other.v4, other.v6)

    def __hash__(self) -> int:
        return hash((self.v4, self.v6))

    def sample(self) -> str | None:
        """An address of the set; None iff it is empty."""
        number = self.v4.sample(_FRIENDLY_V4)
        if number is not None:
            return str(ipaddress.IPv4Address(int(number)))
        number = self.v6.sample(_FRIENDLY_V6)
        return None if number is None else str(ipaddress.IPv6Address(int(number)))


def _count(numbers: NumberSet) -> int:
    """How many integers are between the cuts of a set that ends on both sides."""
    found = 0
    for low, high in numbers.intervals:
        assert low is not None
        assert high is not None
        found += int(high[0]) + high[1] - int(low[0]) - low[1]
    return found
