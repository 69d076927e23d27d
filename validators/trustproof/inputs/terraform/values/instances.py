"""
Resources as Terraform makes them of its blocks: instances with their values, wherever those were read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeAlias

from trustproof.errors import InputError
from trustproof.inputs.terraform.values.conditions import Condition
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import Value

#: What tells the instances of a block from each other: a number with ``count``, a text with ``for_each``.
Key: TypeAlias = "str | int | None"

#: The key of an instance in an address, or none, as a regular expression: ``["k"]``, ``[0]``.
KEY_PATTERN = r'(?:\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\])?'

#: How many addresses are kept in parts: each is asked for many times.
_KEPT = 4096


class Provider(NamedTuple):
    """
    A provider configuration: whom a resource is asked of.
    """

    #: As the root module calls it: ``aws``, ``aws.hub``.
    name: str
    #: 12 digits; None where nobody knows.
    account: str | None = None
    region: str | None = None
    #: None where nobody knows: where the Region is unknown too.
    partition: str | None = None


class Instance:
    """
    One resource or data source, with what is known of it.

    Args:
        address: full, with keys: ``module.a["k"].aws_iam_role.b[0]``; data sources begin with ``data.`` behind the
            modules. An instance with an unknown key has ``[*]``.
        type: ``aws_iam_role``.
        provider: the provider configuration as the root module calls it: ``aws``, ``aws.hub``; as the module itself
            calls it behind ``module.a:`` where that is not passed by the root module.
        values: arguments and attributes; blocks are `Items` of `Fields`. What is not here has not been set; what is set
            and unknown is an unknown value.
        condition: what must hold for it to exist; None for what exists in any case.
        place: of the block.
        calls: of the module calls that it came through, outermost first.
        existed: whether it was there before, or may have been: else it is made now.
        waits_for: the addresses without keys of what has to be there first, by ``depends_on``; those of modules, too.
    """

    __slots__ = ("address", "calls", "condition", "existed", "key", "place", "provider", "type", "values", "waits_for")

    def __init__(
        self,
        address: str,
        type: str,  # noqa: A002
        provider: str,
        values: Mapping[str, Value],
        *,
        key: Key = None,
        condition: Condition | None = None,
        place: Place | None = None,
        calls: tuple[Place, ...] = (),
        existed: bool = False,
        waits_for: tuple[str, ...] = (),
    ) -> None:
        self.waits_for: tuple[str, ...] = waits_for
        self.existed: bool = existed
        self.address: str = address
        self.type: str = type
        self.provider: str = provider
        self.values: Mapping[str, Value] = values
        self.key: Key = key
        self.condition: Condition | None = condition
        self.place: Place | None = place
        self.calls: tuple[Place, ...] = calls

    @property
    def is_data(self) -> bool:
        """Whether it is a data source."""
        found = steps(self.address)
        while found[0] == "module":
            found = found[2:]
        return found[0] == "data"

    def __repr__(self) -> str:
        return f"Instance({self.address!r})"


class Facts(Protocol):
    """
    What a plan or state knows, for whoever evaluates the configuration that it was made of.
    """

    def variable(self, name: str) -> Value | None:
        """The value of a variable of the root module, named without ``var.``; None where it says nothing."""
        ...

    def keys(self, block: str) -> tuple[Key, ...] | None:
        """
        The keys of the instances of a resource, data source or module call, sorted; None where nothing is said.

        Args:
            block: the address without its last key: ``module.a["k"].aws_iam_role.b``, ``module.a``.
        """
        ...

    def attribute(self, address: str, name: str) -> Value | None:
        """
        A top-level attribute of a resource or data source, as far as it is known; None where all of it is unknown, or
        the plan does not hold the instance.

        Args:
            address: full, with keys.
            name: as in ``arn``.
        """
        ...


class RootVariable(NamedTuple):
    """
    A variable of the root module.
    """

    #: Without ``var.``.
    name: str
    #: As it is written, ``list(string)``; empty where there is none.
    type: str = ""
    default: Value | None = None
    sensitive: bool = False
    #: What its validations admit; None where they do not say, or say it in a way that is not read.
    allowed: tuple[str, ...] | None = None
    #: A regular expression for the whole value.
    pattern: str | None = None
    place: Place | None = None


class Note(NamedTuple):
    """Something that a reader of the report has to know."""

    #: The address; of a file, its name.
    what: str
    #: A clause; of what nobody has looked into, one to follow ``which``.
    reason: str
    place: Place | None = None
    #: Whether nobody has looked into it.
    is_left_out: bool = False
    #: What it is given, as far as that is known: equal where two say the same. It is compared, and never shown.
    given: str = ""


class Configuration(Protocol):
    """
    The configuration of a root module, evaluated as far as somebody asks.
    """

    @property
    def files(self) -> Sequence[str]:
        """The files that it was read from."""
        ...

    @property
    def variables(self) -> Mapping[str, RootVariable]:
        """The variables of the root module, by name without ``var.``."""
        ...

    @property
    def notes(self) -> Sequence[Note]:
        """Modules that are not at hand, and whatever else nobody has looked into."""
        ...

    def instances(self) -> Sequence[Instance]:
        """All resources and data sources, in the order of files and blocks; their values are all that are set."""
        ...

    def instance(self, address: str) -> Instance | None:
        """
        The instance of an address, whose values are evaluated when they are asked for; None where no block gives it.
        """
        ...

    def providers(self) -> Mapping[str, Mapping[str, Value]]:
        """The arguments of each provider configuration of the root module, by ``aws`` and ``aws.hub``."""
        ...

    def text(self, file: str) -> str:
        """The text of one of the files."""
        ...


@lru_cache(maxsize=_KEPT)
def without_keys(address: str) -> str:
    """An address without the keys in it: that of the block."""
    return ".".join(step.partition("[")[0] for step in steps(address))


@lru_cache(maxsize=_KEPT)
def steps(address: str) -> tuple[str, ...]:
    """
    The steps of an address, each with its key: ``module.a["k.l"].aws_iam_role.b[0]`` has ``module``, ``a["k.l"]``,
    ``aws_iam_role`` and ``b[0]``.
    """
    if "[" not in address:
        return tuple(address.split("."))
    found: list[str] = []
    start = at = 0
    quoted = False
    while at < len(address):
        char = address[at]
        if quoted:
            if char == "\\":
                at += 1
            elif char == '"':
                quoted = False
        elif char == '"':
            quoted = True
        elif char == ".":
            found.append(address[start:at])
            start = at + 1
        at += 1
    return (*found, address[start:])


def check_mode(mode: object, address: str, file: str) -> None:
    """
    See that what is said to be a data source has the address of one: it gives nothing, and denies nothing.

    Raises:
        InputError: it has that of a resource.
    """
    if mode == "data" and "data" not in steps(address)[:-2]:
        raise InputError(f'the mode of {address} is "data", and the address is that of a resource', file)


def split_key(step: str) -> tuple[str, Key]:
    """The name and the key of a step of an address."""
    name, bracket, rest = step.partition("[")
    if not bracket:
        return name, None
    key = rest[:-1]
    if key.startswith('"'):
        return name, key[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return name, int(key) if key.isdecimal() else key


def keys_of(addresses: Iterable[str]) -> dict[str, tuple[Key, ...]]:
    """The keys of all blocks and module calls that some instances are of, by their addresses without the last key."""
    found: dict[str, dict[Key, None]] = {}
    for address in addresses:
        parts = steps(address)
        at = 0
        while at < len(parts):
            # A call is two steps, as a resource is, and what is left of a data source.
            at += 2 if parts[at] != "data" else 3
            name, key = split_key(parts[at - 1])
            found.setdefault(".".join((*parts[: at - 1], name)), {})[key] = None
    return {block: tuple(keys) for block, keys in found.items()}
