"""A program of the bench in a process of its own, which does what it is told line by line."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from edge.errors import EdgeError, InputError

ROOT = Path(__file__).resolve().parents[2]
ANSWER_S = 900.0  # a slow peer mattes hundreds of pictures in one answer
STOP_S = 10.0

Answer: TypeAlias = "dict[str, Any]"
Handler: TypeAlias = "Callable[..., Awaitable[Answer]]"


class Program:
    """
    Runs from entering to leaving the ``with`` block.

    Args:
        command: the interpreter and what it is to run.
        answer_s: how long one answer may take.
        variables: of the environment, added to this process's own.
    """

    def __init__(
        self,
        command: Sequence[str],
        answer_s: float = ANSWER_S,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._command = list(command)
        self._environment = {**os.environ, **(variables or {})}
        self._answer_s = answer_s

    @classmethod
    def of_bench(cls, module: str, *words: str) -> Program:
        """``python -m module words``, in this process's own environment."""
        return cls([sys.executable, "-m", module, *words])

    def __enter__(self) -> Program:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=self._environment,
        )
        self._errors: list[str] = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()  # type: ignore[union-attr]
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join(STOP_S)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def kill(self) -> None:
        """End it without a word to anyone, as a crash or a cut of power would."""
        self._process.kill()
        self._process.wait()

    def ask(self, word: str, **values: Any) -> Answer:
        """
        Let it do one thing.

        Raises:
            InputError: it cannot, died, or took longer than ``answer_s``.
        """
        overdue = threading.Timer(self._answer_s, self._process.kill)
        overdue.start()
        try:
            self._process.stdin.write(json.dumps({"do": word, **values}) + "\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
            line = self._process.stdout.readline()  # type: ignore[union-attr]
        except OSError:
            line = ""
        finally:
            overdue.cancel()
        if not line:
            self._listener.join(1)
            last = " / ".join(self._errors[-3:]) or "it said nothing"
            raise InputError(f"{' '.join(self._command[1:3])} ended at {word!r}: {last}")
        answer: Answer = json.loads(line)
        if "error" in answer:
            raise InputError(str(answer["error"]))
        return answer

    def _listen(self) -> None:
        for line in self._process.stderr or ():
            self._errors = [*self._errors[-20:], line.strip()]


async def obey(handlers: Mapping[str, Handler]) -> None:
    """
    The other side: answer each line of standard input until its end.

    An EdgeError is told as the answer; anything else ends the program.
    """
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        try:
            answer = await handlers[asked.pop("do")](**asked)
        except EdgeError as error:
            answer = {"error": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
