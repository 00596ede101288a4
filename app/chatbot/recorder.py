"""One writer thread for the assistant: what is ready at the same moment shares one short transaction."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.shared.db import Database

Job = Callable[[Connection], Any]


@dataclass(slots=True)
class _Waiting:
    job: Job
    done: asyncio.Future[Any]


class Recorder:
    """Runs write jobs in order. A group commits together; where one of it fails, each is tried alone."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="parley-chat-writer")
        self._waiting: list[_Waiting] = []
        self._busy = False

    async def run(self, job: Job) -> Any:
        """The job's result, once it is committed. Raises what the job or its commit raised."""
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(job, done))
        if not self._busy:
            self._busy = True
            self._next_group()
        return await done

    def _next_group(self) -> None:
        group, self._waiting = self._waiting, []
        if not group:
            self._busy = False
            return
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._thread, self._write, [item.job for item in group])
        running.add_done_callback(lambda finished: self._deliver(group, finished))

    def _deliver(self, group: list[_Waiting], finished: "asyncio.Future[list[tuple[Any, Exception | None]]]") -> None:
        for item, (result, error) in zip(group, finished.result(), strict=True):
            if item.done.done():  # its reader was cancelled; the write stands
                continue
            if error:
                item.done.set_exception(error)
            else:
                item.done.set_result(result)
        self._next_group()

    def _write(self, jobs: list[Job]) -> list[tuple[Any, Exception | None]]:
        try:
            return self._together(jobs)
        except Exception as error:
            return [(None, error)] if len(jobs) == 1 else [self._write([job])[0] for job in jobs]

    def _together(self, jobs: list[Job]) -> list[tuple[Any, Exception | None]]:
        with self._database.write() as connection:
            return [(job(connection), None) for job in jobs]

    def close(self) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)
