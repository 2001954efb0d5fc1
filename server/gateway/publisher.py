"""Market data out: complete lanes with every batch, conflated lanes by the clock, heartbeats, snapshots.

Rules: complete (ORDERS, TRADES, STATUS): every record, in the engine's order. Conflated (QUOTE, DEPTH): at most every
`conflation_ms` the newest of what changed, at once after a pause; STATISTICS every `statistics_ms` if changed. All of
it is made when the batch is applied and released when it is durable, so a snapshot that is taken after the same batch
and travels in the same order is true as of the stream numbers that it carries. No event depends on this cadence.
A CHECKSUM of a book that changed follows every `checksum_ms` at most, once both of its lanes have told everything.
"""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.gateway.checksums import CHECKSUMS, ChecksumTimes, checksum_row
from server.gateway.conflation import (
    CORRECTIONS,
    auction_instruments,
    is_order_record,
    is_print,
    level_row,
    newest_levels,
    quote,
    split_by_instrument,
    trades,
)
from server.gateway.exchange_view import ExchangeView
from server.gateway.frames import FrameWriter
from server.gateway.streams import Publications, Stream, StreamTable
from server.protocol.codec import encode_topic
from server.protocol.enums import EnvelopeKind, MarketDataFlag, MarketDataKind, Phase, Topic
from server.protocol.records import BOOK_RECORD, STREAM_POSITION
from server.settings import GatewaySettings

MILLISECOND_NS = 1_000_000
_HEARTBEAT_TOPIC = encode_topic(Topic.HEARTBEAT, 0)
_FEW = 8
_RECORD_SIZE = BOOK_RECORD.itemsize
_FIELDS = BOOK_RECORD.fields
assert _FIELDS is not None
assert int(_FIELDS["kind"][1]) == 0
_INSTRUMENT_OFFSET = int(_FIELDS["instrument"][1])
_FLAGS_OFFSET = int(_FIELDS["flags"][1])
_INSTRUMENT = struct.Struct("<I").unpack_from
_TOP = int(MarketDataKind.TOP)
_EXECUTE = int(MarketDataKind.EXECUTE)
_DELETE = int(MarketDataKind.DELETE)
_PRINT = int(MarketDataFlag.PRINT)
_HEARTBEAT = int(EnvelopeKind.HEARTBEAT)
_ORDERS, _TRADES, _STATUS = Topic.ORDERS, Topic.TRADES, Topic.STATUS
Records = NDArray[Any]


class Publisher:
    """All market data of one shard."""

    def __init__(self, frames: FrameWriter, settings: GatewaySettings) -> None:
        self.streams = StreamTable(frames, settings.retransmit_records)
        self._frames = frames
        self._conflation_ns = settings.conflation_ms * MILLISECOND_NS
        self._statistics_ns = settings.statistics_ms * MILLISECOND_NS
        self._heartbeat_ns = settings.heartbeat_ms * MILLISECOND_NS
        self._conflation_due_ns = 0
        self._statistics_due_ns = 0
        self._heartbeat_due_ns = 0
        self._unconflated: list[bytes] = []
        self._statistics_changed: set[int] = set()
        self._last_trade: dict[int, tuple[int, int]] = {}
        self._levels: dict[int, set[tuple[int, int]]] = {}
        self._checksums = ChecksumTimes(settings.checksum_ms * MILLISECOND_NS)

    def begin(self, view: ExchangeView) -> None:
        """Take over what the engine holds after recovery: streams of all instruments, the levels of their books."""
        for instrument in view.instrument_ids():
            self.streams.of(instrument)
            levels = view.book_levels(instrument)
            self._levels[instrument] = set(zip(levels["side"].tolist(), levels["price"].tolist(), strict=True))

    def on_market_data(self, content: bytes, out: Publications, *, engine_sequence: int, time_ns: int) -> None:
        """Number and frame the complete lanes of a batch of BOOK_RECORD rows; keep them for the conflated ones."""
        self._unconflated.append(content)
        if len(content) <= _FEW * _RECORD_SIZE:
            self._publish_few(content, out, engine_sequence, time_ns)
        else:
            self._publish_many(np.frombuffer(content, BOOK_RECORD), out, engine_sequence, time_ns)

    def _publish_few(self, content: bytes, out: Publications, engine_sequence: int, time_ns: int) -> None:
        """Record by record, without numpy: the hot path of one order a batch."""
        for place in range(0, len(content), _RECORD_SIZE):
            kind = content[place]
            if kind == _TOP:
                continue
            row = content[place : place + _RECORD_SIZE]
            streams = self.streams.of(_INSTRUMENT(row, _INSTRUMENT_OFFSET)[0])
            topic = _ORDERS if kind <= _DELETE else _TRADES if kind in CORRECTIONS else _STATUS
            self.streams.publish(
                streams[topic], row, _RECORD_SIZE, out, engine_sequence=engine_sequence, time_ns=time_ns
            )
            if kind == _EXECUTE and row[_FLAGS_OFFSET] & _PRINT:
                self._publish_trades(streams, np.frombuffer(row, BOOK_RECORD), out, engine_sequence, time_ns)

    def _publish_trades(
        self, streams: dict[Topic, Stream], prints: Records, out: Publications, engine_sequence: int, time_ns: int
    ) -> None:
        self._last_trade[int(prints["instrument"][0])] = (int(prints["quantity"][-1]), int(prints["time_ns"][-1]))
        content = trades(prints).tobytes()
        self.streams.publish(
            streams[_TRADES], content, _RECORD_SIZE, out, engine_sequence=engine_sequence, time_ns=time_ns
        )

    def _publish_many(self, records: Records, out: Publications, engine_sequence: int, time_ns: int) -> None:
        """Instrument by instrument."""
        kinds = records["kind"]
        corrected = np.isin(kinds, CORRECTIONS)
        status = (kinds > _DELETE) & (kinds != _TOP) & ~corrected
        for topic, lane in ((_ORDERS, kinds <= _DELETE), (_TRADES, corrected), (_STATUS, status)):
            chosen = records[lane]
            if not len(chosen):
                continue
            for instrument, rows in split_by_instrument(chosen):
                streams = self.streams.of(instrument)
                self.streams.publish(
                    streams[topic], rows.tobytes(), _RECORD_SIZE, out, engine_sequence=engine_sequence, time_ns=time_ns
                )
                if topic is _ORDERS:
                    prints = rows[is_print(rows)]
                    if len(prints):
                        self._publish_trades(streams, prints, out, engine_sequence, time_ns)

    def due_ns(self) -> int:
        """When `on_time` has something to do next."""
        due = min(self._heartbeat_due_ns, self._statistics_due_ns)
        return min(due, self._conflation_due_ns if self._unconflated else self._checksums.due_ns)

    def on_time(self, now_ns: int, time_ns: int, view: ExchangeView, out: Publications) -> None:
        """Conflated lanes, statistics and heartbeat, each if it is due by the timer `now_ns`."""
        if self._unconflated and now_ns >= self._conflation_due_ns:
            self._conflation_due_ns = now_ns + self._conflation_ns
            self._checksums.changed(self._conflate(time_ns, view, out), now_ns)
        if now_ns >= self._checksums.due_ns and not self._unconflated:
            for instrument in self._checksums.take(now_ns):
                self._publish_checksums(instrument, time_ns, view, out)
        if now_ns >= self._statistics_due_ns:
            self._statistics_due_ns = now_ns + self._statistics_ns
            for instrument in sorted(self._statistics_changed):
                self._publish(Topic.STATISTICS, instrument, view.statistics(instrument), out, view.sequence, time_ns)
            self._statistics_changed.clear()
        if now_ns >= self._heartbeat_due_ns:
            self._heartbeat_due_ns = now_ns + self._heartbeat_ns
            for instrument in view.instrument_ids():
                self.streams.of(instrument)
            out.append((_HEARTBEAT_TOPIC, self._heartbeat(view.sequence, time_ns)))

    def on_stall(self, now_ns: int, time_ns: int, out: Publications) -> None:
        """While releases wait for the disk: a heartbeat that names no stream, if one is due. All else is put off."""
        self._conflation_due_ns = max(self._conflation_due_ns, now_ns + self._conflation_ns)
        self._statistics_due_ns = max(self._statistics_due_ns, now_ns + self._conflation_ns)
        if now_ns >= self._heartbeat_due_ns:
            self._heartbeat_due_ns = now_ns + self._heartbeat_ns
            out.append((_HEARTBEAT_TOPIC, self._frames.content(_HEARTBEAT, 0, b"", time_ns=time_ns)))

    def _publish(
        self, topic: Topic, instrument: int, rows: Records, out: Publications, engine_sequence: int, time_ns: int
    ) -> None:
        stream = self.streams.of(instrument)[topic]
        self.streams.publish(
            stream, rows.tobytes(), rows.itemsize, out, engine_sequence=engine_sequence, time_ns=time_ns
        )

    def _publish_checksums(self, instrument: int, time_ns: int, view: ExchangeView, out: Publications) -> None:
        """What the book must be now: both lanes have told all that led to it."""
        streams = self.streams.of(instrument)
        wanted = [topic for topic in CHECKSUMS if streams[topic].wanted]
        orders = view.book_orders(instrument) if wanted else None
        for topic in wanted:
            row = checksum_row(instrument, CHECKSUMS[topic](orders), view.sequence, time_ns)
            self._publish(topic, instrument, row, out, view.sequence, time_ns)

    def _conflate(self, time_ns: int, view: ExchangeView, out: Publications) -> list[int]:
        """Publish the newest of what changed; returns the instruments whose book did.

        Where executions may have another price than the order that rested (auctions, trading at last), the depth of
        the instrument is told as a whole.
        """
        records = np.frombuffer(b"".join(self._unconflated), BOOK_RECORD)
        self._unconflated.clear()
        touched = np.unique(records["instrument"]).tolist()
        self._statistics_changed.update(touched)
        for instrument in touched:
            self._publish(Topic.QUOTE, instrument, self.quote(instrument, view), out, view.sequence, time_ns)
        orders = records[is_order_record(records["kind"])]
        if not len(orders):
            return []
        changed: list[int] = np.unique(orders["instrument"]).tolist()
        moved = records["instrument"][records["kind"] == MarketDataKind.STATUS].tolist()
        auctions = {*auction_instruments(orders), *moved}.intersection(changed)
        auctions.update(number for number in changed if view.phase(number) == Phase.TRADING_AT_LAST)
        for instrument in sorted(auctions):
            rows = self._rebuilt_depth(instrument, time_ns, view)
            if len(rows):
                self._publish(Topic.DEPTH, instrument, rows, out, view.sequence, time_ns)
        if auctions:
            orders = orders[~np.isin(orders["instrument"], sorted(auctions))]
            if not len(orders):
                return changed
        for instrument, rows in split_by_instrument(newest_levels(orders)):
            self._note_levels(instrument, rows)
            self._publish(Topic.DEPTH, instrument, rows, out, view.sequence, time_ns)
        return changed

    def _note_levels(self, instrument: int, rows: Records) -> None:
        """Remember which prices were published as present, for the next rebuild."""
        levels = self._levels.setdefault(instrument, set())
        keys = list(zip(rows["side"].tolist(), rows["price"].tolist(), strict=True))
        for key, orders in zip(keys, rows["level_orders"].tolist(), strict=True):
            if orders:
                levels.add(key)
            else:
                levels.discard(key)

    def depth(self, instrument: int, view: ExchangeView) -> Records:
        """The instrument's LEVEL rows as the engine stands now, for a snapshot.

        A level that comes and goes between two publications may be in it: it is taken back like a published one.
        """
        rows = view.book_levels(instrument)
        self._note_levels(instrument, rows)
        return rows

    def _rebuilt_depth(self, instrument: int, time_ns: int, view: ExchangeView) -> Records:
        """All levels of the book, after a row for each published one that is gone."""
        present = view.book_levels(instrument)
        keys = set(zip(present["side"].tolist(), present["price"].tolist(), strict=True))
        gone = sorted(self._levels.get(instrument, set()) - keys)
        self._levels[instrument] = keys
        rows = [level_row(instrument, side, price, view.sequence, time_ns) for side, price in gone]
        return np.concatenate([*rows, present]) if rows else present

    def quote(self, instrument: int, view: ExchangeView) -> Records:
        """The instrument's QUOTE_RECORD (1,) as the engine stands now."""
        last = self._last_trade.get(instrument, (0, 0))
        return quote(view.top(instrument), view.statistics(instrument), last)

    def status(self, instrument: int, view: ExchangeView) -> Records:
        """A STATUS row of the instrument as the engine stands now, and in a call phase the newest INDICATIVE."""
        row = np.zeros(1, BOOK_RECORD)
        row["kind"] = MarketDataKind.STATUS
        row["phase"] = view.phase(instrument)
        row["instrument"] = instrument
        row["price"] = view.instrument(instrument)["reference_price"]
        row["sequence"] = view.sequence
        ring = self.streams.of(instrument)[Topic.STATUS].ring
        assert ring is not None, "STATUS is a complete stream"
        newest = ring.newest()
        if len(newest) and newest["kind"][0] == MarketDataKind.INDICATIVE and newest["phase"][0] == row["phase"][0]:
            return np.concatenate([row, newest])
        return row

    def _heartbeat(self, engine_sequence: int, time_ns: int) -> bytes:
        """The next number of every stream."""
        streams = [stream for of in self.streams.by_instrument.values() for stream in of.values()]
        positions = np.zeros(len(streams), STREAM_POSITION)
        positions["topic"] = [int(stream.topic) for stream in streams]
        positions["instrument"] = [stream.instrument for stream in streams]
        positions["next_sequence"] = [stream.next_sequence for stream in streams]
        positions["engine_sequence"] = engine_sequence
        return self._frames.records(EnvelopeKind.HEARTBEAT, positions, engine_sequence=engine_sequence, time_ns=time_ns)
