"""
The identity providers of an account, with what moto leaves out: what there may be two of, and the audiences of one.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers.html
"""

from __future__ import annotations

from trustproof.sandbox.iam.iam_rules import check_metadata
from trustproof.sandbox.moto.iam import Backend, IamError, OpenIDConnectProvider, SAMLProvider

_LONGEST_URL = 255


class ProvidersBackend(Backend):
    """
    The SAML and OpenID Connect providers of an account.
    """

    def create_saml_provider(self, name: str, saml_metadata_document: str) -> SAMLProvider:
        if name in self.saml_providers:
            raise IamError("EntityAlreadyExists", f"SAMLProvider with name {name} already exists.")
        check_metadata(saml_metadata_document)
        return super().create_saml_provider(name, saml_metadata_document)

    def update_saml_provider(self, saml_provider_arn: str, saml_metadata_document: str) -> SAMLProvider:
        if saml_metadata_document is not None:
            check_metadata(saml_metadata_document)
        return super().update_saml_provider(saml_provider_arn, saml_metadata_document)

    def create_open_id_connect_provider(
        self, url: str, thumbprint_list: list[str], client_id_list: list[str], tags: list[dict[str, str]]
    ) -> OpenIDConnectProvider:
        # https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
        if not url.startswith("https://") or set(url) & set("?#") or len(url) > _LONGEST_URL:
            raise IamError("ValidationError", "Invalid Open ID Connect Provider URL")
        if set(url.removeprefix("https://").split("/")[0]) & set(":@"):
            # A port it should not have; nothing says what becomes of it in ARNs and the names of condition keys.
            raise IamError("NotImplemented", f"whether IAM takes {url} is not known: a host without a port is")
        if any(provider.url == url.removeprefix("https://") for provider in self.open_id_providers.values()):
            raise IamError("EntityAlreadyExists", f"Provider with url {url} already exists.")
        # A list that is passed on is the one that later calls change.
        return super().create_open_id_connect_provider(url, list(thumbprint_list), list(client_id_list), tags)

    def add_client_id(self, arn: str, client_id: str) -> None:
        """Let an OpenID Connect provider accept one more audience."""
        provider = self.get_open_id_connect_provider(arn)
        if client_id not in provider.client_id_list:
            if len(provider.client_id_list) >= 100:
                raise IamError("LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")
            provider.client_id_list.append(client_id)

    def remove_client_id(self, arn: str, client_id: str) -> None:
        """Let an OpenID Connect provider accept one audience less."""
        provider = self.get_open_id_connect_provider(arn)
        provider.client_id_list[:] = [one for one in provider.client_id_list if one != client_id]
