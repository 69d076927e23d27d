"""
Functions that read texts which are encoded as bytes: of URLs, of other character sets, compressed.

https://developer.hashicorp.com/terraform/language/functions/textdecodebase64
"""

from __future__ import annotations

import base64
import re
import zlib
from urllib.parse import unquote_to_bytes

from trustproof.inputs.terraform.configuration.evaluation.functions.registry import of_known
from trustproof.inputs.terraform.configuration.values.work import MAX_TEXT, NotKnown, OverBudget
from trustproof.results.result import BUDGET

#: Character sets that Go and Python read alike, wherever Python reads a text at all. Not UTF-16 without an order of
#: bytes, which Go takes from the text or guesses otherwise.
_CHARACTER_SETS = {
    "iso-8859-1": "latin-1",
    "us-ascii": "ascii",
    "utf-8": "utf-8",
    "utf-16be": "utf-16-be",
    "utf-16le": "utf-16-le",
}
#: A percent sign that begins no byte.
_NO_BYTE = re.compile("%(?![0-9A-Fa-f]{2})")
#: How zlib is told of a header of gzip.
_GZIP = 31


@of_known("text")
def urldecode(text: str) -> str:
    """As Go's ``url.QueryUnescape``."""
    if _NO_BYTE.search(text):
        raise ValueError("the text is not one of a URL")
    return _read(unquote_to_bytes(text.replace("+", " ")), "utf-8")


@of_known("text text")
def textdecodebase64(text: str, name: str) -> str:
    return _read(_bytes(text), _character_set(name))


@of_known("text text")
def textencodebase64(text: str, name: str) -> str:
    try:
        return base64.b64encode(text.encode(_character_set(name))).decode()
    except UnicodeEncodeError:
        raise ValueError("the text has characters that the character set has not") from None


@of_known("text")
def base64gunzip(text: str) -> str:
    """OpenTofu has it."""
    left, out = _bytes(text), b""
    # What follows one compressed part is another one, and belongs to the text as well.
    while left:
        unpacked = zlib.decompressobj(_GZIP)
        try:
            out += unpacked.decompress(left, MAX_TEXT + 1 - len(out))
        except zlib.error:
            raise NotKnown("the text is not compressed as gzip does it") from None
        if len(out) > MAX_TEXT:
            raise OverBudget(f"{BUDGET}: characters of one text ({MAX_TEXT})")
        if not unpacked.eof:
            raise NotKnown("the compressed text has no end")
        left = unpacked.unused_data
    return _read(out, "utf-8")


def _bytes(text: str) -> bytes:
    return base64.b64decode(re.sub("[\r\n]", "", text), validate=True)


def _character_set(name: str) -> str:
    found = _CHARACTER_SETS.get(name.lower())
    if found is None:
        raise NotKnown("the character set is not one that is read")
    return found


def _read(content: bytes, character_set: str) -> str:
    try:
        return content.decode(character_set)
    except UnicodeDecodeError:
        raise NotKnown("what becomes of bytes that are no characters is not known") from None
