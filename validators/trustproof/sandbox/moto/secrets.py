"""
The door to the secrets that moto keeps: made, changed and deleted as a stack does.

All of it is internal to moto 5.2, which is pinned; a test holds each name to what is expected of it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any


def _backend(account: str, region: str) -> Any:
    from moto.secretsmanager.models import secretsmanager_backends

    return secretsmanager_backends[account][region]


def create(
    account: str, region: str, name: str, text: str, given: Mapping[str, Any], tags: list[dict[str, str]]
) -> str:
    """
    Make a secret.

    Args:
        account: of the secret.
        region: of the secret.
        name: of the secret.
        text: what is secret.
        given: `Description` and `KmsKeyId`, where the template has them.
        tags: each with `Key` and `Value`.

    Returns:
        its ARN.
    """
    made = _backend(account, region).create_secret(
        name=name,
        secret_string=text,
        secret_binary=None,
        description=given.get("Description"),
        tags=tags,
        kms_key_id=given.get("KmsKeyId"),
        client_request_token=None,
        replica_regions=[],
        force_overwrite=False,
    )
    return str(json.loads(made)["ARN"])


def update(account: str, region: str, arn: str, text: str | None, given: Mapping[str, Any]) -> None:
    """Change a secret; what is secret stays where the text is None."""
    held = _backend(account, region)
    if text is not None:
        # Without a token moto takes it for the making of another one of that name.
        held.update_secret(arn, secret_string=text, client_request_token=str(uuid.uuid4()))
    held.secrets[arn].kms_key_id = given.get("KmsKeyId")
    held.secrets[arn].description = given.get("Description")


def set_tags(account: str, region: str, arn: str, tags: list[dict[str, str]]) -> None:
    """Let a secret have these tags and no others."""
    _backend(account, region).secrets[arn].tags = tags


def exists(account: str, region: str, arn: str) -> bool:
    """Whether there is such a secret."""
    return arn in _backend(account, region).secrets


def secret_text(account: str, region: str, secret: str, version: str | None, stage: str | None) -> str:
    """
    The text of a secret.

    Args:
        account: of the secret.
        region: of the secret.
        secret: its name or ARN.
        version: its id; None for that of the stage.
        stage: of the version; None for the current one.
    """
    found = _backend(account, region).get_secret_value(secret, version, stage or (None if version else "AWSCURRENT"))
    return str(found["SecretString"])


def set_rotation(account: str, region: str, secret: str, function: str | None, rules: Mapping[str, Any]) -> None:
    """
    Let a secret be rotated by a function, of which nobody calls it; by none where it is None.

    Args:
        account: of the secret.
        region: of the secret.
        secret: its name or ARN.
        function: the ARN.
        rules: `RotationRules` of a template.
    """
    found = _backend(account, region).secrets[secret]
    found.rotation_enabled = function is not None
    found.rotation_requested = found.rotation_requested or found.rotation_enabled
    if function is not None:
        found.rotation_lambda_arn = function
        found.auto_rotate_after_days = int(rules.get("AutomaticallyAfterDays") or 0)


def delete(account: str, region: str, arn: str) -> None:
    """Delete a secret without a window to recover it, as CloudFormation does not; its name is free at once."""
    _backend(account, region).delete_secret(arn, None, force_delete_without_recovery=True)


def password(given: Mapping[str, Any]) -> str:
    """
    A generated password.

    Args:
        given: `GenerateSecretString` of a template.
    """
    from moto.secretsmanager.utils import random_password

    def is_on(name: str, otherwise: bool) -> bool:
        return str(given.get(name, otherwise)).lower() == "true"

    return random_password(
        password_length=int(given.get("PasswordLength", 32)),
        exclude_characters=str(given.get("ExcludeCharacters") or ""),
        exclude_numbers=is_on("ExcludeNumbers", False),
        exclude_punctuation=is_on("ExcludePunctuation", False),
        exclude_uppercase=is_on("ExcludeUppercase", False),
        exclude_lowercase=is_on("ExcludeLowercase", False),
        include_space=is_on("IncludeSpace", False),
        require_each_included_type=is_on("RequireEachIncludedType", True),
    )
