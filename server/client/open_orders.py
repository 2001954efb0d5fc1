"""The user's live orders, page after page, for tools and tests that may wait.

Rules: each page is a request of its own, so an order that ends or begins meanwhile may be in or not; whoever must know
follows the private events, which say both.
"""

import numpy as np

from server.client.connection import Connection, ConnectionRefused
from server.protocol import control
from server.protocol.codec import Records, decode_bulk
from server.protocol.enums import FaultCode
from server.protocol.records import EVENT


def open_orders(connection: Connection) -> Records:
    """All of them by order id, as EVENT rows (n,) in their present state. Raises `ConnectionRefused`."""
    pages: list[Records] = [np.empty(0, EVENT)]
    after, more = 0, True
    while more:
        reply = connection.ask(control.GetOpenOrders(after_order_id=after))
        if not isinstance(reply, control.Records):
            raise ConnectionRefused(FaultCode.UNAVAILABLE, "the server does not tell the open orders")
        pages.append(decode_bulk(reply, "EVENT"))
        more = reply.more and len(pages[-1]) > 0
        after = int(pages[-1]["order_id"][-1]) if len(pages[-1]) else 0
    return np.concatenate(pages)
