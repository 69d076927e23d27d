"""
The reference deployment: a hub account whose people work in other accounts.
"""

from __future__ import annotations

from infra._node import prefer_wheel

# Before anything of ours imports aws_cdk, which starts Node when it is imported.
prefer_wheel()
