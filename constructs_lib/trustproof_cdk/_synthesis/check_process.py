"""
The process in which the templates of a large app are checked, started as soon as the app is seen to be large: it takes
a while to start, and the CDK one to write the templates.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import date

import trustproof
from trustproof_cdk._synthesis import walk

#: So many templates, divided by the processes that may check them (these at most), are worth starting them. Each has
#: `trustproof` to import, and finds for itself what one would find once: two take a fifth more of the processor for 200
#: templates, and are done sooner.
_MANY, _MOST = 400, 8


class AppCheck:
    """
    Checks the templates of an app, in other processes where there are many.

    Args:
        jobs: how many there may be; None is one for each core.
    """

    def __init__(self, jobs: int | None) -> None:
        self._jobs = jobs
        self._process: trustproof.CheckProcess | None = None
        walk.tell(self)

    def expect(self, stacks: int) -> None:
        """Be told how many templates there will be, of an app or one of its stages."""
        if self._process is None and self._is_large(stacks):
            self._process = trustproof.CheckProcess(jobs=self._jobs)

    def report(
        self,
        assemblies: Sequence[str],
        templates: int,
        *,
        config: trustproof.Config,
        meanwhile: Callable[[], object],
    ) -> trustproof.Report:
        """
        What is found in cloud assemblies.

        Args:
            templates: how many they have.
            meanwhile: is called while other processes are at work, if any are.

        Raises:
            InputError: what `trustproof.check` raises.
        """
        # The next app in this program is that of another plugin.
        walk.no_longer_tell(self)
        today = date.today()
        process, self._process = self._process, None
        if not self._is_large(templates):
            return trustproof.check(assemblies, config=config, today=today)
        process = process or trustproof.CheckProcess(jobs=self._jobs)
        return process.check(assemblies, config=config, today=today, meanwhile=meanwhile)

    def _is_large(self, templates: int) -> bool:
        processes = min(self._jobs or os.cpu_count() or 1, _MOST)
        return processes > 1 and templates >= _MANY // processes
