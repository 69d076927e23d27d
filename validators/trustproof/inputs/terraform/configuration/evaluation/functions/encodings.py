"""
Functions that write values as text and read them: JSON, YAML, CSV, base64, digests.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import unicodedata
import uuid
from collections.abc import Sequence
from typing import Any

from trustproof.inputs.terraform.configuration.evaluation.functions.registry import Context, function, of_known
from trustproof.inputs.terraform.configuration.syntax.numerals import number
from trustproof.inputs.terraform.configuration.values import convert, open_keys
from trustproof.inputs.terraform.configuration.values.document_order import in_provider_order
from trustproof.inputs.terraform.configuration.values.json_values import from_json_text
from trustproof.inputs.terraform.configuration.values.work import MAX_TEXT, Fault, NotKnown, OverBudget
from trustproof.inputs.terraform.values.provider_documents import DocumentText
from trustproof.inputs.terraform.values.values import Fields, Items, JsonText, Known, Symbol, Value
from trustproof.inputs.terraform.values.yaml_texts import YamlText
from trustproof.results.result import BUDGET


@function(1)
def jsonencode(context: Context, arguments: Sequence[Value]) -> Value:
    """JSON text, which stays a structure until somebody wants text."""
    return JsonText(arguments[0], context.place)


@function(1)
def jsondecode(context: Context, arguments: Sequence[Value]) -> Value:
    """The value of a JSON text, parts of which may be unknown."""
    value = convert.text(arguments[0])
    if isinstance(value, DocumentText):
        return in_provider_order(value.of)
    if isinstance(value, JsonText):
        return value.of
    if isinstance(value, Known):
        text = str(convert.scalar_text(value.value))
        context.work.step(len(text) // 10)
        try:
            return convert.value_of(_json(text), context.place)
        except (ValueError, RecursionError):
            raise Fault("the text is not JSON") from None
    found = from_json_text(value)
    if not isinstance(found, JsonText):
        raise NotKnown("the text is not JSON before it is known")
    return open_keys.in_turn(found.of, context.work.step)


def _json(text: str) -> object:
    """
    The value of a JSON text.

    Raises:
        ValueError: it is none.
        NotKnown: readers take it for different values.
    """
    if _SURROGATE.search(text):
        raise NotKnown("what becomes of half a character is not known")
    return json.loads(
        text, parse_constant=_no_constant, parse_int=_number, parse_float=_number, object_pairs_hook=_object
    )


#: Half of a character of JSON, which may be one with the next one.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def _number(text: str) -> float:
    found = number(text)
    if found is None:
        raise NotKnown("the number has more digits than are kept")
    return found


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len({unicodedata.normalize("NFC", key) for key in found}) < len(found):
        raise NotKnown("which of two keys that look the same is taken is not known")
    return found


def _no_constant(name: str) -> object:
    raise ValueError(name)


@function(1)
def yamlencode(context: Context, arguments: Sequence[Value]) -> Value:
    """YAML text, of which it is known what it says."""
    found = context.unknown()
    is_structure = isinstance(arguments[0], (Fields, Items))
    return YamlText(found, arguments[0]) if is_structure and isinstance(found, Symbol) and not found.budget else found


@function(1)
def yamldecode(context: Context, arguments: Sequence[Value]) -> Value:
    """The value of a YAML text."""
    if isinstance(arguments[0], YamlText):
        return arguments[0].value
    try:
        found = _from_yaml(convert.plain(convert.text(arguments[0])))
    except (ValueError, TypeError) as error:
        raise Fault(str(error).lower()) from None
    if isinstance(found, str):
        context.work.write(len(found))
    return convert.value_of(found, context.place)


def _from_yaml(text: str) -> object:
    """
    What a YAML text says.

    Raises:
        ValueError: it is none.
        NotKnown: readers take it for different things.
    """
    # Few configurations read YAML.
    import yaml

    if re.search("^%", text, re.MULTILINE):
        raise NotKnown("directives of YAML are not read")
    if len(text) > MAX_TEXT:
        raise OverBudget(f"{BUDGET}: characters of one text ({MAX_TEXT})")
    try:
        node = yaml.compose(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        if node is None:
            raise ValueError("the text has no document")
        return _yaml(node, (), [_MAX_YAML])
    except (yaml.YAMLError, RecursionError):
        raise ValueError("the text is not YAML") from None


#: Plain words that are no texts, in lower case, capitals or with a capital: as Terraform's reader has them, which is
#: one of YAML 1.1. https://github.com/zclconf/go-cty-yaml
_YAML_WORDS: dict[str, object] = {
    "": None,
    "~": None,
    "null": None,
    **dict.fromkeys(("true", "yes", "y", "on"), True),
    **dict.fromkeys(("false", "no", "n", "off"), False),
}
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
#: Numbers to it in other bases: with a sign, capitals or underscores they are texts, and so are minutes and hours.
_OTHER_BASE = re.compile(r"0x[0-9a-fA-F]{1,13}|0o[0-7]{1,17}")
#: A number that begins with a zero and is none of base eight: some versions read the others so.
_FROM_ZERO = re.compile(r"0(?=\d*[89])\d{1,14}")
_HOURS = re.compile(r"\d{1,2}(?::[0-5]\d)+")


_PLAIN_DATE = re.compile(r"[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])")
#: How many values a text of YAML may stand for, its aliases written out.
_MAX_YAML = 100_000
_TEXT = "tag:yaml.org,2002:str"
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
#: Of mappings and sequences.
_KINDS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_MERGE = "tag:yaml.org,2002:merge"


def _yaml(node: Any, inside: tuple[int, ...], left: list[int]) -> object:
    """
    The value of a node; what two readers of YAML take for different values is not known.

    Args:
        inside: the nodes around it.
        left: how many more values there may be.
    """
    if node is None:
        return None
    left[0] -= 1
    if left[0] < 0:
        raise OverBudget(f"{BUDGET}: values of a text of YAML ({_MAX_YAML})")
    if id(node) in inside:
        raise ValueError("an alias is inside of what it stands for")
    around = (*inside, id(node))
    if node.id != "scalar" and node.tag not in _KINDS:
        raise NotKnown(f"what YAML makes of {node.tag} is not known")
    if node.id == "mapping":
        return _mapping(node, around, left)
    if node.id == "sequence":
        return [_yaml(item, around, left) for item in node.value]
    text = str(node.value)
    if node.style in ("'", '"', "|", ">"):
        if node.tag != _TEXT:
            raise NotKnown(f"what YAML makes of {node.tag} is not known")
        return text
    is_tagged = node.end_mark.index - node.start_mark.index > len(text)
    if node.tag == _TEXT and is_tagged and (text.lower() in _YAML_WORDS or _PLAIN_NUMBER.fullmatch(text)):
        return text
    if text.lower() in _YAML_WORDS and text in (text.lower(), text.upper(), text.title()):
        return _YAML_WORDS[text.lower()]
    if node.tag in _NUMBERS and _PLAIN_NUMBER.fullmatch(text):
        found = number(text)
        if found is None:
            raise NotKnown("the number has more digits than are kept")
        return found
    if not is_tagged and (read := _as_terraform(text)) is not None:
        return read
    if node.tag != _TEXT or text[:1] in "0123456789.+-=<":
        raise NotKnown(f"what YAML makes of {text} is not known")
    return text


def _as_terraform(text: str) -> int | str | None:
    """What Terraform alone makes of a word that begins with a digit; None for another."""
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _FROM_ZERO.fullmatch(text):
        return int(text)
    if _PLAIN_DATE.fullmatch(text):
        # A day is a time to it, and a time a text: https://github.com/zclconf/go-cty-yaml
        return f"{text}T00:00:00Z"
    return text if _HOURS.fullmatch(text) else None


def _key(found: object) -> str:
    """The key of a map that a key of YAML is."""
    if found is None:
        raise NotKnown("what YAML makes of a key that is null is not known")
    if isinstance(found, (dict, list)):
        raise NotKnown("what YAML makes of a key that has parts is not known")
    return str(found).lower() if isinstance(found, bool) else str(found)


def _mapping(node: Any, around: tuple[int, ...], left: list[int]) -> dict[str, object]:
    """A mapping with what is merged into it: what stands below a merge key wins over that, to every reader."""
    found: dict[str, object] = {}
    for key, value in node.value:
        if key.tag != _MERGE:
            name = _key(_yaml(key, around, left))
            found[name] = _yaml(value, around, left)
            continue
        for one in value.value if value.id == "sequence" else (value,):
            more = _yaml(one, around, left)
            if not isinstance(more, dict):
                raise ValueError("a merge key takes a mapping or a list of mappings")
            for name, inner in more.items():
                if name in found and found[name] != inner:
                    raise NotKnown(f"which {name} a merge key leaves is not known")
            found.update(more)
    return found


#: Fields that are quoted in whole, or have no quotation mark.
_QUOTED = re.compile(r'(?:(?:"[^"]*(?:""[^"]*)*"|[^",\n]*)(?:[,\n]|\Z))*')


@of_known("text")
def csvdecode(text: str) -> list[dict[str, str]]:
    lines = text.replace("\r\n", "\n")
    if "\r" in lines or ('"' in lines and not _QUOTED.fullmatch(lines)):
        raise NotKnown("what readers of CSV make of the text is not known")
    try:
        rows = [row for row in csv.reader(io.StringIO(lines, newline="\n"), strict=True) if row]
    except csv.Error:
        raise ValueError("the text is not CSV") from None
    if not rows:
        raise ValueError("the text has no header")
    if len(set(rows[0])) < len(rows[0]):
        raise ValueError("two columns have one name")
    if any(len(row) != len(rows[0]) for row in rows):
        raise ValueError("a row has another number of fields than the header")
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


@of_known("text")
def base64encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@of_known("text")
def base64decode(text: str) -> str:
    return base64.b64decode(re.sub("[\r\n]", "", text), validate=True).decode()


def _digest(name: str, *, encoded: bool = False) -> None:
    def made(text: str) -> str:
        found = hashlib.new(name, text.encode(), usedforsecurity=False)
        return base64.b64encode(found.digest()).decode() if encoded else found.hexdigest()

    of_known("text", f"base64{name}" if encoded else name)(made)


for _name in ("md5", "sha1", "sha256", "sha512"):
    _digest(_name)
for _name in ("sha256", "sha512"):
    _digest(_name, encoded=True)

_NAMESPACES = {
    "dns": uuid.NAMESPACE_DNS,
    "oid": uuid.NAMESPACE_OID,
    "url": uuid.NAMESPACE_URL,
    "x500": uuid.NAMESPACE_X500,
}


_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@of_known("text text")
def uuidv5(namespace: str, name: str) -> str:
    if namespace not in _NAMESPACES and _UUID.fullmatch(namespace) is None:
        raise NotKnown("a namespace is read in its usual form")
    return str(uuid.uuid5(_NAMESPACES.get(namespace) or uuid.UUID(namespace), name))
