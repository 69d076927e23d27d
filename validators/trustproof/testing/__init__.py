"""
Proofs as tests: one call, whose failure shows the request that gets through.

>>> assert_proved({"Version": "2012-10-17", "Statement": [{
...     "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole",
...     "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}, "mfa-required")
"""

from __future__ import annotations

from trustproof.testing.assertions import assert_proved

__all__ = ("assert_proved",)
