"""What the device is used for: the roles that there are, and the two places in which it does not run."""

from __future__ import annotations

from pathlib import Path

import pytest

from ertedge import config
from ertedge.config import REFUSED_ROLES, ROLES
from ertedge.errors import ConfigurationError


def with_role(folder: Path, role: str) -> config.Config:
    path = folder / "ertedge.toml"
    path.write_text(f'[deployment]\nrole = "{role}"\n', encoding="utf-8")
    return config.load(path)


@pytest.mark.parametrize("role", ROLES)
def test_a_lawful_role_is_taken(tmp_path: Path, role: str) -> None:
    assert with_role(tmp_path, role).deployment.role == role


def test_without_a_word_it_is_a_persons_own() -> None:
    assert config.load().deployment.role == "personal"


@pytest.mark.parametrize("role", ["workplace", "education", "Workplace", "EDUCATION", *REFUSED_ROLES])
def test_the_workplace_and_education_are_refused_with_the_reason(tmp_path: Path, role: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        with_role(tmp_path, role)
    (fault,) = raised.value.faults
    assert fault.startswith("deployment.role: ertedge does not run in ")
    assert "Article 5(1)(f)" in fault and "2024/1689" in fault
    assert "consent does not change that" in fault


def test_a_word_that_is_no_role_gets_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="did you mean clinic"):
        with_role(tmp_path, "clinik")
    with pytest.raises(ConfigurationError, match="none of personal, household, clinic, research, kiosk"):
        with_role(tmp_path, "spaceship")
