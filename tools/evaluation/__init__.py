"""One module a question, all asked through ``python -m tools.evaluate NAME``. Host side only; never imported by
ertedge.

The convention, which is the whole of what a module owes the command line:

- ``tools/evaluation/NAME.py`` has one public function ``evaluate``. All its parameters are keyword-only, fully
  annotated, and become the command's options: ``root: Path`` (``--root``), ``limit: int = 0`` (``--limit``). The first
  two are always ``root: Path`` (the data; no default; left out where nothing is read) and ``models: Path | None = None``
  (the folder with ``manifest.toml``; None is what ``ertedge.inference.manifest.default_models_dir`` finds). A parameter
  may be ``Path``, ``str``, ``int``, ``float``, ``bool``, an ``Enum``, ``Literal`` or one of these ``| None``; a list is
  a comma-separated ``str`` (``--actors 1,2``). An option's help text is given with ``Annotated[str,
  typer.Option(help="...")]``; the command's help is the function's docstring.
- It returns a ``tools.evaluation.report.Report``: a title, figures and notes, and grids where a list of figures would
  be too long to read. It prints nothing (progress goes to stderr). With ``--json`` each figure is one object a line on
  stdout: ``name, value, unit, n, of, spread``; otherwise a rich table.
- Where it scores a model that ships on a collection, the report has ``evidence`` (``tools/evaluation/evidence.py``): with
  ``--json`` face, voice, detector and identity then print that one object and nothing else, with the figures in it; tables
  of rows (personal, recommender) print their lines and last one object that holds the rows.
- ``--model`` names the entry of the manifest, ``--dataset`` the collection, ``--on-fault stop|skip`` what a missing or
  corrupt file does: both name it, and ``skipped`` counts those that were passed over.
- It scores the exported file through ``ertedge.inference``, never the trainer's network, and applies what the manifest
  says (normalisation, labels, temperature), as the device does.

    def evaluate(*, root: Path, models: Path | None = None, limit: int = 0) -> Report:
        \"\"\"Score the face model on the FER+ validation images.\"\"\"
        ...
        return Report("FER+ validation", (Figure("accuracy", 0.861, "share", n=3137, of="ferplus/valid"),))

A wrong argument raises ``ertedge.errors.ConfigurationError`` (exit status 2); any other ``ErtedgeError`` is exit
status 1. Figures that several modules need are in ``tools/evaluation/metrics.py``.
"""
