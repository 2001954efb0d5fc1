"""`journal backup DIR --to DEST` while the server runs, and `journal restore BACKUP --to DIR` in an empty place.

Rules: a backup that is made again in the same place copies only what is new. Without `--with-keys` it does not hold the
key that opens it, which belongs elsewhere.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from server.journal import key_file
from server.tools.backup import back_up, restore


def add(actions: Any) -> None:
    """Both subcommands."""
    parser = actions.add_parser("backup", help="copy a data directory while its server runs, and verify the copy")
    parser.add_argument("directory", type=Path, help="data directory of the server")
    parser.add_argument("--shard", type=int, default=1)
    parser.add_argument("--to", type=Path, required=True, metavar="DEST", help="a new place, or that of the last one")
    parser.add_argument("--with-keys", action="store_true", help=f"also {key_file.FILE_NAME}, which opens the copy")
    parser.set_defaults(run=run_backup)
    parser = actions.add_parser("restore", help="put a data directory together out of a backup")
    parser.add_argument("backup", type=Path)
    parser.add_argument("--to", type=Path, required=True, metavar="DIR", help="an empty place")
    parser.add_argument("--key", type=Path, help=f"the {key_file.FILE_NAME} that was kept apart from the backup")
    parser.add_argument("--epoch-above", type=int, default=0, metavar="N",
                        help="the highest epoch that the original server may have used")  # fmt: skip
    parser.set_defaults(run=run_restore)


def run_backup(options: argparse.Namespace) -> int:
    """Make it. Raises JournalError, IdentityError, OSError."""
    done = back_up(options.directory, options.to, with_keys=options.with_keys, shard=options.shard)
    size = sum(entry.size for entry in done.manifest.files)
    say = sys.stdout.write
    say(f"backup: {len(done.manifest.files)} files, {size:,} bytes in {options.to}\n")
    say(f"backup: segments copied {done.copied}, there already {done.kept}\n")
    say(f"backup: up to command {done.manifest.sequence}, epoch {done.manifest.epoch}; the chain is good\n")
    if options.with_keys:
        say(f"backup: it holds {key_file.FILE_NAME}: whoever has this copy can read it\n")
    else:
        say(f"backup: {key_file.FILE_NAME} is not in it; without that file nothing in this copy can be read. Keep a")
        say(" copy of it elsewhere.\n")
    return 0


def run_restore(options: argparse.Namespace) -> int:
    """Put it together. Raises JournalError, OSError."""
    whole, has_key = restore(options.backup, options.to, epoch_above=options.epoch_above, key=options.key)
    epoch = max(whole.epoch, options.epoch_above)
    say = sys.stdout.write
    say(f"restore: {len(whole.files)} files in {options.to}, up to command {whole.sequence} as of {whole.made_at}\n")
    say(f"restore: the next start has epoch {epoch + 1}\n")
    if not options.epoch_above:
        say("restore: if the original server was started since, say its epoch by --epoch-above, or clients that have")
        say(" seen it refuse this one\n")
    if not has_key:
        say(f"restore: put {key_file.FILE_NAME} into {options.to} before the start; without it nothing can be read\n")
    return 0
