"""What stands between marks is replaced and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import default_models_dir, load_manifest
from tools.cards.marks import FIGURES, FILES, replaced, split_at, stale, stamped, states, tables


def test_parts_between_marks(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text("a\n<!-- files -->\nb\n<!-- end files -->\nc\n<!-- figures -->\n<!-- end figures -->\n", "utf-8")
    assert split_at(card, FILES)[:2] == ("a\n", "b\n")
    assert split_at(card, FIGURES)[1:] == ("", "")
    text = "a\n<!-- files -->\nb\n<!-- end files -->\nc\n<!-- figures -->\nnew\n<!-- end figures -->\n"
    assert replaced(card, FIGURES, "new\n") == text
    with pytest.raises(ConfigurationError, match="needs <!-- tables one --> and <!-- end one -->"):
        split_at(card, tables("one"))


def test_a_section_is_stale_when_anything_it_names_is_another() -> None:
    manifest = load_manifest(default_models_dir())
    section = stamped(
        manifest, states(manifest, ("voice.tflite", "fusion.toml")), ("voice_quality.png",), "\n## Measured\n"
    )
    assert section.count("<!-- measured ") == 2
    assert stale(manifest, section, ("voice.tflite",)) == ()
    assert stale(manifest, section, ("facenet.tflite",)) == ("its figures are of no facenet.tflite",)
    assert stale(manifest, section + "more\n", ()) == ("its figures were changed by hand",)
    assert stale(manifest, "\n## Measured\n", ()) == ("its figures were changed by hand",)
    digest = manifest.entry("voice").sha256
    other = section.replace(digest, "0" * 64)
    assert stale(manifest, other, ()) == ("its figures were measured on another voice.tflite",)
    with pytest.raises(ConfigurationError, match=r"none\.png cannot be read"):
        stamped(manifest, (), ("none.png",), "")
