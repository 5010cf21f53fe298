"""The command line: ``ncheck`` and ``python -m checkers``.

Exit status 0: everything as claimed; 1: a finding contradicts a standing, a mutant survived or a
statement is vacuous; 2: the call or its input is wrong, told in one line on stderr; 3: ncheck
itself failed, with the traceback on stderr; 130: interrupted.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import typer

from checkers.catalogue import BrokenStatementError
from checkers.cli import catalogue, checking, instances, metrics, reporting, sweeping
from checkers.cli.output import INTERRUPTED, complain, remark
from checkers.instance import InvalidInput

FAILED = 3

# The base of the usage errors; click's own or, in newer releases, the copy that typer carries.
_UsageError: type[Any] = typer.BadParameter.__bases__[0]

app = typer.Typer(
    name="ncheck",
    help="Runs the theorems of neural collapse: samples, searches, trains, certifies, refutes.",
    epilog="Exit status: 0 all as claimed, 1 something is not, 2 the call or its input is wrong,"
    " 3 ncheck itself failed.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (catalogue, checking, sweeping, reporting, instances, metrics):
    module.register(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; an input that is wrong is told in one line."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if not given:
            raise InvalidInput(f"no command given; expected one of {', '.join(_commands())}")
        status = app(given, prog_name="ncheck", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except _UsageError as error:
        told = str(error.format_message()).rstrip(".")
        return complain(f"{told} (given: {' '.join(given)}); see ncheck --help")
    except (InvalidInput, BrokenStatementError) as error:
        return complain(str(error))
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has left; nothing is wrong, and nobody is there to be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return complain(
            f"{error.filename or 'file'}: {error.strerror}; check the path and the disk"
        )
    except Exception as error:
        # Python's own status for this is 1, which would say that something is not as claimed.
        traceback.print_exc()
        remark(f"failed with the {type(error).__name__} above; this is a defect, please report it")
        return FAILED


def _commands() -> list[str]:
    return [command.name or "" for command in app.registered_commands]
