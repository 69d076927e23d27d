"""
Projects of CodeBuild: `AWS::CodeBuild::Project`. Nothing is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.resource_type import Place, Properties
from trustproof.sandbox.cloudformation.resources.plain_types import REF, PlainType


class Project(PlainType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codebuild-project.html"""

    name = "AWS::CodeBuild::Project"
    name_property: str | None = "Name"
    service = "codebuild"
    creation = "CreateProject"
    refused: ClassVar[Mapping[str, str]] = {
        "ResourceAccessRole": "what of its builds others may see is not looked at",
        "Triggers": "nobody calls it",
        "Visibility": "what of its builds others may see is not looked at",
    }
    answer = "project"
    told: ClassVar[Mapping[str, str]] = {"Arn": "arn"}
    longest = 150
    create_only: ClassVar[frozenset[str]] = frozenset({"Name"})
    about: ClassVar[Mapping[str, str]] = {"name": REF}
    deletion = "DeleteProject"

    def completed(self, place: Place, properties: Properties) -> dict[str, Any]:
        # moto wants a place also of a source and of artifacts that have none.
        source = {"Location": "none", **(properties.get("Source") or {})}
        artifacts = properties.get("Artifacts") or {}
        if artifacts.get("Type") == "CODEPIPELINE":
            artifacts = {"Location": "none", **artifacts}
        return {**properties, "Source": source, "Artifacts": artifacts}
