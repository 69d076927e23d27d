"""
A repair: an instance whose profile is replaced would go on saying the former one.

All of it is internal to moto 5.2, which is pinned; a test holds it to that.
"""

from __future__ import annotations

from functools import wraps
from typing import Any


def follow_replaced_profiles() -> None:
    """Let an instance have the profile with which its association is replaced."""
    from moto.ec2.models.iam_instance_profile import IamInstanceProfileAssociationBackend as Backend

    real = Backend.replace_iam_instance_profile_association
    if hasattr(real, "__wrapped__"):
        return

    @wraps(real)
    def replaced(backend: Any, association_id: str, *given: Any, **named: Any) -> Any:
        made = real(backend, association_id, *given, **named)
        profile = {"Arn": made.iam_instance_profile.arn, "Id": association_id}
        backend.modify_instance_attribute(made.instance_id, "iam_instance_profile", profile)
        return made

    setattr(Backend, "replace_iam_instance_profile_association", replaced)  # noqa: B010
