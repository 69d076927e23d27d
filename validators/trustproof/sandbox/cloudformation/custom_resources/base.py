"""
What a custom resource of the CDK is to the sandbox.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from trustproof.sandbox.cloudformation.custom_resources.cdk_functions import CdkFunction, function_behind
from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import DescribedType, Made, Place, Properties

_TOKEN = "ServiceToken"


class CustomResource(DescribedType):
    """A type of resource that a function of the CDK makes, changes and deletes."""

    has_tags = False
    #: The service that the function calls, and by which operations.
    service: ClassVar[str]
    calls: ClassVar[frozenset[str]]
    #: Those that it calls in some releases of the CDK only.
    may_call: ClassVar[frozenset[str]] = frozenset()
    #: What it uses besides the SDK.
    modules: ClassVar[frozenset[str]] = frozenset()

    def check(self, properties: Properties) -> None:
        """See that what the function cannot do without is there; it takes no notice of the rest."""
        for name in sorted({_TOKEN, *self.required} - properties.keys()):
            raise ResourceFailed(f"#: required key [{name}] not found")

    def check_update(self, old: Properties, new: Properties) -> None:
        """The function stays the same one."""
        if old.get(_TOKEN) != new.get(_TOKEN):
            raise ResourceFailed("Modifying service token is not allowed.")

    def create(self, place: Place, properties: Properties) -> Made:
        """Make it, by what the function does."""
        with _failures():
            return self.made(self._function(place, properties), properties)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        """Change it likewise."""
        with _failures():
            return self.changed(self._function(place, new), made, old, new)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        """Delete it likewise."""
        with _failures():
            self.deleted(self._function(place, properties), made, properties)

    def _function(self, place: Place, properties: Properties) -> CdkFunction:
        return function_behind(place, str(properties[_TOKEN]), self.service, self.calls, self.may_call, self.modules)

    # What the function does

    def made(self, function: CdkFunction, properties: Properties) -> Made:
        """What it does when the resource is made: nothing, where nothing is said of it."""
        return Made(str(uuid4()))

    def changed(self, function: CdkFunction, made: Made, old: Properties, new: Properties) -> Made:
        """What it does when the resource is changed in place."""
        return made

    def deleted(self, function: CdkFunction, made: Made, properties: Properties) -> None:
        """What it does when the resource is deleted."""


@contextmanager
def _failures() -> Iterator[None]:
    """Let what the function is refused fail the resource, as it tells CloudFormation."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        said = f"Received response status [FAILED] from custom resource. Message returned: {error}"
        raise ResourceFailed(said) from None


@contextmanager
def without(*codes: str) -> Iterator[None]:
    """
    Take some refusals for none.

    Args:
        codes: of them.
    """
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in codes:
            raise
