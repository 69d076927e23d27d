"""
What templates name and do not hold, as a report says that nobody has looked into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from os.path import abspath, dirname, join

from trustproof.inputs.reader import ExternalTemplate
from trustproof.results.omissions import Omission


def omissions_of(
    external_templates: Mapping[str, Sequence[ExternalTemplate]], names: Sequence[str]
) -> Iterator[Omission]:
    """
    The resources whose own templates are not in the input, and then what else is not looked into.

    Args:
        external_templates: by the name of the template that names them.
        names: the templates of the input.
    """
    there = {abspath(name) for name in names} if external_templates else set()
    for name, resources in external_templates.items():
        for one in resources:
            # Before it is packaged, a template names another one by its path.
            if not one.which and (not one.location or abspath(join(dirname(name), one.location)) not in there):
                yield _omission(name, one)._replace(is_elsewhere=True)
    yield from (_omission(name, one) for name, found in external_templates.items() for one in found if one.which)


def _omission(name: str, one: ExternalTemplate) -> Omission:
    resource = one.logical_id or one.resource
    return Omission(name, one.what, one.which, resource, construct_path=one.construct_path)
