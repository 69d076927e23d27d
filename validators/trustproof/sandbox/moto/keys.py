"""
The door to the keys of KMS, and a repair: in some operations moto finds a key by its id only, and not by its ARN.

All of it is internal to moto 5.2, which is pinned; a test holds it to that.
https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.kms.models import KmsBackend

_BY_ID_ONLY = ("cancel_key_deletion", "disable_key", "enable_key", "schedule_key_deletion")
_MOTOS: dict[str, Callable[..., Any]] = {name: getattr(KmsBackend, name) for name in _BY_ID_ONLY}


def repair() -> None:
    """Let these operations find a key by its ARN."""
    for name, motos in _MOTOS.items():
        setattr(KmsBackend, name, _by_arn(motos))


def _by_arn(motos: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(motos)
    def found(backend: KmsBackend, key_id: str, *more: Any, **named: Any) -> Any:
        return motos(backend, backend.get_key_id(key_id), *more, **named)

    return found
