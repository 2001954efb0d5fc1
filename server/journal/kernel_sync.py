"""An fdatasync that the kernel carries out by itself: begun by one call, told by a descriptor, waited for by no thread.

Rules: Linux's native asynchronous I/O (io_submit with FDSYNC, Linux 4.18 and later) by system calls, since no wheel
brings it; `open_kernel_sync` gives None wherever that is not to be had, and a thread does the same then. One sync at a
time. What was written to the file before `begin` is what `completed` speaks of. An error is the disk's and is final.
"""

import contextlib
import ctypes
import errno
import os
import platform
import struct
import sys
from typing import Final

_CALLS: Final = {"x86_64": (206, 207, 209, 208), "aarch64": (0, 1, 2, 4)}
"""Numbers of io_setup, io_destroy, io_submit and io_getevents by machine."""
_FDSYNC: Final = 3
_TELLS_DESCRIPTOR: Final = 1
_IOCB: Final = struct.Struct("<QIIHhIQQqQII")
_IO_EVENT: Final = struct.Struct("<QQqq")
_EVENTFD_BYTES: Final = 8


class KernelSync:
    """One sync at a time of files that are open, and the descriptor that becomes readable when one has ended."""

    def __init__(self) -> None:
        """Raises OSError where the kernel does not offer it."""
        if sys.platform != "linux" or platform.machine() not in _CALLS:
            raise OSError(errno.ENOSYS, "no asynchronous fdatasync on this system")
        self._setup, self._destroy, self._submit, self._events = _CALLS[platform.machine()]
        # With the interpreter's lock held: each call takes a microsecond or two, giving the lock away costs more.
        self._call = ctypes.PyDLL(None, use_errno=True).syscall
        self._blocking_call = ctypes.CDLL(None, use_errno=True).syscall
        self._context = ctypes.c_ulong(0)
        self._checked(self._call(self._setup, ctypes.c_uint(1), ctypes.byref(self._context)))
        self._descriptor = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._block = ctypes.create_string_buffer(_IOCB.size)
        self._blocks = (ctypes.c_void_p * 1)(ctypes.addressof(self._block))
        self._event = ctypes.create_string_buffer(_IO_EVENT.size)
        self._closed = False
        self.is_pending = False

    def fileno(self) -> int:
        """The descriptor to poll for reading."""
        return self._descriptor

    def set(self) -> None:
        """Make the descriptor readable, for another reason than a sync."""
        with contextlib.suppress(OSError):
            os.eventfd_write(self._descriptor, 1)

    def clear(self) -> None:
        """Make it unreadable until the next sync ends or the next `set`; ask `completed` after this, not before."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._descriptor)

    def begin(self, file: int) -> None:
        """Have the kernel flush the data of an open file; returns at once. Raises OSError: nothing was begun."""
        assert not self.is_pending, "one sync at a time"
        self._block.raw = _IOCB.pack(0, 0, 0, _FDSYNC, 0, file, 0, 0, 0, 0, _TELLS_DESCRIPTOR, self._descriptor)
        self._checked(self._call(self._submit, self._context, ctypes.c_long(1), self._blocks))
        self.is_pending = True

    def completed(self) -> bool:
        """Whether the sync that was begun has ended well. Raises OSError if it ended in an error."""
        return self._taken(self._call(self._events, self._context, _NONE, _ONE, self._event, None))

    def wait(self) -> None:
        """Return when the sync that was begun has ended. Raises OSError if it ended in an error."""
        while self.is_pending:
            self._taken(self._blocking_call(self._events, self._context, _ONE, _ONE, self._event, None))

    def close(self) -> None:
        """Let go of it; a sync that is under way is waited for by the kernel."""
        if not self._closed:
            self._closed = True
            self._blocking_call(self._destroy, self._context)
            os.close(self._descriptor)

    def _taken(self, count: int) -> bool:
        if self._checked(count, errno.EINTR) < 1:
            return False
        self.is_pending = False
        result = int(_IO_EVENT.unpack(self._event.raw)[2])
        if result < 0:
            raise OSError(-result, os.strerror(-result))
        return True

    @staticmethod
    def _checked(result: int, allowed: int = 0) -> int:
        if result < 0 and ctypes.get_errno() != allowed:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return result


_NONE: Final = ctypes.c_long(0)
_ONE: Final = ctypes.c_long(1)


def open_kernel_sync() -> KernelSync | None:
    """One that works, or None where the system has none or does not let us have it (a filter of system calls)."""
    try:
        return KernelSync()
    except (OSError, AttributeError):
        return None
