"""The yardstick: a bare pyzmq ROUTER that sends back what it gets, over CURVE, as a process of its own.

Rules: one thread and blocking calls, as bare as it gets; it ends when the message `end` comes.
"""

import json
import sys

import zmq


def serve() -> None:
    """Prints where it listens, and echoes."""
    context = zmq.Context.instance()
    public, secret = zmq.curve_keypair()
    router = context.socket(zmq.ROUTER)
    router.curve_server = True
    router.curve_publickey, router.curve_secretkey = public, secret
    router.set_hwm(100_000)
    router.linger = 0
    port = router.bind_to_random_port("tcp://127.0.0.1")
    sys.stdout.write(json.dumps({"ready": True, "port": port, "key": public.decode()}) + "\n")
    sys.stdout.flush()
    while True:
        frames = router.recv_multipart()
        if frames[1] == b"end":
            break
        router.send_multipart(frames)
    router.close()
    context.term()


if __name__ == "__main__":
    serve()
