"""Judge the parts of a batch in this process, or share them out among several.

A further process runs ``main`` of this module and is spoken to through its standard input and
output. So it works inside any scheduler's process, starts clean, and ends when the one that
started it is gone, however that ended. Errors come back whole.
"""

import gc
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from itertools import chain, islice
from pathlib import Path
from queue import SimpleQueue
from traceback import format_exc
from typing import IO, Any

from config.settings import child_environment
from surveillance.errors import SourceError
from surveillance.feeds.cutting import Piece
from surveillance.jobs.parts import Assignment, PartJudge, PartResult
from surveillance.register import Register, load_register

# Starting a process costs as much as judging this many parts.
_PARTS_WORTH_A_PROCESS = 3
_SECONDS_TO_END = 10
# Each process is one of several, so its libraries must not use every core themselves; and its
# memory is given back sooner with few arenas.
_MODEST = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


def judge_parts(
    assignment: Assignment, pieces: Iterable[Piece], register: Register, *, processes: int
) -> Iterator[PartResult]:
    """Judge the pieces of a batch; gives the results in the order of the file.

    Args:
        assignment: the batch and where its rows go.
        pieces: as they are cut.
        register: what is known, for judging in this process.
        processes: how many further processes share the work; 0: none. A small batch is judged
            here in any case.

    Raises:
        SurveillanceError: whatever a part raises, wherever it was judged.
        SourceError: a process ended before it answered.
    """
    coming = iter(pieces)
    first = list(islice(coming, _PARTS_WORTH_A_PROCESS))
    is_large = len(first) == _PARTS_WORTH_A_PROCESS
    numbered = enumerate(chain(first, coming))
    del first
    if not processes or not is_large:
        with closing(PartJudge(assignment, register, name="0")) as judge:
            for number, piece in numbered:
                yield judge.judge(number, piece)
        return
    with ExitStack() as stack:
        idle: SimpleQueue[_Process] = SimpleQueue()
        for name in range(processes):
            idle.put(stack.enter_context(closing(_Process(assignment, name=str(name)))))
        threads = stack.enter_context(ThreadPoolExecutor(processes))
        yield from _in_order(numbered, threads, idle, most_waiting=processes + 1)


def _in_order(
    numbered: Iterable[tuple[int, Piece]],
    threads: ThreadPoolExecutor,
    idle: "SimpleQueue[_Process]",
    *,
    most_waiting: int,
) -> Iterator[PartResult]:
    def judge(number: int, piece: Piece) -> PartResult:
        process = idle.get()
        try:
            return process.judge(number, piece)
        finally:
            idle.put(process)

    waiting: deque[Future[PartResult]] = deque()
    try:
        for number, piece in numbered:
            waiting.append(threads.submit(judge, number, piece))
            if len(waiting) >= most_waiting:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


class _Process:
    """A further process, seen from the one that started it."""

    def __init__(self, assignment: Assignment, *, name: str) -> None:
        places = os.pathsep.join(place or str(Path.cwd()) for place in sys.path)
        self._process = subprocess.Popen(  # noqa: S603 - it is this very module
            [sys.executable, "-c", f"from {__name__} import main; main()"],
            env=child_environment({"PYTHONPATH": places, **_MODEST}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._batch = assignment.batch
        self._say((assignment, name))

    def judge(self, number: int, piece: Piece) -> PartResult:
        self._say((number, piece))
        try:
            answer = pickle.load(self._output)  # noqa: S301 - it is our own process that speaks
        except EOFError as error:
            raise self._gone() from error
        if isinstance(answer, BaseException):
            raise answer
        result: PartResult = answer
        return result

    def _say(self, what: Any) -> None:
        try:
            pickle.dump(what, self._input, protocol=pickle.HIGHEST_PROTOCOL)
            self._input.flush()
        except OSError as error:
            raise self._gone() from error

    @property
    def _input(self) -> IO[bytes]:
        return _open(self._process.stdin)

    @property
    def _output(self) -> IO[bytes]:
        return _open(self._process.stdout)

    def _gone(self) -> SourceError:
        code = self._process.wait(_SECONDS_TO_END)
        return SourceError(
            f"{self._batch.feed} batch {self._batch.batch_id}: a process that read a part of it "
            f"ended before it answered (exit {code}; -9 mostly means that memory ran out). Nothing "
            "of the batch was stored; its bytes are kept. Run it again; DEWS_WORKERS=0 reads it "
            "in one process, and DEWS_CHUNK_ROWS sets how many rows are in memory at once."
        )

    def close(self) -> None:
        """End the process; one that is busy is not waited for."""
        with suppress(OSError):
            self._input.close()
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()


def _open(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise RuntimeError("The process was started without a pipe.")
    return stream


def main() -> None:
    """Judge parts as they come in through standard input, until it is closed."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever a library prints must not come between the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # Parts make millions of objects that live until the part is done: looking through them again
    # and again for cycles takes a fifth of the time. It is done between parts.
    gc.disable()
    assignment, name = pickle.load(sys.stdin.buffer)  # noqa: S301 - only our own process speaks
    judge: PartJudge | None = None
    with suppress(EOFError, BrokenPipeError), output:
        while True:
            number, piece = pickle.load(sys.stdin.buffer)  # noqa: S301 - as above
            try:
                if judge is None:
                    register = load_register(assignment.config_folder)
                    judge = PartJudge(assignment, register, name=name)
                answer: Any = judge.judge(number, piece)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is raised again
                error.add_note(format_exc())
                answer = error
            output.write(_pickled(answer))
            output.flush()
            del piece, answer
            gc.collect()


def _pickled(answer: Any) -> bytes:
    try:
        return pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, TypeError, AttributeError):
        # An error of a library may hold what cannot be sent; its words can.
        return pickle.dumps(RuntimeError(f"{type(answer).__name__}: {answer}"))
