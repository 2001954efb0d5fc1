"""The price of a call auction (section 5), by looking at every candidate."""

from server.protocol.enums import Side
from server.protocol.records import NO_PRICE
from tests.oracle.book import Book


def auction_price(book: Book, reference: int) -> tuple[int, int, int]:
    """(price, volume, surplus) of the uncrossing, (NO_PRICE, 0, 0) if nothing can trade.

    `reference` is NO_PRICE where there is none.
    """
    if not book.crossed():
        return NO_PRICE, 0, 0
    bids = [(price, book.level(Side.BUY, price)[0]) for price in book.prices[Side.BUY]]
    asks = [(price, book.level(Side.SELL, price)[0]) for price in book.prices[Side.SELL]]
    candidates = []
    for price in sorted({price for price, _ in bids + asks}):
        buyers = sum(quantity for limit, quantity in bids if limit >= price)
        sellers = sum(quantity for limit, quantity in asks if limit <= price)
        if min(buyers, sellers) > 0:
            candidates.append((price, min(buyers, sellers), buyers - sellers))

    volume_most = max(volume for _, volume, _ in candidates)
    candidates = [candidate for candidate in candidates if candidate[1] == volume_most]
    surplus_least = min(abs(surplus) for _, _, surplus in candidates)
    candidates = [candidate for candidate in candidates if abs(candidate[2]) == surplus_least]

    if all(surplus > 0 for _, _, surplus in candidates):
        return candidates[-1]
    if all(surplus < 0 for _, _, surplus in candidates):
        return candidates[0]
    if reference == NO_PRICE:
        return candidates[-1]
    distance_least = min(abs(price - reference) for price, _, _ in candidates)
    return [candidate for candidate in candidates if abs(candidate[0] - reference) == distance_least][-1]
