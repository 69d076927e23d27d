"""
What is taken off something is on that, and what is put there in its place is: EC2 refuses the volume of another
instance, and shows the profile that an instance has now.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachVolume.html
"""

from __future__ import annotations

from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.moto.instance_profiles import follow_replaced_profiles
from trustproof.sandbox.moto.resource_tags import instance_of_volume
from trustproof.sandbox.requests.wire import Call


def check(call: Call, account: str) -> None:
    """
    See that a volume is detached from the instance that it is on: moto looks at the name of the device alone.

    Args:
        call: the request, which is allowed.
        account: that it happens in.

    Raises:
        RefusedRequest: it is on another one.
    """
    if (call.service, call.operation) == ("ec2", "ReplaceIamInstanceProfileAssociation"):
        follow_replaced_profiles()
    if (call.service, call.operation) != ("ec2", "DetachVolume"):
        return
    volume, named = str(call.parameters.get("VolumeId")), call.parameters.get("InstanceId")
    there = instance_of_volume(account, call.region, volume)
    if named and there not in (None, named):
        raise RefusedRequest(
            f"The volume '{volume}' is not attached to instance '{named}'", "InvalidAttachment.NotFound"
        )
