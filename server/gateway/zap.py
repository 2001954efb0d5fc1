"""ZAP (RFC 27): who may finish a CURVE handshake, decided by the gateway's session table.

Rules: pure frames to frames. The answer names the key (64 hexadecimal digits) as the User-Id that every later message
of the connection carries. Anything but a CURVE request of a known domain is refused.
"""

from server.gateway.outbox import Admission

ENDPOINT = "inproc://zeromq.zap.01"
KEY_BYTES = 32
_REQUEST_PARTS = 7


def answer(request: list[bytes], admission: Admission) -> list[bytes]:
    """The reply to one request (without the address envelope)."""
    if len(request) != _REQUEST_PARTS or request[0] != b"1.0":
        return [b"1.0", request[1] if len(request) > 1 else b"", b"500", b"malformed request", b"", b""]
    _, request_id, domain, _, _, mechanism, key = request
    if mechanism != b"CURVE" or len(key) != KEY_BYTES:
        return [b"1.0", request_id, b"400", b"CURVE alone", b"", b""]
    name = key.hex()
    if not admission.admits(domain.decode(errors="replace"), name):
        return [b"1.0", request_id, b"400", b"no session", b"", b""]
    return [b"1.0", request_id, b"200", b"OK", name.encode(), b""]


def address_of(request: list[bytes]) -> str:
    """The network address that a request names; empty if it is none."""
    return request[3].decode(errors="replace") if len(request) == _REQUEST_PARTS else ""


def put_off(request: list[bytes]) -> list[bytes]:
    """The reply that closes the connection without a word; its client tries again after a while."""
    return [b"1.0", request[1] if len(request) > 1 else b"", b"300", b"later", b"", b""]
