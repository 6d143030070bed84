"""``status`` tells of suggestions and safety too."""

from __future__ import annotations

import json
from pathlib import Path

from ertedge.types import RedFlag
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
