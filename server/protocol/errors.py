"""A broken wire is an exception that closes one session; a business reject is an event, never an exception."""


class ProtocolError(Exception):
    """The peers no longer agree about the bytes between them; the session cannot go on."""


class LocalProtocolError(ProtocolError):
    """We were about to send something that the protocol does not allow. Our bug: nothing was sent."""


class RemoteProtocolError(ProtocolError):
    """The peer sent something that the protocol does not allow. The session that sent it is closed."""
