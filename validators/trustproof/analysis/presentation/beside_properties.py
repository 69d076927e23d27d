"""
What a policy that is a resource of its own is put on, where none of its properties says that: what its reader has put
beside these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.reader import Input
from trustproof.model.document import RESOURCE, Document
from trustproof.model.policy import Path
from trustproof.model.text import Text

#: How the keys begin that a reader adds to a resource.
_OF_READERS = "Trustproof::"
#: The names of what the resource is put on, by the address of each.
_CALLED = f"{_OF_READERS}Called"
#: All that may say what it is put on.
_PUT_ON = f"{_OF_READERS}PutOn"
#: Types of what is a copy of another resource, and put on none.
_COPIES = ("AWS::KMS::ReplicaKey",)
#: Types that people know by their aliases.
_KEYS, _ALIAS = ("AWS::KMS::Key", *_COPIES), "AWS::KMS::Alias"
_NAME = "name"
#: Types of what is a way into a bucket, which has a name and a policy of its own, by the property that names that:
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
_WAYS_INTO = {"AWS::S3::AccessPoint": "Bucket", "AWS::S3Express::AccessPoint": "Bucket"}


def place_of(document: Document) -> Path:
    """The path of the resource that has a policy among its properties; empty for what is in none."""
    # The last ones: a template may stand in the properties of another one.
    behind = document.path[::-1].index("Properties") + 1 if "Properties" in document.path else len(document.path)
    return document.path[: len(document.path) - behind]


def put_on(template: Input, document: Document) -> Mapping[str, object]:
    """What the input says of what a policy of its own is put on, by the arguments or properties that say it."""
    at = place_of(document)
    found = template.put_on(at) if at and document.kind == RESOURCE else None
    return found if isinstance(found, Mapping) else _led_into(template, document)


def _led_into(template: Input, document: Document) -> Mapping[str, object]:
    key = _WAYS_INTO.get(document.resource_type)
    resource = template.written(place_of(document)) if key is not None and place_of(document) else None
    properties = resource.get("Properties") if isinstance(resource, Mapping) else None
    return {str(key): properties[key]} if isinstance(properties, Mapping) and key in properties else {}


def is_way_into(document: Document) -> bool:
    """Whether a policy is that of a way into something else, which has a name of its own."""
    return document.resource_type in _WAYS_INTO


def is_of_its_own(template: Input, document: Document) -> bool:
    """Whether a policy is a resource of its own in the input, though its type is that of what it is put on."""
    resource = template.written(place_of(document)) if document.kind == RESOURCE and place_of(document) else None
    return document.resource_type not in _COPIES and isinstance(resource, Mapping) and _PUT_ON in resource


def called_addresses(template: Input, document: Document) -> Iterator[str]:
    """The addresses of what a policy is put on, as far as its reader knows them, and of aliases of a key."""
    yield from _called(template, document)


def _called(template: Input, document: Document) -> Mapping[str, Mapping[str, object]]:
    at = place_of(document)
    resource = template.written(at) if at and document.kind == RESOURCE else None
    found = resource.get(_CALLED) if isinstance(resource, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def paths_beside(template: Input, document: Document) -> Iterator[Path]:
    """Where a reader has put what says on what a policy stands, and what that is called."""
    at, said = place_of(document), put_on(template, document)
    resource = template.written(at) if at and template.put_on(at) is not None else None
    for key, value in resource.items() if isinstance(resource, Mapping) else ():
        if str(key).startswith(_OF_READERS) and key != _CALLED:
            yield from [(*at, key, name) for name in said] if value == said else [(*at, key)]
    yield from _names_called(template, document)


def _names_called(template: Input, document: Document) -> Iterator[Path]:
    """Where it stands what the resource of a policy is called that has names elsewhere."""
    found = _called(template, document)
    for address, names in found.items():
        yield from ((*place_of(document), _CALLED, address, name) for name in names)
    if document.resource_type not in _KEYS or found:
        return
    around = (*(template.container.path if template.container is not None else ()), "Resources")
    resources = template.written(around)
    for logical_id, resource in resources.items() if isinstance(resources, Mapping) else ():
        properties = resource.get("Properties") if isinstance(resource, Mapping) else None
        if isinstance(properties, Mapping) and resource.get("Type") == _ALIAS:
            named = template.reference(properties.get("TargetKeyId"))
            if named is not None and named[0] == document.logical_id:
                yield (*around, logical_id, "Properties", "AliasName")


def names_beside(template: Input, document: Document) -> Iterator[Text]:
    """The names that a policy of its own says it is put on, and no ARN, URL or reference, and those of what that is."""
    at = place_of(document)
    for key, value in put_on(template, document).items():
        places: list[Path] = [(*at, "Properties", key), (*at, _PUT_ON, key)]
        if isinstance(value, list):
            # A block of Terraform that says a name.
            places = [(*at, _PUT_ON, key, number, _NAME) for number, one in enumerate(value) if isinstance(one, dict)]
        if template.reference(value) is None:
            for place in places:
                yield from (one for one in template.texts_at(place) if _is_name(one))
    for place in _names_called(template, document):
        for name in template.texts_at(place):
            if isinstance(name, str) or any(isinstance(part, str) for part in name.parts):
                yield name


def _is_name(text: Text) -> bool:
    """Whether what a policy is put on is said by a name, of which something may be open, and by no ARN or URL."""
    written = [part for part in ((text,) if isinstance(text, str) else text.parts) if isinstance(part, str)]
    return bool(written) and not any(":" in part for part in written)
