"""
The names that a part of a template reads, as the classes of its assignments are made of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from trustproof.model.operators import FOR_ANY_VALUE, parse_operator

#: What the ARN of an OIDC provider has before the host of its issuer.
OIDC_PROVIDER = "oidc-provider/"
_COMPOSING = ("Fn::Sub", "Fn::Join")
#: Where a value is put next to what may be a part of the same word, and so of the name of a Region.
_PIECES = re.compile(r"[\w-]\$\{|\$\{[^}]*\}[\w$-]")
#: Functions that look at no list themselves.
_OF_NO_LIST = ("Fn::If", "Fn::ToJsonString", "Fn::And", "Fn::Or", "Fn::Not")
#: Elements of which several entries may count in one request: it may be about several actions, and who is kept out by
#: ``NotPrincipal`` is named there with the account.
_OF_SEVERAL_ACTIONS = ("Action", "NotAction", "NotPrincipal")


class NameReads:
    """
    The names that something reads.
    """

    def __init__(self, *, denies: bool, of_several: bool = False) -> None:
        #: Whether statements in it may deny what others allow.
        self.denies = denies
        #: Whether it is several things, about which there may be several requests.
        self.of_several = of_several
        #: Those whose values stand in it.
        self.values: dict[str, None] = {}
        #: Those that its conditions compare, with the texts that each is compared with.
        self.compared: dict[str, dict[str, None]] = {}
        #: Of these, those that are compared in part, or with what is no text.
        self.in_part: dict[str, None] = {}
        #: Lists of which conditions compare all items as one text: what the items are joined with, and the texts.
        self.joined: dict[str, dict[tuple[str, str], None]] = {}
        #: Those that keys of mappings are made of, with the keys of the mappings.
        self.keys: dict[str, dict[str, None]] = {}
        #: Those that are nothing but a key of a mapping that has a value for any other key.
        self.free_keys: dict[str, None] = {}
        #: Those whose values stand in it otherwise than as such a key.
        self.texts: dict[str, None] = {}
        #: Those that a function makes something of: of a list, more than the items as they come.
        self.in_order: dict[str, None] = {}
        #: In how many places the value of each of them stands.
        self.uses: dict[str, int] = {}
        #: Those of which in one place several items may be needed, where they are lists.
        self.of_sets: dict[str, None] = {}
        #: Those that conditions compare of which the name of what a policy stands on depends.
        self.in_names: dict[str, None] = {}
        #: The partitions of ARNs that stand in it, and those to one of which it has to be deployed.
        self.written_partitions: set[str] = set()
        self.demanded_partitions: dict[str, None] = {}
        #: Whether names, or what is attached, are what mappings have for the Region.
        self.is_called_by_region = False
        #: Whether the Region stands in the host of an issuer of tokens, which condition keys begin with.
        self.has_regional_issuers = False
        #: Whether what stands beside such an issuer may be put together to the name of any Region.
        self.has_pieces_of_regions = False
        #: What has been looked into.
        self.seen: set[str] = set()

    @property
    def names(self) -> frozenset[str]:
        """All of them, however they are read."""
        read = (self.values, self.compared, self.in_part, self.joined, self.keys, self.of_sets, self.in_names)
        return frozenset().union(*read)

    def note_issuers(self, function: str, argument: object) -> None:
        """Note a text that is composed of the Region and names a provider of OIDC tokens."""
        if function in _COMPOSING and OIDC_PROVIDER in (written := str(argument)) and "AWS::Region" in written:
            self.has_regional_issuers = True
            # Other functions, and the items of a list that are joined, make a value of pieces too.
            made = function == "Fn::Join" or any(f"'{name}'" in written for name in (*_COMPOSING, "Fn::Split"))
            self.has_pieces_of_regions |= made or _PIECES.search(written) is not None

    def note_lists(self, key: object, names: Iterable[str]) -> None:
        """Note names under a key which are more, if they are lists, than items of which one decides."""
        if not isinstance(key, str):
            return
        is_function = key.startswith("Fn::") and key not in _OF_NO_LIST
        is_of_sets = key in _OF_SEVERAL_ACTIONS or _compares_sets(key)
        noted = dict.fromkeys(names if is_function or is_of_sets else ())
        self.in_order.update(noted if is_function else {})
        self.of_sets.update(noted if is_of_sets else {})

    def add_decided(self, other: NameReads) -> None:
        """Note what something reads, of which assignments decide each condition: the search decides none of texts."""
        other.values.update(dict.fromkeys(other.compared))
        other.in_names.update(dict.fromkeys(other.compared))
        self.add(other)

    def add(self, other: NameReads) -> None:
        """Note what something else reads too."""
        self.values.update(other.values)
        self.free_keys.update(other.free_keys)
        self.texts.update(other.texts)
        self.in_order.update(other.in_order)
        self.in_part.update(other.in_part)
        self.of_sets.update(other.of_sets)
        self.in_names.update(other.in_names)
        for name, joined in other.joined.items():
            self.joined.setdefault(name, {}).update(joined)
        for name, count in other.uses.items():
            self.uses[name] = self.uses.get(name, 0) + count
        self.written_partitions |= other.written_partitions
        self.is_called_by_region |= other.is_called_by_region
        self.has_regional_issuers |= other.has_regional_issuers
        self.has_pieces_of_regions |= other.has_pieces_of_regions
        for here, more in ((self.compared, other.compared), (self.keys, other.keys)):
            for name, texts in more.items():
                here.setdefault(name, {}).update(texts)


def _compares_sets(key: str) -> bool:
    """Whether a condition operator may need several operands for the several values of one key."""
    operator = parse_operator(key) if ":" in key else None
    # Of the others, one operand decides: that some value is like one, or that none is like any.
    return operator is not None and operator.negated is (operator.quantifier == FOR_ANY_VALUE)
