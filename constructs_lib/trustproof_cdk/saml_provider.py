"""
A SAML 2.0 identity provider whose metadata is looked at before IAM does.
"""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments, saml_metadata
from trustproof_cdk._constructor import construct, renamed_argument


@construct
class SamlProvider(iam.SamlProvider):
    """
    A SAML 2.0 identity provider in IAM.

    Everyone whom it vouches for can be let in by a role that trusts it, so its metadata is the root of that trust. What
    can be seen without a network is checked here: that it is metadata of an identity provider, that it has a
    certificate to sign with, and that people sign in over HTTPS.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml.html

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        metadata: the text of the metadata document, as the identity provider exports it.
        name: default: a name made by CloudFormation.
        provider_name: the name of `name` before; deprecated.

    Raises:
        ValueError: not metadata of an identity provider, or an argument that IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        metadata: str,
        name: str | None = None,
        provider_name: str | None = None,
    ) -> None:
        name = renamed_argument(name, "name", provider_name, "provider_name")
        super().__init__(
            scope,
            construct_id,
            metadata_document=iam.SamlMetadataDocument.from_xml(saml_metadata.checked(metadata)),
            name=arguments.optional(name, "name", _provider_name),
        )


def _provider_name(value: str, argument: str) -> str:
    accepted = "1 to 128 letters, digits or any of _.-"
    return arguments.until_looked_up(arguments.matching(value, argument, r"[\w.-]{1,128}", accepted))
