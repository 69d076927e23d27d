"""
The services that stand behind the resources of a stack.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.session import get_session

from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.cloudformation.errors import RefusedRequest
from trustproof.sandbox.moto.cloudformation import read_object, ssm_parameter, zones
from trustproof.sandbox.moto.iam import iam_backends
from trustproof.sandbox.organization import Organization


@cache
def _partition(region: str) -> str:
    return str(get_session().get_partition_for_region(region))


class Cloud:
    """
    IAM, S3 and SSM of every account.

    Args:
        organization: the accounts and their units.
        state: of the sandbox, by which services ask about roles; one of its own where it is None.
    """

    def __init__(self, organization: Organization, state: State | None = None) -> None:
        self.organization = organization
        self.state: State = state or State(organization)

    def partition(self, region: str) -> str:
        """The partition of a Region."""
        return _partition(region)

    def url_suffix(self, region: str) -> str:
        """The domain of AWS in the partition of a Region."""
        return "amazonaws.com.cn" if self.partition(region) == "aws-cn" else "amazonaws.com"

    def iam(self, account: str, partition: str) -> Any:
        """IAM of an account."""
        return iam_backends[account][partition]

    def ssm_parameter(self, account: str, region: str, name: str) -> tuple[str, str] | None:
        """The value and the type of an SSM parameter; None when there is none."""
        return ssm_parameter(account, region, name)

    def zones(self, region: str) -> list[str]:
        """The availability zones of a Region."""
        return zones(region)

    def read_template(self, account: str, region: str, url: str) -> str:
        """
        The text of a template in a bucket.

        Raises:
            RefusedRequest: when the address is none of a bucket, or nothing is there.
        """
        parts = urlsplit(url)
        path = unquote(parts.path).lstrip("/")
        host = parts.hostname or ""
        if ".s3" in host and host.split(".s3")[0]:
            bucket, key = host.split(".s3")[0], path
        else:
            # Path style, which is also what the sandbox's own address has.
            bucket, _, key = path.partition("/")
        if not bucket or not key or parts.scheme not in ("http", "https"):
            raise RefusedRequest("TemplateURL must be a supported URL.")
        content = read_object(account, self.partition(region), bucket, key)
        if content is None:
            raise RefusedRequest("S3 error: The specified key does not exist.")
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise RefusedRequest("Template format error: the template is not UTF-8") from None
