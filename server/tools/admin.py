"""`tradepit admin`: what an operator asks of a running server, over the control plane.

Rules: the same client, key exchange and logon as everyone; answers go to standard output, one sentence of failure to
standard error with exit status 2.
"""

import argparse
import json
import sys

from server.client.connection import Connection, ConnectionRefused
from server.protocol import control
from server.protocol.enums import FaultCode, Phase, Right
from server.tools.server_address import AddressMissing, add_address_arguments, connect, read_password


class Refusal(Exception):
    """The server answered no; the text is its sentence."""


def ask(connection: Connection, message: control.AnyRequest) -> control.AnyReply:
    """The answer. Raises `Refusal`."""
    reply = connection.ask(message)
    if isinstance(reply, control.Refused):
        name = FaultCode(reply.code).name if reply.code in list(FaultCode) else str(reply.code)
        raise Refusal(reply.text or name)
    return reply


def show_status(connection: Connection, options: argparse.Namespace) -> None:
    """Counters by name, with the state hash."""
    reply = ask(connection, control.GetStatus())
    assert isinstance(reply, control.Status)
    if options.json:
        print(json.dumps({"counters": reply.counters, "state_hash": f"{reply.state_hash:016x}"}, sort_keys=True))
        return
    width = max((len(name) for name in reply.counters), default=0)
    for name in sorted(reply.counters):
        print(f"{name:<{width}}  {reply.counters[name]:>20,}")
    print(f"{'state hash':<{width}}  {reply.state_hash:>20x}")


def add_user(connection: Connection, options: argparse.Namespace) -> None:
    """Creates a user; its password is the second line of standard input, or asked for."""
    password = read_password(options, "Password of the new user: ")
    request = control.AddUser(
        user=options.name,
        password=password,
        accounts=options.account,
        operator=options.operator,
        viewed=options.view,
    )
    reply = ask(connection, request)
    assert isinstance(reply, control.Done)
    print(f"User {options.name} has the number {reply.number}.")


def set_rights(connection: Connection, options: argparse.Namespace) -> None:
    """Gives a user exactly these rights on an account; none of them takes all away."""
    rights = Right.NONE
    for right in options.right:
        rights |= right
    ask(connection, control.SetRights(user_id=options.user_id, account=options.account, rights=int(rights)))
    print(f"User {options.user_id} on account {options.account}: {rights.name or 'nothing'}.")


def right_named(name: str) -> Right:
    """A right by its name in lower case."""
    try:
        return Right[name.upper()]
    except KeyError as error:
        raise argparse.ArgumentTypeError(f"there is no right {name!r}") from error


def set_phase(connection: Connection, options: argparse.Namespace) -> None:
    """Moves an instrument, or all, to a market phase."""
    phase = Phase[options.phase.upper()]
    ask(connection, control.SetPhase(instrument=options.instrument, phase=int(phase)))
    which = f"Instrument {options.instrument}" if options.instrument else "All instruments"
    print(f"{which}: {phase.name}.")


def kick(connection: Connection, options: argparse.Namespace) -> None:
    """Ends the sessions of a user, or one of them; what becomes of the orders is up to the terms of each session."""
    reply = ask(connection, control.CloseSession(user=options.name, session=options.session))
    assert isinstance(reply, control.Done)
    print(f"{reply.number} session{'s' if reply.number != 1 else ''} of {options.name} closed.")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="tradepit admin", description="Operator commands to a running server.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    status = commands.add_parser("status", help="counters: accepts, rejects by reason, drops, gaps, fsync, queues")
    status.add_argument("--json", action="store_true")
    status.set_defaults(run=show_status)
    user = commands.add_parser("add-user", help="create a user")
    user.add_argument("name", help="the new user's name")
    user.add_argument("--account", type=int, action="append", default=[], help="may trade on this account (repeatable)")
    user.add_argument("--view", type=int, action="append", default=[], help="may view this account (repeatable)")
    user.add_argument("--operator", action="store_true", help="may operate the server")
    user.set_defaults(run=add_user)
    phase = commands.add_parser("phase", help="move an instrument to a market phase")
    phase.add_argument("phase", choices=[item.name.lower() for item in Phase])
    phase.add_argument("--instrument", type=int, default=0, help="its number (default: all)")
    phase.set_defaults(run=set_phase)
    out = commands.add_parser("kick", help="end the sessions of a user")
    out.add_argument("name", help="whose")
    out.add_argument("--session", type=int, default=0, help="this session alone (default: all)")
    out.set_defaults(run=kick)
    rights = commands.add_parser("rights", help="what a user may do on an account, from now on")
    rights.add_argument("user_id", type=int, help="the user's number")
    rights.add_argument("account", type=int, help="the account; 0: the server")
    rights.add_argument("right", nargs="*", type=right_named, help="view, trade, operate; none: nothing")
    rights.set_defaults(run=set_rights)
    for command in (status, user, phase, rights, out):
        add_address_arguments(command)
    return top


def main(arguments: list[str] | None = None) -> int:
    """0: done; 2: one sentence on standard error says why not."""
    options = parser().parse_args(arguments)
    try:
        with connect(options) as connection:
            connection.logon(options.user, read_password(options))
            options.run(connection, options)
    except (AddressMissing, ConnectionRefused, Refusal) as error:
        print(f"tradepit admin: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
