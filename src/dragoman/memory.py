"""What glibc's allocator does with freed memory. Elsewhere than on glibc these do nothing."""

from __future__ import annotations

import contextlib
import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4


def keep_freed_memory() -> None:
    """Keep freed memory for the next allocation instead of handing it back to the kernel.

    A training step, and the cleaning of a batch, frees and takes the same large arrays again and again; by default each
    costs a system call and a page fault for every 4 kB.
    """
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_MAX, 0)
        libc.mallopt(_M_TRIM_THRESHOLD, 1 << 30)


def release_memory() -> None:
    """Give freed memory back to the system, so that a worker stays as small as its largest task leaves it."""
    if "pyarrow" in sys.modules:
        sys.modules["pyarrow"].default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
