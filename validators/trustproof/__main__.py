"""
``python -m trustproof``.
"""

from __future__ import annotations

from trustproof.cli.main import program

if __name__ == "__main__":
    program()
