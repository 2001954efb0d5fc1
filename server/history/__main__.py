"""`python -m server.history`: the process that keeps ticks and bars and answers the gateway's questions about them.

It prints one JSON line when it is ready: port and public key of its CURVE socket. Only the key given as --client-key
is let in. With --parent-pipe it ends when its standard input does, or at a line `stop`.
"""

import argparse
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Final

import zmq
from zmq.utils import z85

from server.client.parent_pipe import watch_parent
from server.client.socket_options import INTERNAL, open_socket
from server.history.folding import Folder
from server.history.history_socket_options import HISTORY
from server.history.service import HistoryService
from server.journal.errors import DataDirectoryLocked, JournalError

POLL_MS: Final = 20
WORK_S: Final = 0.02
KEY_CHARACTERS: Final = 40
LOCK_WAIT_S: Final = 5.0
_ZAP_ADDRESS: Final = "inproc://zeromq.zap.01"


class HistorySocket:
    """A CURVE ROUTER on loopback that admits one client key, with its own ZAP handler."""

    def __init__(self, port: int, client_key: bytes) -> None:
        """`client_key` in Z85; `port` 0 chooses one. Raises OSError if the port is taken, ValueError for a bad key."""
        self._client_key = z85.decode(client_key)
        if len(client_key) != KEY_CHARACTERS:
            raise ValueError(f"the client's key has {len(client_key)} characters, a public key has {KEY_CHARACTERS}")
        self._context = zmq.Context()
        self._zap: zmq.Socket[bytes] = open_socket(self._context, zmq.REP, INTERNAL)
        self._zap.bind(_ZAP_ADDRESS)
        self.public_key, secret_key = zmq.curve_keypair()
        self._router: zmq.Socket[bytes] = open_socket(self._context, zmq.ROUTER, HISTORY)
        self._router.curve_server = True
        self._router.curve_secretkey = secret_key
        try:
            self._router.bind(f"tcp://127.0.0.1:{port or '*'}")
        except zmq.ZMQError as error:
            self.close()
            raise OSError(f"port {port} cannot be opened: {error.strerror}") from error
        endpoint = self._router.getsockopt_string(zmq.LAST_ENDPOINT)
        self.port = int(endpoint.rsplit(":", 1)[1])
        self._poller = zmq.Poller()
        self._poller.register(self._zap, zmq.POLLIN)
        self._poller.register(self._router, zmq.POLLIN)

    def serve(self, service: HistoryService, *, is_behind: bool) -> None:
        """Work on answers after a fold, then take what has arrived, waiting for it a little if there is no work."""
        for route, answer in service.work(WORK_S, is_behind=is_behind):
            self._router.send_multipart([*route, answer], zmq.NOBLOCK)
        ready = dict(self._poller.poll(0 if is_behind or service.is_busy else POLL_MS))
        if self._zap in ready:
            self._admit()
        if self._router in ready:
            self._receive(service)

    def _receive(self, service: HistoryService) -> None:
        for _ in range(64):
            try:
                *route, frame = self._router.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            answer = service.receive(tuple(route), frame)
            if answer is not None:
                self._router.send_multipart([*route, answer], zmq.NOBLOCK)

    def close(self) -> None:
        """Close the sockets."""
        self._router.close()
        self._zap.close(0)
        self._context.term()

    def _admit(self) -> None:
        version, request_id, _, _, _, mechanism, *credentials = self._zap.recv_multipart()
        is_known = mechanism == b"CURVE" and credentials == [self._client_key]
        status = (b"200", b"OK") if is_known else (b"400", b"unknown key")
        self._zap.send_multipart([version, request_id, *status, b"gateway" if is_known else b"", b""])


def open_folder(directory: Path) -> Folder:
    """The folder, waiting a little for a predecessor whose parent was killed to let go."""
    deadline_s = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            return Folder(directory)
        except DataDirectoryLocked:
            if time.monotonic() > deadline_s:
                raise
            threading.Event().wait(0.05)


def run(options: argparse.Namespace) -> None:
    """Follow and answer until told to stop."""
    stopped = watch_parent() if options.parent_pipe else threading.Event()
    endpoint = HistorySocket(options.port, options.client_key.encode())
    try:
        folder = open_folder(options.data)
    except BaseException:
        endpoint.close()
        raise
    service = HistoryService(folder, time.monotonic)
    ready = {
        "ready": True,
        "port": endpoint.port,
        "public_key": endpoint.public_key.decode("ascii"),
        "pid": os.getpid(),
    }
    print(json.dumps(ready), flush=True)
    trouble = ""
    try:
        while not stopped.is_set():
            is_behind = folder.follow()
            if folder.trouble != trouble:
                trouble = folder.trouble
                print(f"history: {'rests: ' + trouble if trouble else 'goes on'}", file=sys.stderr)
            endpoint.serve(service, is_behind=is_behind)
    finally:
        endpoint.close()
        folder.close()


def main() -> int:
    """Exit status 0 when told to stop, 2 with one sentence on standard error if it cannot work."""
    parser = argparse.ArgumentParser(prog="python -m server.history", description="Keeps ticks and bars.")
    parser.add_argument("--data", type=Path, required=True, help="data directory of the server")
    parser.add_argument("--client-key", required=True, help="public CURVE key (Z85) of the gateway")
    parser.add_argument("--port", type=int, default=0, help="port on the loopback address; 0 chooses one")
    parser.add_argument("--parent-pipe", action="store_true", help="end when standard input ends")
    options = parser.parse_args()
    try:
        run(options)
    except (JournalError, OSError, ValueError) as error:
        print(f"history: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
