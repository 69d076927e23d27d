"""
Sets of addresses, of both families.
"""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import tally
from tests.strategies import examples
from trustproof.sets.addresses import AddressSet
from trustproof.spec.matching import pattern
from trustproof.spec.operators import comparison_of

FULL, EMPTY = AddressSet.full(), AddressSet.empty()
#: Blocks that contain, touch and miss each other.
BLOCKS = (
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.0.0.0/9",
    "10.128.0.0/9",
    "10.1.2.3",
    "10.1.2.3/24",
    "11.0.0.0/8",
    "255.255.255.255/32",
    "::/0",
    "2001:db8::/32",
    "2001:db8::7",
    "2001:db9::/32",
    "::ffff:10.1.2.3",
)
SETS = st.recursive(
    st.sampled_from(BLOCKS).map(AddressSet.prefix) | st.sampled_from((FULL, EMPTY)),
    lambda inner: st.one_of(
        st.builds(lambda one, two: one & two, inner, inner),
        st.builds(lambda one, two: one | two, inner, inner),
        inner.map(lambda one: ~one),
    ),
    max_leaves=5,
)


def _edges() -> list[str]:
    """The addresses at, just before and just behind the ends of the blocks."""
    out: set[str] = set()
    for block in BLOCKS:
        network = ipaddress.ip_network(block, strict=False)
        kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
        for end in (int(network.network_address), int(network.broadcast_address)):
            out.update(str(kind(n)) for n in (end - 1, end, end + 1) if 0 <= n < 2**network.max_prefixlen)
    return sorted(out)


ADDRESSES = _edges()


def members(found: AddressSet) -> set[str]:
    """The members among the addresses at the edges."""
    return {address for address in ADDRESSES if address in found}


@pytest.mark.parametrize("block", [*BLOCKS, "10.0.0.0/33", "10.0.0.0/255.0.0.0", "::1%eth0", "10.0.0.*", "", "here"])
def test_a_block_holds_what_the_evaluator_matches(block: str) -> None:
    """A prefix is read as ``IpAddress`` reads it; what is no block raises."""
    operator = comparison_of("IpAddress")
    meant = {address for address in ADDRESSES if operator.matches(address, [pattern(block)])}
    if not meant:
        with pytest.raises(ValueError, match=r".+"):
            AddressSet.prefix(block)
    else:
        assert members(AddressSet.prefix(block)) == meant


@examples(200)
@given(SETS, SETS)
def test_operations_are_those_of_sets(one: AddressSet, two: AddressSet) -> None:
    """Intersection, union and complement are what they say, and obey De Morgan."""
    tally.agree("sets", members(one & two) == members(one) & members(two), (one, two))
    tally.agree("sets", members(one | two) == members(one) | members(two), (one, two))
    tally.agree("sets", members(~one) == set(ADDRESSES) - members(one), one)
    assert ~(one & two) == ~one | ~two
    assert ~~one == one
    assert one & one == one == one & FULL
    assert one & two == two & one
    assert (one & ~one).is_empty
    assert (one == two) is (members(one) == members(two))


@given(SETS)
def test_a_sample_is_a_member_and_none_means_empty(found: AddressSet) -> None:
    """`sample` gives an address, and None only where there is no member."""
    sample = found.sample()
    assert (sample is None) is found.is_empty is (not members(found))
    assert sample is None or sample in found
