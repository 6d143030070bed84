"""``status`` tells of suggestions and safety too."""

from __future__ import annotations

import json
from pathlib import Path

from ertedge.core.drift import TURNED_OFF
from ertedge.ctl.objects import status_object
from ertedge.ctl.status import drift_words
from ertedge.types import RedFlag
from tests.core.fakes import report
from tests.ctl.samples import device_status
from tests.ctl.served import served_house
from tests.ctl.suggestion_samples import quick
from tests.rpc.house import House


def test_what_is_open(tmp_path: Path) -> None:
    with served_house(tmp_path, quick()) as served:
        assert "on, and none is open" in served.ctl("status").out
        assert "no notice is open" in served.ctl("status").out
        served.ctl("suggest")
        assert "on; number 1 is offered: Slow breathing" in served.ctl("status").out

        async def flag(house: House) -> None:
            house.safety.raise_red_flag(RedFlag.SELF_HARM_THOUGHTS)

        served.inside(flag)
        assert "A NOTICE IS OPEN" in served.ctl("status").out
        found = json.loads(served.ctl("--json", "status").out)
        assert (found["suggestions_on"], found["safety_notice_open"]) == (True, True)


def test_what_cannot_be_used(tmp_path: Path) -> None:
    with served_house(tmp_path, quick(), suggests=False) as served:
        answer = served.ctl("status")
        assert (answer.status, answer.err) == (0, "")
        assert "OFF: the recommender cannot be used" in " ".join(answer.out.split())
        assert json.loads(served.ctl("--json", "status").out)["suggestions_on"] is False


def test_a_drifted_face_is_a_warning_that_says_what_to_do(tmp_path: Path) -> None:
    face, voice = device_status().drifts
    assert drift_words(face).startswith("WARNING, since 2027-01-15 08:00:00 UTC: The picture looks unlike")
    assert drift_words(voice) == "like the people on whom the model was measured"
    told = status_object(device_status())["drifts"]
    assert json.loads(json.dumps(told))[0] | {"detail": ""} == {
        "modality": "face",
        "condition": "drifted",
        "signs": ["unlike"],
        "detail": "",
        "start_time": "2027-01-15T08:00:00.000Z",
    }
    with served_house(tmp_path, quick()) as served:
        served.inside(_report)
        assert f"not compared: {TURNED_OFF}" in served.ctl("status").out
        assert json.loads(served.ctl("--json", "status").out)["drifts"][1]["condition"] == "off"


async def _report(house: House) -> None:
    house.drift.take_report(report())
