"""Files of the catalogue for tests: one right activity, and ways to make it wrong."""

from __future__ import annotations

from pathlib import Path

HEAD = 'language = "{language}"\nfamily = "{family}"\n'

ACTIVITY = """
[[activities]]
id = "slow-breathing"
version = 1
title = "Slow breathing"
purpose = "Settles you when you are tense."
emotions = ["fear", "anger"]
arousal_least = 0.0
arousal_most = 1.0
arousal_effect = "lowers"
minutes = 1.5
contraindications = ["respiratory"]

[activities.evidence]
note = "Helped by g = 0.3 against a waiting list."
citation = "Somebody A (2020). A trial. A Journal 1:1-2"
source = "10.1000/xyz"
effect_size = 0.3

[[activities.steps]]
kind = "read"
seconds = 15
show = "Sit down"
say = "Sit down where it is comfortable."

[[activities.steps]]
kind = "cycle"
rounds = 7
spoken = 2
steps = [
    { kind = "inhale", seconds = 4, show = "In", say = "Breathe in." },
    { kind = "exhale", seconds = 6, show = "Out", say = "And out." },
]
"""

GERMAN = (
    ACTIVITY.replace('"Slow breathing"', '"Langsames Atmen"')
    .replace('"Sit down"', '"Setz dich"')
    .replace("version = 1", "version = 1\nmachine_drafted = true")
)


def written(
    folder: Path, *changes: tuple[str, str], language: str = "en", family: str = "relaxation", text: str = ACTIVITY
) -> Path:
    """Write ``text`` with each (old, new) of ``changes`` made, under a name of its own, and return the folder."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    folder.mkdir(exist_ok=True, parents=True)
    path = folder / f"{language}-{len(list(folder.iterdir()))}.toml"
    path.write_text(HEAD.format(language=language, family=family) + text, encoding="utf-8")
    return folder
