"""
How Hypothesis runs: the same examples for the same commit, or (``make deep``) many new ones.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# No deadlines: a test that fails because a machine is busy says nothing about the code.
settings.register_profile("default", deadline=None, derandomize=True)
settings.register_profile(
    "deep", deadline=None, max_examples=5_000, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("default")
