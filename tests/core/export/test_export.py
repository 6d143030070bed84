"""An export holds everything of a person and nothing of anybody else, opens anywhere, and needs no more memory for more."""

from __future__ import annotations

import asyncio
import io
import json
import tracemalloc
import zipfile
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ertedge.config import StoreSettings
from ertedge.core.export import export as module
from ertedge.core.export.export import CHUNK_BYTES, Export
from ertedge.core.people.consent_texts import load_consent_texts
from ertedge.core.people.people import People
from ertedge.core.recorder import Recorder
from ertedge.errors import LimitReachedError, NotFoundError
from ertedge.store.assessment_records import StoredAssessment
from ertedge.store.data_dictionary import EXPORTED
from ertedge.store.store import Store
from ertedge.types import Purpose, SafetyPlan
from ertedge.types.assessments import AssessmentStatus
from tests.core.fakes import FakeClock
from tests.store.samples import DAY_NS, START_NS, state
from tests.store.suggestion_samples import decision, suggestion

NAME, OTHER = "Marmaduke Featherstonehaugh", "Wilhelmina Cholmondeley"


class House:
    """People on a real store, and what exports them."""

    def __init__(self, path: Path) -> None:
        clock = FakeClock(wall_offset_ns=START_NS + DAY_NS)
        self.recorder = Recorder(lambda: Store.open(path, StoreSettings(free_bytes_least=0)), clock)
        self.people = People(self.recorder, clock, load_consent_texts())
        self.export = Export(self.recorder, self.people, clock)

    async def fill(self, name: str) -> int:
        person = (await self.people.create(name)).profile_id
        text = self.people.text(Purpose.KEEP_HISTORY, person)
        for _ in range(2):
            await self.people.give(
                person, Purpose.KEEP_HISTORY, version=text.version, language=text.language, digest=text.digest
            )
        answers = json.dumps(
            {"status": "completed", "questionnaire": "dass-21", "item": [{"linkId": "1", "text": name}]}
        )

        def write(store: Any) -> None:
            store.append_states([replace(state(100 * person + n), profile_id=person) for n in range(50)])
            mine = store.of(person)
            mine.append_decisions([decision(person)])
            mine.save_suggestion(replace(suggestion(person), reason=name))
            mine.save_safety_plan(SafetyPlan(warning_signs=(name,)))
            store.assessments.save(
                StoredAssessment(
                    person,
                    person,
                    "dass-21",
                    "1",
                    "en",
                    AssessmentStatus.COMPLETED,
                    START_NS,
                    START_NS,
                    START_NS,
                    (),
                    answers,
                )
            )

        await self.recorder.keep_now(write)
        return person


def run(path: Path, scenario: Callable[[House], Awaitable[None]]) -> None:
    async def inside() -> None:
        house = House(path / "ertedge.db")
        await house.recorder.start()
        await house.people.start()
        try:
            async with asyncio.timeout(60):
                await scenario(house)
        finally:
            await house.recorder.stop()

    asyncio.run(inside())


async def archive_of(house: House, person: int) -> zipfile.ZipFile:
    chunks = [chunk async for chunk in house.export.archive(person)]
    assert all(0 < len(chunk) <= CHUNK_BYTES for chunk in chunks)
    return zipfile.ZipFile(io.BytesIO(b"".join(chunks)))


def test_everything_of_the_person_is_in_it_and_nothing_of_another(tmp_path: Path) -> None:
    async def scenario(house: House) -> None:
        person, other = await house.fill(NAME), await house.fill(OTHER)
        archive = await archive_of(house, person)
        assert archive.testzip() is None
        names = [f"{each.file}.jsonl" for each in EXPORTED]
        assert archive.namelist() == [*names, "fhir/bundle.json", "README.md"]
        assert all(entry.external_attr >> 16 == 0o600 for entry in archive.infolist())
        whole = b"".join(archive.read(name) for name in archive.namelist()).decode()
        assert whole.count(NAME) >= 5
        assert OTHER not in whole
        assert f'"profile_id":{other}' not in whole
        states = [json.loads(line) for line in archive.read("states.jsonl").splitlines()]
        assert [each["sequence"] for each in states] == [100 * person + n for n in range(50)]
        assert json.loads(archive.read("profile.jsonl"))["display_name"] == NAME
        assert json.loads(archive.read("safety_plan.jsonl"))["plan"]["warning_signs"] == [NAME]
        readme = archive.read("README.md").decode()
        for exported in EXPORTED:
            assert f"## {exported.file}.jsonl" in readme
            assert all(f"| `{field.key}` | {field.meaning} |" in readme for field in exported.fields)
        assert "moment by moment. Lines: 50." in readme

    run(tmp_path, scenario)


def test_the_bundle_has_what_fhir_requires(tmp_path: Path) -> None:
    async def scenario(house: House) -> None:
        person = await house.fill(NAME)
        await house.people.withdraw(person, Purpose.SENSE_FACE)
        bundle = json.loads((await archive_of(house, person)).read("fhir/bundle.json"))
        assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
        resources = [entry["resource"] for entry in bundle["entry"]]
        assert len({entry["fullUrl"] for entry in bundle["entry"]}) == len(resources)
        kinds = {kind: [each for each in resources if each["resourceType"] == kind] for kind in REQUIRED}
        assert sum(map(len, kinds.values())) == len(resources)
        for kind, required in REQUIRED.items():
            assert kinds[kind], kind
            for resource in kinds[kind]:
                assert required <= resource.keys()
                assert resource.get("subject", resource.get("patient", {"reference": "Patient/profile-1"})) == {
                    "reference": "Patient/profile-1"
                }
        (patient,), (consent,) = kinds["Patient"], kinds["Consent"]
        assert (patient["id"], patient["name"]) == ("profile-1", [{"text": NAME}])
        assert (consent["status"], consent["provision"]["type"]) == ("active", "permit")
        (answers,) = kinds["QuestionnaireResponse"]
        assert (answers["status"], answers["item"][0]["linkId"]) == ("completed", "1")
        for observed in kinds["Observation"]:
            assert observed["component"][-1]["valueInteger"] > 0
            assert -1 <= observed["component"][0]["valueQuantity"]["value"] <= 1

    run(tmp_path, scenario)


REQUIRED = {
    "Patient": {"id", "name"},
    "Consent": {"status", "scope", "category", "patient", "dateTime", "policyRule", "provision"},
    "QuestionnaireResponse": {"status", "questionnaire", "subject", "authored", "item"},
    "Observation": {"status", "code", "subject", "effectivePeriod", "component"},
}
"""What R4 requires of each, and what its reader would miss."""


def test_a_long_history_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    async def scenario(house: House) -> None:
        person = await house.fill(NAME)
        peaks = []
        for first, last in ((1_000, 1_800), (2_000, 5_000)):
            many = [replace(state(n), profile_id=person) for n in range(first, last)]
            await house.recorder.keep_now(lambda store, many=many: store.append_states(many))  # type: ignore[misc]
            del many
            tracemalloc.start()
            async for _ in house.export.archive(person):
                pass
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert peaks[1] < 1.3 * peaks[0], "almost five times as many states"

    run(tmp_path, scenario)


def test_one_that_is_left_in_the_middle_makes_room_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK_BYTES", 100)

    async def scenario(house: House) -> None:
        person = await house.fill(NAME)
        async with aclosing(house.export.archive(person)) as first, aclosing(house.export.archive(person)) as second:
            await anext(first)
            await anext(second)
            with pytest.raises(LimitReachedError, match="wait for one of them"):
                await anext(house.export.archive(person))
        async with aclosing(house.export.archive(person)) as again:
            await anext(again)

    run(tmp_path, scenario)


def test_a_person_who_is_erased_meanwhile_is_not_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK_BYTES", 100)

    async def scenario(house: House) -> None:
        with pytest.raises(NotFoundError):
            await anext(house.export.archive(9))
        person = await house.fill(NAME)
        async with aclosing(house.export.archive(person)) as chunks:
            await anext(chunks)
            await house.people.delete(person)
            with pytest.raises(NotFoundError, match="erased meanwhile"):
                async for _ in chunks:
                    pass

    run(tmp_path, scenario)
