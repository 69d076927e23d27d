"""
Bodies of XML, held to the model of their operation at every depth.

Parts of moto read them by other readers than the gateway does: of an element that is there twice they take another one
or both, of a name the prefix as well, of a text what is left without its spaces. What clients write reads alike in all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers.expat import ExpatError, ParserCreate

from botocore.model import Shape

#: What clients write for values that are no texts.
_FORMS = {
    "boolean": re.compile("true|false"),
    **dict.fromkeys(("integer", "long"), re.compile("-?[0-9]+")),
    **dict.fromkeys(("float", "double"), re.compile("[-+.0-9eE]+|-?INF|NaN")),
}
_NAMESPACE = "xmlns"


@dataclass
class Element:
    """An element of XML; its names are as written, with their prefixes."""

    name: str
    attributes: Mapping[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""


def read(body: bytes) -> Element:
    """
    The element of a body.

    Raises:
        ValueError: it is none, or has what no client writes and each reader takes for something else: comments,
            sections of characters, instructions, declarations of a type or of another encoding.
    """
    parser = ParserCreate("utf-8")
    parser.buffer_text = True
    above = [Element("", {})]

    def start(name: str, attributes: dict[str, str]) -> None:
        above.append(Element(name, attributes))
        above[-2].children.append(above[-1])

    def end(_name: str) -> None:
        above.pop()

    def text(data: str) -> None:
        above[-1].text += data

    def declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() != "utf-8":
            raise ValueError(f"it is written in {encoding}")

    def nothing(*_given: object) -> None:
        raise ValueError("it has a comment, a section, an instruction or a type")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.XmlDeclHandler = declaration
    parser.CommentHandler = parser.ProcessingInstructionHandler = nothing
    parser.StartCdataSectionHandler = parser.StartDoctypeDeclHandler = nothing
    try:
        parser.Parse(body, True)
    except ExpatError:
        raise ValueError("it is no XML") from None
    return above[0].children[0]


def strangers(shape: Shape, element: Element, elsewhere: frozenset[str] = frozenset(), name: str = "") -> Iterator[str]:
    """
    What in a body its model does not have, or not in this form, by its place: `TagSet.Tag.Foo`.

    Args:
        shape: of the model.
        element: what was read.
        elsewhere: members of the shape that are not in a body.
        name: its place.
    """
    place = f"{name}.{element.name}".lstrip(".")
    kind = shape.type_name
    if kind in ("structure", "list", "map") and element.text.strip():
        yield place
    if kind == "structure":
        yield from _of_structure(shape, element, elsewhere, place)
        return
    yield from _of_attributes(element, place)
    if kind == "list":
        yield from _of_items(shape.member, shape.member.serialization.get("name", "member"), element, place)
    elif kind == "map":
        for entry in element.children:
            if entry.name != "entry":
                yield f"{place}.{entry.name}"
            yield from _of_pair(shape, entry, place)
    elif element.children or not _is_written(kind, element.text):
        yield place


def _of_structure(shape: Shape, element: Element, elsewhere: frozenset[str], place: str) -> Iterator[str]:
    members: dict[str, Shape] = {}
    several, attributes = set(), set()
    for member, one in shape.members.items():
        said = str(one.serialization.get("name", member))
        if member in elsewhere:
            continue
        if one.serialization.get("xmlAttribute"):
            attributes.add(said)
            continue
        if one.serialization.get("flattened") and one.type_name in ("list", "map"):
            if one.type_name == "list":
                said = str(one.member.serialization.get("name", said))
            several.add(said)
        elif said in several:
            # The one of it that an older model had: S3's `Event` of `Events`.
            continue
        members[said] = one
    yield from _of_attributes(element, place, frozenset(attributes))
    for said, count in Counter(child.name for child in element.children).items():
        if said not in members or (count > 1 and said not in several):
            yield f"{place}.{said}"
    for child in element.children:
        one = members.get(child.name)
        if one is None:
            continue
        if child.name not in several:
            yield from strangers(one, child, name=place)
        elif one.type_name == "map":
            yield from _of_pair(one, child, place)
        else:
            yield from strangers(one.member, child, name=place)


def _of_items(shape: Shape, said: str, element: Element, place: str) -> Iterator[str]:
    for child in element.children:
        if child.name != said:
            yield f"{place}.{child.name}"
        yield from strangers(shape, child, name=place)


def _of_pair(shape: Shape, element: Element, place: str) -> Iterator[str]:
    """A key and its value."""
    place = f"{place}.{element.name}"
    said = {
        shape.key.serialization.get("name", "key"): shape.key,
        shape.value.serialization.get("name", "value"): shape.value,
    }
    if sorted(child.name for child in element.children) != sorted(said):
        yield place
        return
    for child in element.children:
        yield from strangers(said[child.name], child, name=place)


def _of_attributes(element: Element, place: str, known: frozenset[str] = frozenset()) -> Iterator[str]:
    for name in element.attributes:
        if name not in known and name != _NAMESPACE and not name.startswith(f"{_NAMESPACE}:"):
            yield f"{place}@{name}"


def _is_written(kind: str, text: str) -> bool:
    """Whether a value is written as clients do."""
    form = _FORMS.get(kind)
    return text == text.strip() if form is None else form.fullmatch(text) is not None
