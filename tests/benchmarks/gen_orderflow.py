"""A made order flow that any price-time-priority engine can replay, with the result that the replay must give.

The random numbers come from a SplitMix64 written out below and all arithmetic is on integers, so the flow is a pure
function of (count, instruments, seed): the same on every Python and platform.
"""

import bisect
from collections import deque

NEW, CANCEL, REPLACE = 1, 2, 3
BUY, SELL = 0, 1
AGGRESSIVE = 1  # flags bit 0, information only

M64 = (1 << 64) - 1
FNV_OFFSET, FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3


class SplitMix64:
    def __init__(self, seed):
        self.s = seed & M64

    def next(self):
        self.s = (self.s + 0x9E3779B97F4A7C15) & M64
        z = self.s
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M64
        return z ^ (z >> 31)

    def below(self, n):
        return (self.next() * n) >> 64

    def depth(self):
        """Ticks from the mid: 1, 2, 3 ... each 7/8 as likely as the one before;
        one order in eight lies anywhere in 1..400 instead."""
        if not self.next() & 7:
            return 1 + self.below(400)
        d = 1
        while d < 100 and self.next() & 7:
            d += 1
        return d


class Book:
    """Reference book: price-time priority, maker price, integers only."""

    __slots__ = ("levels", "prices")

    def __init__(self):
        self.levels = ({}, {})  # price -> deque of order ids
        self.prices = ([], [])  # sorted keys; bids negated

    def best(self, side):
        p = self.prices[side]
        return (-p[0] if side == BUY else p[0]) if p else None

    def rest(self, side, price, oid):
        lv = self.levels[side]
        q = lv.get(price)
        if q is None:
            lv[price] = q = deque()
            bisect.insort(self.prices[side], -price if side == BUY else price)
        q.append(oid)

    def drop_level(self, side, price):
        del self.levels[side][price]
        k = -price if side == BUY else price
        p = self.prices[side]
        del p[bisect.bisect_left(p, k)]


class Engine:
    """All instruments together; also keeps the list of live orders."""

    def __init__(self, n_instruments):
        self.books = [Book() for _ in range(n_instruments)]
        self.orders = {}  # id -> [instrument, side, price, left]
        self.live = []  # ids, for uniform choice
        self.where = {}  # id -> index in live
        self.trades = self.quantity = 0
        self.tape = FNV_OFFSET

    def new(self, inst, side, oid, price, qty):
        book = self.books[inst]
        other = 1 - side
        while qty:
            best = book.best(other)
            if best is None or (best > price if side == BUY else best < price):
                break
            queue = book.levels[other][best]
            maker = queue[0]
            m = self.orders[maker]
            fill = qty if qty < m[3] else m[3]
            qty -= fill
            m[3] -= fill
            self.trades += 1
            self.quantity += fill
            h = self.tape
            for w in (maker, oid, (best & 0xFFFFFFFF) << 32 | fill):
                h = ((h ^ w) * FNV_PRIME) & M64
            self.tape = h
            if not m[3]:
                queue.popleft()
                if not queue:
                    book.drop_level(other, best)
                self._forget(maker)
        if qty:
            self.orders[oid] = [inst, side, price, qty]
            self.where[oid] = len(self.live)
            self.live.append(oid)
            book.rest(side, price, oid)

    def cancel(self, oid):
        inst, side, price, _ = self.orders[oid]
        queue = self.books[inst].levels[side][price]
        queue.remove(oid)
        if not queue:
            self.books[inst].drop_level(side, price)
        self._forget(oid)

    def _forget(self, oid):
        del self.orders[oid]
        i = self.where.pop(oid)
        last = self.live.pop()
        if last != oid:
            self.live[i] = last
            self.where[last] = i

    def book_checksum(self):
        h = FNV_OFFSET
        for book in self.books:
            for side in (BUY, SELL):
                for k in book.prices[side]:
                    price = -k if side == BUY else k
                    for oid in book.levels[side][price]:
                        left = self.orders[oid][3]
                        for w in (oid, (price & 0xFFFFFFFF) << 32 | left):
                            h = ((h ^ w) * FNV_PRIME) & M64
        return h


def generate(n, n_inst, seed, target=5000, warm=5000):
    rnd = SplitMix64(seed)
    eng = Engine(n_inst)

    def passive(inst, side):
        """A price some ticks behind the mid, pulled back behind the far touch
        if the mid has moved past it (15 times in 16; else it may trade)."""
        d = rnd.depth()
        price = mids[inst] - d if side == BUY else mids[inst] + d
        far = eng.books[inst].best(1 - side)
        if far is not None and rnd.next() & 15:
            price = min(price, far - 1) if side == BUY else max(price, far + 1)
        return price

    mids = [100000 + 1000 * i for i in range(n_inst)]
    weights = []  # instrument i with weight ~ 1/(i+1)
    acc = 0
    for i in range(n_inst):
        acc += (1 << 32) // (i + 1)
        weights.append(acc)
    out = []
    next_id = 1
    for k in range(n):
        inst = 0
        if n_inst > 1:
            inst = bisect.bisect_right(weights, rnd.below(acc))
        if rnd.below(200) == 0:  # the mid moves one tick now and then
            mids[inst] += 1 if rnd.next() & 1 else -1
        r = rnd.below(100)
        live = len(eng.live)
        # fill the book first, then hold it near the target
        adds = 100 if k < warm else 42 if live > target else 48
        if r < adds:  # 45 % passive limit order
            side = rnd.next() & 1
            price = passive(inst, side)
            qty = 1 + rnd.below(100)
            out.append((NEW, side, 0, inst, next_id, 0, price, qty))
            eng.new(inst, side, next_id, price, qty)
            next_id += 1
        elif r < 85:  # 40 % cancel of a random live order
            oid = eng.live[rnd.below(live)]
            inst, side = eng.orders[oid][:2]
            out.append((CANCEL, side, 0, inst, oid, 0, 0, 0))
            eng.cancel(oid)
        elif r < 95:  # 10 % through the far touch
            side = rnd.next() & 1
            far = eng.books[inst].best(1 - side)
            if far is None:
                far = mids[inst]
            t = rnd.below(4)
            price = far + t if side == BUY else far - t
            qty = 1 + rnd.below(40)
            out.append((NEW, side, AGGRESSIVE, inst, next_id, 0, price, qty))
            eng.new(inst, side, next_id, price, qty)
            next_id += 1
        else:  # 5 % replace (new id, new price, new size)
            oid = eng.live[rnd.below(live)]
            inst, side = eng.orders[oid][:2]
            price = passive(inst, side)
            qty = 1 + rnd.below(100)
            out.append((REPLACE, side, 0, inst, oid, next_id, price, qty))
            eng.cancel(oid)
            eng.new(inst, side, next_id, price, qty)
            next_id += 1
    return out, eng


def replay(records, n_inst):
    eng = Engine(n_inst)
    for op, side, _f, inst, oid, new_id, price, qty in records:
        if op == NEW:
            eng.new(inst, side, oid, price, qty)
        elif op == CANCEL:
            eng.cancel(oid)
        else:
            eng.cancel(oid)
            eng.new(inst, side, new_id, price, qty)
    return eng
