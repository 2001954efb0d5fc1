"""Reading a recorded day: what is no day is refused with one sentence and exit status 2."""

import zipfile
from pathlib import Path

import pytest

from server.protocol.enums import Side
from server.tools import replay
from server.tools.replay_messages import DayUnreadable, read_day
from tests.golden import make_day

ORDER = (
    "//SecurityIDSource=101 MsgType=192 MsgLen=64 SecurityID=600000 ChannelNo=6 ApplSeqNum=1 TradingPhase=0 OrderNo=30"
    "   Price=18880   OrderQty=100000   OrdType=65 Side=83 TransactTime=9150012 resv=    BizIndex=67298  \n"
)
SNAPSHOT = (
    "//SecurityIDSource=101 MsgType=111 SecurityID=600000 TradingPhase=2 NumTrades=4 PrevClosePx=17950 "
    "DataTimeStamp=93000 "
    + " ".join(
        f"{side}Level[{at}].{what}=0" for side in ("Bid", "Ask") for at in range(10) for what in ("Price", "Qty")
    )
    + "\n"
)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "day.log"
    path.write_text(text)
    return path


def test_a_line_becomes_integers_in_our_units(tmp_path: Path) -> None:
    day = read_day(written(tmp_path, ORDER + "\n" + SNAPSHOT))
    assert (day.symbol, day.previous_close) == ("600000", 1795)
    order = day.orders[0]
    assert (order["number"], order["price"], order["quantity"], order["side"]) == (30, 1888, 100, Side.SELL)
    assert order["time_ns"] == (9 * 3600 + 15 * 60) * 10**9 + 120_000_000
    assert not order["is_delete"]
    assert day.snapshots["time_ns"][0] == (9 * 60 + 30) * 60 * 10**9


def test_messages_are_sorted_by_the_exchanges_order(tmp_path: Path) -> None:
    later = ORDER.replace("BizIndex=67298", "BizIndex=5").replace("OrderNo=30", "OrderNo=31")
    day = read_day(written(tmp_path, ORDER + later + SNAPSHOT))
    assert day.orders["number"].tolist() == [31, 30]


def test_a_zip_and_its_text_are_the_same_day(tmp_path: Path) -> None:
    path = tmp_path / "day.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(make_day.PATH, "day.log")
    zipped, plain = read_day(path), read_day(make_day.PATH)
    assert zipped.orders.tobytes() == plain.orders.tobytes()
    assert zipped.trades.tobytes() == plain.trades.tobytes()
    assert zipped.snapshots.tobytes() == plain.snapshots.tobytes()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0\1\2 garbage",
        ORDER,
        ORDER + SNAPSHOT.replace("600000", "600001"),
        ORDER + ORDER + SNAPSHOT,
        ORDER.replace("OrderQty=100000", "OrderQty=1.5") + SNAPSHOT,
        ORDER.replace("OrderQty=100000", "OrderQty=100001") + SNAPSHOT,
        ORDER.replace("OrderQty=100000", "OrderQty=-1000") + SNAPSHOT,
        ORDER.replace("Price=18880", "Price=NaN") + SNAPSHOT,
        ORDER.replace("Price=18880", "") + SNAPSHOT,
        ORDER.replace("Side=83", "Side=84") + SNAPSHOT,
        ORDER.replace("OrdType=65", "OrdType=66") + SNAPSHOT,
        ORDER.replace("BizIndex=67298", "BizIndex=99999999999999999999") + SNAPSHOT,
        ORDER + SNAPSHOT.replace("AskLevel[9].Qty=0", ""),
        ORDER + SNAPSHOT[: len(SNAPSHOT) // 2],
    ],
)
def test_what_is_no_day_is_refused(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, text)
    with pytest.raises(DayUnreadable):
        read_day(path)
    assert replay.main([str(path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("tradepit replay: ")
    assert error.count("\n") == 1


def test_a_broken_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "day.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(make_day.PATH, "day.log")
    content = bytearray(path.read_bytes())
    content[500:600] = bytes(100)
    path.write_bytes(content)
    with pytest.raises(DayUnreadable):
        read_day(path)


def test_a_missing_file_is_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRADEPIT_DATA", raising=False)
    assert replay.main(["no-such-file.zip"]) == 2
    assert replay.main([]) == 2
    assert "set TRADEPIT_DATA" in capsys.readouterr().err


def test_the_environment_says_where_files_are(tmp_path: Path) -> None:
    one = tmp_path / "sse-1.zip"
    one.write_bytes(b"")
    assert replay.find_file(None, str(tmp_path)) == one
    assert replay.find_file(None, str(one)) == one
    assert replay.find_file("sse-1.zip", str(tmp_path)) == one
    assert replay.find_file(str(make_day.PATH), str(tmp_path)) == make_day.PATH
    (tmp_path / "sse-2.zip").write_bytes(b"")
    with pytest.raises(DayUnreadable, match="has 2 files"):
        replay.find_file(None, str(tmp_path))
