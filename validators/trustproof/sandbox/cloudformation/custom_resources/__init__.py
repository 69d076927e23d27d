"""
Custom resources of the CDK. The sandbox runs no functions: what these functions do it does itself, call by call, with
the role of the function, at its own front door.
"""

from __future__ import annotations

from trustproof.sandbox.cloudformation.custom_resources.bucket_deployments import BucketDeployment
from trustproof.sandbox.cloudformation.custom_resources.bucket_notifications import BucketNotifications
from trustproof.sandbox.cloudformation.custom_resources.cdk_resources import (
    DeletedImages,
    DeletedObjects,
    LogRetention,
    OpenIdConnectProvider,
    RestrictedSecurityGroup,
)

TYPES = (
    BucketDeployment,
    BucketNotifications,
    DeletedImages,
    DeletedObjects,
    LogRetention,
    OpenIdConnectProvider,
    RestrictedSecurityGroup,
)
