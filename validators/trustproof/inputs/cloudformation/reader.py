"""
CloudFormation templates, as a kind of input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trustproof.errors import InputError
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.inputs.cloudformation.values.language_extensions import refused_function
from trustproof.inputs.reader import Reader
from trustproof.inputs.settings import Settings
from trustproof.inputs.text.source import Source

#: What a text that is to be a template holds, even where it cannot be parsed.
_SIGNS = ("AWSTemplateFormatVersion", "Resources:", '"Resources"', "Resources :")


class TemplateReader:
    """
    Reads CloudFormation templates, JSON or YAML.
    """

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How the names of templates end, in a directory."""
        return (".json", ".template", ".yaml", ".yml")

    def reads(self, content: object) -> bool:
        """Whether a file's content has the shape of a CloudFormation template."""
        return isinstance(content, Mapping) and (
            isinstance(content.get("Resources"), Mapping) or "AWSTemplateFormatVersion" in content
        )

    def resembles(self, text: str) -> bool:
        """Whether a text that cannot be parsed looks like a template."""
        return any(sign in text for sign in _SIGNS)

    def refusal(self, content: object) -> str:
        """What a file holds instead of a template, and what was expected: a clause for an error."""
        return why_no_template(content)

    def read(self, source: Source, content: Mapping[str, object], settings: Settings) -> Sequence[Template]:
        """
        The one template of a file's content.

        Raises:
            InputError: a pinned parameter has a value that the template does not admit, or a function needs a transform
                that the template does not ask for.
        """
        found = Template(source, content, Deployment(settings.account, settings.region, None, settings.parameters))
        refused = refused_function(found.data, source.text)
        if refused is not None:
            raise InputError(*found.locate(refused[1]).said(refused[0], found.name))
        return (found,)


READER: Reader = TemplateReader()


def why_no_template(content: object) -> str:
    """What a file holds instead of a template, and what was expected: a clause for an error."""
    expected = "expected a CloudFormation template: a mapping with Resources"
    if isinstance(content, Mapping):
        if "Resources" in content and not isinstance(content["Resources"], Mapping):
            return f"a mapping with {_kind(content['Resources'])} under Resources, {expected}"
        keys = ", ".join(str(key) for key in list(content)[:4])
        # `aws cloudformation get-template` prints the template with what stages there are of it.
        only = ", as --query TemplateBody prints it alone" if "TemplateBody" in content else ""
        return f"a mapping with {keys or 'no keys'}, {expected}{only}"
    return f"{_kind(content)}, {expected}"


def _kind(content: object) -> str:
    return {list: "a list", str: "text", type(None): "nothing"}.get(type(content), "a single value")
