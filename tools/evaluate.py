"""Score an exported model through the device's own runtime: ``python -m tools.evaluate face --root DATA [--json]``.

Host side only. The work of each subcommand is in ``tools/evaluation/NAME.py``, whose ``evaluate`` function gives the
options; only the module that is asked for is imported, so that scoring a voice model does not wait for the face's
libraries. Exit status: 0 done, 2 bad usage, 1 anything else with one line on stderr.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, get_origin

import typer

from ertedge.errors import ConfigurationError, ErtedgeError
from tools.evaluation.report import Report, print_report

SUBJECTS = (
    "face",
    "identity",
    "detector",
    "voice",
    "fusion",
    "uncertainty",
    "recording",
    "recommender",
    "personal",
    "personal_device",
)
"""The subcommands, each a module of ``tools.evaluation``."""


def command_for(evaluate: Callable[..., Report]) -> Callable[..., None]:
    """Make a command of an ``evaluate`` function: the same options and ``--json``, with the report printed."""

    @functools.wraps(evaluate)
    def command(*, json: bool, **options: object) -> None:
        try:
            report = evaluate(**options)
        except ConfigurationError as error:
            print(error, file=sys.stderr)
            raise typer.Exit(2) from error
        except ErtedgeError as error:
            print(error, file=sys.stderr)
            raise typer.Exit(1) from error
        print_report(report, as_json=json)

    as_json = inspect.Parameter(
        "json",
        inspect.Parameter.KEYWORD_ONLY,
        default=False,
        annotation=Annotated[
            bool,
            typer.Option("--json", help="Nothing but JSON on stdout: one object, or lines of which the last is it."),
        ],
    )
    # typer reads the options from the signature; the annotations must be real types, not the strings of a postponed
    # evaluation.
    own = [_as_option(p) for p in inspect.signature(evaluate, eval_str=True).parameters.values()]
    command.__signature__ = inspect.Signature([*own, as_json])  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in (*own, as_json)}
    return command


def _as_option(parameter: inspect.Parameter) -> inspect.Parameter:
    """The parameter as ``--name`` also where it has no default: typer alone would make a positional argument of it."""
    if get_origin(parameter.annotation) is Annotated:
        return parameter
    return parameter.replace(annotation=Annotated[parameter.annotation, typer.Option()])


def build_app(subjects: Sequence[str] = SUBJECTS) -> typer.Typer:
    """The command line with these subcommands."""
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help="Score an exported model through the device's own runtime.",
    )
    app.callback()(_no_shared_options)
    for subject in subjects:
        module = importlib.import_module(f"tools.evaluation.{subject}")
        app.command(subject)(command_for(module.evaluate))
    return app


def _no_shared_options() -> None:
    """Score an exported model through the device's own runtime."""
    # With a callback typer keeps the subcommand's name in the usage even where only one is registered.


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry of ``python -m tools.evaluate``."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    asked = tuple(subject for subject in SUBJECTS if given[:1] == [subject])
    build_app(asked or SUBJECTS)(args=given, prog_name="python -m tools.evaluate")


if __name__ == "__main__":
    main()
