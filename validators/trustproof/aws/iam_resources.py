"""
What actions of IAM are about, where the reference says less than the pages of the actions, or than what AWS refuses.
"""

from __future__ import annotations

#: What IAM lists below a path, by the lower-cased operation: the reference has no types for these, and what AWS refuses
#: is about the path that is listed (``arn:aws:iam::111122223333:role/``), so that an entry like ``role/*`` allows it.
LISTED = {
    "listgroups": "group",
    "listinstanceprofiles": "instance-profile",
    "listopenidconnectproviders": "oidc-provider",
    "listroles": "role",
    "listsamlproviders": "saml-provider",
    "listservercertificates": "server-certificate",
    "listusers": "user",
    "listvirtualmfadevices": "mfa",
}
#: By the lower-cased action: the types of what it is about, and whether each request is about one.
#: Where the pages of the actions say more than the reference: `DeleteVirtualMFADevice` is always about a device, and
#: two actions are not listed. https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
BESIDE_THE_REFERENCE: dict[str, tuple[tuple[str, ...], bool]] = {
    "deletevirtualmfadevice": (("mfa", "sms-mfa"), True),
    "updatedelegationrequest": (("delegation-request",), True),
    "updateopenidconnectprovider": (("oidc-provider",), True),
    **{action: ((type_,), False) for action, type_ in LISTED.items()},
}
