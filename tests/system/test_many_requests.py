"""Many questions at once, as a workstation asks them after its logon: each is answered, none is lost on the way."""

from pathlib import Path

from server.client.incoming import ReplyReceived
from server.protocol import control
from tests.system.running import RunningServer, wait_until

COUNT = 300


def test_every_one_of_many_questions_at_once_is_answered(tmp_path: Path) -> None:
    with RunningServer(tmp_path / "data") as server:
        connection = server.log_on()
        asked = {connection.session.request(control.GetAccounts()) for _ in range(COUNT)}
        answered: set[int] = set()

        def all_are() -> bool:
            replies = (item for item in connection.poll(50) if isinstance(item, ReplyReceived))
            answered.update(item.request.request_id for item in replies if isinstance(item.reply, control.Accounts))
            return answered >= asked

        wait_until(all_are, what="an answer to every question")
        connection.close()
