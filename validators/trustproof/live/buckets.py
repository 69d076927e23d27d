"""
What opens a bucket beside its policy: access control lists, who owns its objects, and what keeps the public out.

Where a template says nothing of these, a bucket is expected as S3 makes it since April 2023, which a proof takes
for granted: lists are off, and the public is kept out.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from trustproof.live.account import LiveAccount
from trustproof.live.errors import CannotCheck
from trustproof.live.policy_comparison import DIFFERS, SAME, UNKNOWN, Comparison, cannot_compare

TYPE = "AWS::S3::Bucket"
BLOCK = "PublicAccessBlockConfiguration"

_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
#: With it no list has a say: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
_ENFORCED = "BucketOwnerEnforced"
#: What holds for a bucket where nobody has set it, which is older.
_OLD = "ObjectWriter"
_UNSAID = "nothing, and S3 makes buckets with {} since April 2023"
#: Whom S3 calls the public: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#specifying-grantee
_PUBLIC = ("AllUsers", "AuthenticatedUsers")
#: What lists that a template names let others in to; where it is not said whom, it is not here.
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
_CANNED = {
    "Private": "",
    "BucketOwnerRead": "",
    "BucketOwnerFullControl": "",
    "PublicRead": "READ to AllUsers",
    "PublicReadWrite": "READ to AllUsers, WRITE to AllUsers",
    "AuthenticatedRead": "READ to AuthenticatedUsers",
    "LogDeliveryWrite": "READ_ACP to LogDelivery, WRITE to LogDelivery",
}


class BucketAccess(NamedTuple):
    """
    What a template says of a bucket.
    """

    name: str
    region: str
    #: Setting against public access to `true` or `false`; None where it says nothing of them.
    blocks: Mapping[str, str] | None
    #: The setting of Object Ownership; None where it says nothing.
    ownership: str | None
    #: The list that it names.
    canned_list: str

    @property
    def subject(self) -> str:
        """What it is called."""
        return f"bucket {self.name}"

    def compare(self, account: LiveAccount) -> Comparison:
        """Compare with what is deployed."""
        try:
            differences, doubts = self._differences(account)
        except CannotCheck as error:
            return cannot_compare(error)
        if differences:
            return Comparison(DIFFERS, tuple(differences))
        return Comparison(UNKNOWN, tuple(doubts)) if doubts else Comparison(SAME)

    def _differences(self, account: LiveAccount) -> tuple[list[str], list[str]]:
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetPublicAccessBlock.html
        answer = self._asked(account, "GetPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration")
        blocks = public_access_blocks(answer.get(BLOCK))
        wanted = self.blocks or dict.fromkeys(_BLOCKS, "true")
        differences = [
            _line(name, wanted[name] if self.blocks else _UNSAID.format("true"), blocks[name])
            for name in _BLOCKS
            if wanted[name] != blocks[name]
        ]
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketOwnershipControls.html
        answer = self._asked(account, "GetBucketOwnershipControls", "OwnershipControlsNotFoundError")
        ownership = _ownership(answer.get("OwnershipControls")) or _OLD
        expected = self.ownership or (_ENFORCED if _CANNED.get(self.canned_list) == "" else ownership)
        if ownership != expected:
            differences.append(_line("ObjectOwnership", self.ownership or _UNSAID.format(_ENFORCED), ownership))
        if ownership == _ENFORCED:
            return differences, []
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html
        acl = self._asked(account, "GetBucketAcl")
        ignored = _PUBLIC if blocks["IgnorePublicAcls"] == "true" else ()
        found = {grant for grant in _grants(acl) if not grant.endswith(ignored)}
        if self.canned_list not in _CANNED:
            return differences, [f"whom the access control list {self.canned_list} lets in is not known here"]
        listed = {grant for grant in _CANNED[self.canned_list].split(", ") if grant and not grant.endswith(ignored)}
        if found != listed:
            differences.append(_line("access control list", _shown(listed), _shown(found)))
        return differences, []

    def _asked(self, account: LiveAccount, operation: str, *absent: str) -> dict[str, Any]:
        return account.call("s3", operation, {"Bucket": self.name}, self.region, absent) or {}


def bucket_access(physical_id: str, properties: Mapping[str, Any], _account: str, region: str) -> BucketAccess:
    """
    What a resource of a template says of a bucket.

    Raises:
        RefusedRequest: what it says is not known.
    """
    return BucketAccess(
        physical_id,
        region,
        public_access_blocks(properties[BLOCK]) if BLOCK in properties else None,
        _ownership(properties.get("OwnershipControls")),
        str(properties.get("AccessControl") or "Private"),
    )


def public_access_blocks(given: Mapping[str, Any] | None) -> dict[str, str]:
    """The settings against public access, which are off where nothing is said: `true` or `false`."""
    return {name: str((given or {}).get(name, False)).lower() for name in _BLOCKS}


def _ownership(controls: Mapping[str, Any] | None) -> str | None:
    for rule in (controls or {}).get("Rules") or ():
        return str(rule["ObjectOwnership"])
    return None


def _grants(acl: Mapping[str, Any]) -> Iterator[str]:
    """Whom a list lets in to what, besides the owner of the bucket."""
    owner = (acl.get("Owner") or {}).get("ID")
    for grant in acl.get("Grants") or ():
        grantee = grant.get("Grantee") or {}
        if "ID" in grantee and grantee["ID"] == owner:
            continue
        who = str(grantee.get("URI", "")).rpartition("/")[2] or f"canonical user {grantee.get('ID')}"
        yield f"{grant.get('Permission')} to {who}"


def _line(name: str, wanted: str, found: str) -> str:
    return f"{name}: template: {wanted}; deployed: {found}"


def _shown(grants: set[str]) -> str:
    return ", ".join(sorted(grants)) or "nobody but the owner"
