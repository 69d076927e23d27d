"""
The issuer of tokens in the ARN of an OIDC provider, which nobody knows before it is made.

The condition keys of a role for a service account of EKS begin with it, and modules take it from the ARN that they are
given. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from trustproof.inputs.terraform.values.values import WITHOUT_SCHEME, Attribute, Known, Rest, Symbol, Text, Value

_PROVIDER = "aws_iam_openid_connect_provider."
#: What stands before the issuer, in the spellings that separate it from the rest.
SEPARATORS = ("oidc-provider/", ":oidc-provider/", "provider/", "-provider/")
#: Regular expressions for all that stands before it, and for it behind that.
_BEFORE = r"\^?%s(?:(?:arn:)?\.[*+]\??|arn:aws[a-z-]*:iam::(?:\\d|\[0-9\])(?:\{12\}|[*+])):?(?:oidc-)?provider\\?/%s"
_ALL_BEFORE = re.compile(rf"/(?:{_BEFORE % ('', '')}|{_BEFORE % (re.escape('('), re.escape(')'))})/")
_BEHIND = re.compile(
    rf"(?:{_BEFORE % ('', '')}|{_BEFORE % (re.escape('(?:'), re.escape(')'))}|:?(?:oidc-)?provider\\?/)\(\.[*+]\)\$?"
)

#: What tells the account and the partition.
_TOLD = {"aws_caller_identity": ("account_id", "id"), "aws_partition": ("partition", "id")}
_BEGINNING = re.compile(
    r"arn:(?P<partition>aws[a-z-]*|\S*data\.aws_partition\.[^\s:]+):iam::"
    r"(?P<account>\d{12}|\S*data\.aws_caller_identity\.[^\s:]+):oidc-provider/"
)


def host_of(value: Value) -> Attribute | None:
    """The issuer without its scheme, of what may be the ARN of a provider; None for another value."""
    if not isinstance(value, Attribute) or value.name not in ("arn", "id") or _PROVIDER not in value.address:
        return None
    return Attribute(value.address, f"url{WITHOUT_SCHEME}", value.place, value.sensitive)


def host_behind(value: Value, prefix: Value) -> Attribute | None:
    """
    The issuer without its scheme, of what may be the ARN of a provider, where a prefix is taken from it that is the
    beginning of such an ARN; whether of this one is for whoever knows its account. None for other values.
    """
    host = host_of(value)
    pieces = prefix.pieces if isinstance(prefix, Text) else (prefix,)
    found = _BEGINNING.fullmatch("".join(map(_written, pieces)))
    if host is None or found is None:
        return None
    name = f"url behind {found['partition']} {found['account']}{WITHOUT_SCHEME}"
    return Attribute(host.address, name, value.place, value.sensitive)


def _written(piece: Value) -> str:
    """A text; for an account or a partition, the address of the data source that tells it; a blank for all else."""
    if isinstance(piece, Attribute):
        told = _TOLD.get(piece.address.rpartition(".")[0].rpartition("data.")[2], ())
        return piece.address if piece.name in told else " "
    return str(piece.value) if isinstance(piece, Known) else " "


def parts(value: Value) -> Sequence[Value]:
    """
    What stands between the slashes of the ARN of a provider, or of the URL of an issuer, with its scheme or without, if
    the issuer is a cluster of EKS: there may be more or fewer if it is not. Empty for other values.
    """
    if not isinstance(value, Attribute) or " part " in value.name:
        return ()
    is_provider, name = _PROVIDER in value.address, value.name.removesuffix(WITHOUT_SCHEME)
    before: tuple[Value, ...] = ()
    if is_provider and name in ("arn", "id"):
        before, name = (Symbol(f"{value.shown} before /", place=value.place),), "url"
    elif not is_provider and "aws_eks_cluster." in value.address and name.endswith(".issuer"):
        if name == value.name:
            before = Known("https:", value.place), Known("", value.place)
    elif not is_provider or name.partition(" ")[0] != "url":
        return ()
    of_issuer = (f"{name} part {part}{WITHOUT_SCHEME}" for part in range(3))
    return (*before, *(Attribute(value.address, one, value.place, value.sensitive) for one in of_issuer))


def rest(value: Value) -> Rest:
    """What else stands between the slashes of what `parts` has parted: nothing, of a cluster of EKS."""
    assert isinstance(value, Attribute)
    name = "url" if _PROVIDER in value.address and value.name in ("arn", "id") else value.name
    return Rest(Symbol(_behind(value.address, name), place=value.place))


def _behind(address: str, name: str) -> str:
    return f"what is behind the id in {address}.{name.removesuffix(WITHOUT_SCHEME)}"


def host_joined(found: Sequence[Value]) -> Attribute | None:
    """
    The issuer without its scheme, of all the items that its ARN is split into at the slashes but the first, however
    many there are; None for other items.
    """
    first = found[0] if found else None
    last = found[-1].of if found and isinstance(found[-1], Rest) else None
    if not isinstance(first, Attribute) or not isinstance(last, Symbol):
        return None
    host = Attribute(
        first.address, f"{first.name.partition(' part ')[0]}{WITHOUT_SCHEME}", first.place, first.sensitive
    )
    of_it = [one for one in parts(host) if isinstance(one, Attribute)]
    names = [(one.address, one.name) if isinstance(one, Attribute) else None for one in found[:-1]]
    is_all = last.name == _behind(host.address, host.name)
    return host if is_all and names == [(one.address, one.name) for one in of_it] else None


def takes_all_before(pattern: str) -> bool:
    """Whether nothing but the issuer is left of an ARN, where what a pattern of `replace` matches is taken away."""
    return _ALL_BEFORE.fullmatch(pattern) is not None


def captures(pattern: str) -> bool:
    """Whether the only group of a regular expression is the issuer."""
    return _BEHIND.fullmatch(pattern) is not None
