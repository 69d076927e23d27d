"""
Completion in shells, by shtab: https://docs.iterative.ai/shtab/
"""

from __future__ import annotations

import argparse

import shtab


def completion_script(parser: argparse.ArgumentParser, shell: str) -> str:
    """
    The script that a shell reads.

    Args:
        parser: of the program.
        shell: ``bash``, ``zsh`` or ``tcsh``.
    """
    return shtab.complete(parser, shell=shell)
