"""
Whether a file is a template, a policy document, or a plan or state of Terraform by its content, whatever its name.

What every template holds is looked for first, with escapes resolved, since that is cheap; then the parser decides. What
is a template but cannot be read as one, as in another encoding or behind another document, is said and not left out.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from trustproof.errors import InputError, TemplateError
from trustproof.files.read import MOST_BYTES
from trustproof.inputs.archives import Member, NotUnpacked, ends_as_zip, is_archive, members
from trustproof.inputs.text.source import Source
from trustproof.inputs.text.yaml import documents

#: The sections of a template, one of which begins it.
_SECTIONS = (
    "AWSTemplateFormatVersion Conditions Description Globals Hooks Mappings Metadata Outputs Parameters Resources "
    "Rules Transform"
).split()
#: A key at the beginning of a line, with what may stand before it: ``? ``, a tag, an anchor.
_KEY = r"""(?:\?\s+|[&!]\S*\s+)*["']?([A-Za-z]+)["']?\s*(?::|$)"""
#: What policy documents have, and no other keys:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
POLICY_ELEMENTS = frozenset(("Version", "Id", "Statement"))
#: What every policy document holds, what plans and states of Terraform do, and what AWS says of an account.
_OTHERS = (
    (b"Statement", b"Effect"),
    (b"format_version", b"terraform_version"),
    (b"terraform_version", b"lineage"),
    (b"RoleDetailList",),
    (b"UserDetailList",),
)
#: What may stand before a key in its line: no more, since a file may be nothing but blank lines.
_MARKS = r"[ \t]*(?:\?[ \t]+|[&!]\S*[ \t]+)*"
#: At the beginning of a line of YAML, anywhere in JSON.
_RESOURCES = rf"""^{_MARKS}["']?Resources["']?[ \t]*(?::|$)|"Resources"\s*:"""
#: The same anywhere in YAML, and how the names of files end in which that is a template.
_RESOURCES_INSIDE = rf"""(?:^|[{{,]){_MARKS}["']?Resources["']?[ \t]*(?::|$)"""
_NAMES = (".json", ".yaml", ".yml", ".template", ".cfn", ".tpl")
#: The most characters of the name of a member that is shown, from its end.
_MOST_OF_A_NAME = 200
#: How JSON and YAML write a character by its number, and how YAML breaks a line inside a text.
_ESCAPE = r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(?:\r\n|[\r\n\x85\u2028\u2029])[ \t]*)"
_IS_ESCAPED = rb"\\[xuU\r\n\xc2\xe2]"
_COMMENT = r"/\*.*?\*/"
#: Directives of Terraform's templates: https://developer.hashicorp.com/terraform/language/expressions/strings#directives
_DIRECTIVE = re.compile(r"(?<!%)%\{~?\s*(?:if|for|else|endif|endfor)\b")
#: Encodings in which every other byte of a text, or more, is NUL.
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")


def looks_like_template(path: str) -> bool:
    """Whether a file is a template by its content, or tries to be one; of files with another name, most are not."""
    found = _look(path)
    return found is not None and not found.is_other


class _Found(NamedTuple):
    """
    What a file is by its content.
    """

    #: Why it cannot be read; empty where it can.
    why_not: str
    #: Whether it is no template, and something else that is read.
    is_other: bool = False


def look(path: str) -> str | None:
    """
    What a file is by its content: None for nothing, an empty text for what can be read, else why it cannot.
    """
    found = _look(path)
    return None if found is None else found.why_not


def _look(path: str) -> _Found | None:
    try:
        size = os.path.getsize(path)
        if not size:
            return None
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES)
            unpacks_itself = ends_as_zip(file, size)
    except OSError:
        # Nobody knows what it holds.
        return _Found("it cannot be read")
    if unpacks_itself or is_archive(content[:512], path):
        return _in_archive(path)
    if size > MOST_BYTES:
        # A text of this length is hardly anything that somebody has written.
        is_text = b"\0" not in content and _is_text(content[:65536])
        return _Found(f"it is longer than {MOST_BYTES} bytes") if is_text or _may_be_one(content) else None
    if _is_notebook(content):
        return _Found("", True)
    if not _may_be_one(content):
        return None
    why = "it looks like a template, and is not UTF-8 without NUL"
    if b"\0" in content:
        return _Found(why) if any(map(_is_template, _decoded(content))) else None
    return _why_not_read(content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace"))


def _in_archive(path: str) -> _Found | None:
    """Whether a template is in an archive; nobody reads it there, and many archives hold code alone."""
    try:
        for member in members(path):
            if member.name == "tfplan" or member.name.startswith("tfconfig/m-"):
                return _Found("it is a saved plan of Terraform: give what terraform show -json writes of it")
            if _is_packed_template(member):
                return _Found(f"it is an archive, and {_called(member.name)} in it looks like a template")
    except NotUnpacked as why:
        return _Found(f"it is an archive, and {why}")
    return None


def _called(name: str) -> str:
    # A name is bytes that need not be a text.
    text = name.encode("utf-8", "replace").decode()
    return text if len(text) <= _MOST_OF_A_NAME else f"…{text[-_MOST_OF_A_NAME:]}"


def _is_packed_template(member: Member) -> bool:
    """
    Whether a member is a template: by its text where that is not JSON, since all of an archive parsed as YAML would
    take too long.
    """
    if not _may_be_one(member.content):
        return False
    content = member.content.removeprefix(b"\xef\xbb\xbf")
    texts = _decoded(content) if b"\0" in content else (content.decode("utf-8", "replace"),)
    return any(_is_written_as_one(text, member.name.lower().endswith(_NAMES)) for text in texts)


def _is_written_as_one(text: str, is_named_so: bool) -> bool:
    try:
        return _has_sections(json.loads(text))
    except (ValueError, RecursionError):
        if resembles_template(text):
            return True
        return is_named_so and re.search(_RESOURCES_INSIDE, unescape(text), re.MULTILINE) is not None


def _may_be_one(content: bytes) -> bool:
    """Whether something holds what every template holds: the name of a section, and of a type of AWS's."""
    bare = content.replace(b"\0", b"") if b"\0" in content else content
    if b"AWS::" in bare and (b"Resources" in bare or b"AWSTemplateFormatVersion" in bare):
        return True
    if any(all(key in bare for key in keys) for keys in _OTHERS):
        return True
    if re.search(_IS_ESCAPED, bare) is None:
        return False
    text = unescape(bare.decode("utf-8", "replace"))
    found = "AWS::" in text and ("Resources" in text or "AWSTemplateFormatVersion" in text)
    return found or any(all(key.decode() in text for key in keys) for keys in _OTHERS)


def _is_notebook(content: bytes) -> bool:
    """Whether a file is a notebook of Jupyter's, in whose cells a template may stand in pieces."""
    return (
        content.lstrip().startswith(b"{")
        and b'"nbformat"' in content
        and "\ufffd" not in content.decode("utf-8", "replace")
    )


def _is_no_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return True
    return False


def _is_text(content: bytes) -> bool:
    # The last character may be cut off.
    return "\ufffd" not in content.decode("utf-8", "replace")[:-4]


def _decoded(content: bytes) -> Iterator[str]:
    """What a content with NUL in it may mean as a text."""
    yield content.replace(b"\0", b"").decode("utf-8", "replace")
    for encoding in _WIDE:
        yield content.decode(encoding, "replace").removeprefix("\ufeff").replace("\0", "")


def _is_template(text: str) -> bool:
    return _why_not_read(text) is not None


def _why_not_read(text: str) -> _Found | None:
    """Why a text that may be a template cannot be read as one, if it cannot; None where it is none."""
    try:
        content = Source("", text).load()
    except TemplateError as error:
        if any(_has_sections(one) for one in documents(text)) or resembles_template(text):
            # Another program fills it in before it is a template, or takes one document of several.
            return _Found(f"it looks like a template, and {error.message}")
        return None
    except InputError as error:
        return _Found(f"it looks like a template, and {error.message}")
    if _has_sections(content):
        return _Found("")
    return _Found("", True) if _is_other(content) else None


def _is_other(content: object) -> bool:
    """Whether the content of a file is a policy document, a plan or state of Terraform, or details of an account."""
    if not isinstance(content, dict):
        return False
    if "Statement" in content:
        statements = content["Statement"] if isinstance(content["Statement"], list) else [content["Statement"]]
        return set(content) <= POLICY_ELEMENTS and any(isinstance(one, dict) and "Effect" in one for one in statements)
    # Who reads them tells which of them it is.
    if "RoleDetailList" in content or "UserDetailList" in content:
        return True
    return "terraform_version" in content and ("format_version" in content or "lineage" in content)


def _has_sections(content: object) -> bool:
    return isinstance(content, dict) and (
        isinstance(content.get("Resources"), dict) or "AWSTemplateFormatVersion" in content
    )


def unescape(text: str) -> str:
    """A text with the characters in it that JSON and YAML may write by their numbers, and without NUL."""

    def character(match: re.Match[str]) -> str:
        number = int(next(filter(None, match.groups()), "0"), 16)
        return chr(number) if 0 < number < 0x110000 else ""

    return re.sub(_ESCAPE, character, text).replace("\0", "")


def resemblance(text: str) -> str:
    """What a text that cannot be parsed looks like, for a reason; empty where that is nothing that is read."""
    if resembles_template(text):
        return "a template"
    return "something with a policy in it" if '"Statement"' in text and '"Effect"' in text else ""


def is_broken_notebook(text: str) -> bool:
    """Whether a text that is no JSON to us may be a notebook to Jupyter, with something of AWS's in it."""
    return '"nbformat"' in text and ("AWS::" in text or '"Statement' in text or '\\"Statement' in text)


def has_directives(text: str) -> bool:
    """Whether `templatefile` of Terraform's has to fill in a text before it is anything."""
    return _DIRECTIVE.search(text) is not None


def is_filled_in(text: str) -> bool:
    """
    Whether a text of JSON is one only after `templatefile` of Terraform's has filled it in: values that stand in no
    quotation marks are written ``${…}``.
    """
    filled = _BARE.sub(lambda found: "null" if found[0].startswith("$") else found[0], text)
    if filled == text or resembles_template(text):
        return False
    try:
        json.loads(filled)
    except (ValueError, RecursionError):
        return False
    return True


#: A text of JSON, or an interpolation outside of one.
_BARE = re.compile(r'"(?:[^"\\]|\\.)*"|\$\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\}')


def begins_as_other(text: str) -> bool:
    """Whether a text that cannot be parsed begins with a key of YAML that no policy document has."""
    for line in text.splitlines():
        bare = line.strip()
        if bare and not bare.startswith(("#", "---", "{{", "{%")):
            key = re.match(_KEY, bare)
            return key is not None and key[1] not in POLICY_ELEMENTS
    return False


def resembles_template(text: str) -> bool:
    """
    Whether a text is written as a CloudFormation template, whether or not it can be parsed.

    It has a section ``Resources`` and names a type of AWS's, and what stands in front of its first section is blank,
    a comment, a bracket, or an instruction of a program that fills templates in (``{% … %}``).
    """
    text = re.sub(_COMMENT, "", unescape(text), flags=re.DOTALL)
    if "AWS::" not in text or re.search(_RESOURCES, text, re.MULTILINE) is None:
        return False
    for line in text.splitlines():
        bare = line.strip().lstrip("{").strip()
        if not bare or bare.startswith(("#", "//", "---", "%", "! ")):
            continue
        key = re.match(_KEY, bare)
        return key is not None and key[1] in _SECTIONS
    return False
