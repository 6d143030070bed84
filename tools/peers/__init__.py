"""Ours beside what a person would otherwise install, in one run on the same pictures and sounds (``make bench-peers``).

Host side only. Whatever is measured, ours too, is a process of its own (``subjects``) that is held to one core, reads the
same items from a folder (``items``) and answers a few at a time in turn with the others (``process``). So times compare,
memory is that of one program, packages that do not go together never meet, and one that fails says why on its row while
the others go on. ``faces``, ``frames`` and ``sounds`` put the questions; ``roster`` says who is asked.

The folder of the peers (``.venv-peers`` beside ``.venv``) holds a Python environment with ``requirements.txt`` and
``without_dependencies.txt``, and in ``node`` the npm packages of ``package.json``. Nothing is downloaded when they run.
"""
