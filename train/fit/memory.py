"""Out of memory: found out once, told in numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from train.errors import OutOfMemory


@contextmanager
def explain(batch: int, trial: Callable[[int], None]) -> Iterator[None]:
    """
    Around a step: where it runs out of memory, find the batch that would have fitted.

    Args:
        batch: pictures in the step.
        trial: does the step with fewer pictures.

    Raises:
        OutOfMemory: instead of PyTorch's own error.
    """
    try:
        yield
        return
    except RuntimeError as error:
        if not exhausted(error):
            raise
        cause = error.with_traceback(None)  # the traceback's frames hold the tensors
    count = _largest(batch, trial)
    advice = f"{count} fit: set fit.batch to it" if count else "not even 2 fit: use smaller sizes"
    raise OutOfMemory(f"{batch} pictures do not fit into memory; {advice}") from cause


def exhausted(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on a GPU or in the CPU's allocator."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def _largest(batch: int, trial: Callable[[int], None]) -> int:
    """The largest of batch / 2, / 4 ... that fits, even; 0 if none does."""
    count = batch // 2
    while count >= 2:
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        try:
            trial(count - count % 2)
        except RuntimeError as error:
            if not exhausted(error):
                raise
        else:
            return count - count % 2
        count //= 2
    return 0
