"""
Whether keys of the sandbox count in the Region that a request is signed for.

https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
"""

from __future__ import annotations

from trustproof.aws.partitions import is_region, partition_of, regions_in
from trustproof.sandbox.credentials.credentials import PARTITION, invalid_token
from trustproof.sandbox.errors import Undecided

#: Services that say of keys which they do not know that the token is invalid, in the words of `invalid_token`.
_OF_KEYS = ("iam", "sts")


def check(region: str, service: str) -> None:
    """
    Refuse what is signed for another partition, where nobody knows these keys, or for no Region.

    IAM is asked by the signatures of every Region of its partition: that is how clients sign for an endpoint of one's
    own, where AWS would have `us-east-1`.

    Args:
        region: of the signature.
        service: as botocore calls it.

    Raises:
        Refused: `InvalidClientTokenId`.
        Undecided: there is no such Region, or how the service refuses such keys is not known.
    """
    if is_region(region) and partition_of(region) != PARTITION:
        if service in _OF_KEYS:
            raise invalid_token()
        raise Undecided(
            f"the request is signed for {region}, which is in the partition {partition_of(region)}: keys of the sandbox"
            f" are of {PARTITION}"
        )
    if not is_region(region) or region not in regions_in(PARTITION):
        raise Undecided(f"the request is signed for {region}, which is no Region that is known here")
