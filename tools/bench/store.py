"""The store after a year of use at a state a second: how large it is, and how long every list call takes.

A year is a week of single states, and one a minute before, as history ages; the values in it are drawn at random, which
takes more room than a person's would. There are two suggestions, a notice and an entry of the ledger a day. Beside it stand
the same days summed from their states instead of from sums by the hour, and the same store under a key, where SQLCipher is
installed.
"""

from __future__ import annotations

import importlib.util
import secrets
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from ertedge.config import StoreSettings
from ertedge.store import Store, hours, states
from ertedge.store.keys import StoreKey
from ertedge.store.rows import COLUMNS, PARTS
from ertedge.types import Emotion, NoticeKind, SafetyCause, SafetyNotice, Suggestion, SuggestionStatus, Trigger
from tools.bench.timing import in_turn, percentile_figures, ratio_figure
from tools.evaluation.report import Figure

SECOND_NS = 1_000_000_000
HOUR_NS, DAY_NS = 3_600 * SECOND_NS, 86_400 * SECOND_NS
START_NS = 1_780_012_800 * SECOND_NS
"""A midnight of May 2026, UTC."""
DAYS, FULL_DAYS = 365, 7
PERSON, OTHER = 1, 2
SIZE_MOST_MB, CALL_MOST_MS = 250.0, 50.0
"""What a year and a call may take at most."""
SETTINGS = StoreSettings(free_bytes_least=0)
ROUNDS_MOST, ROUNDS_PROCESSOR = 20, 5


def measure(rounds: int, days: int = DAYS) -> tuple[list[Figure], list[str]]:
    """Size of a year in MB, p50 and p99 of each list call, the slowest beside what it may take; and what is missing."""
    with tempfile.TemporaryDirectory(prefix="ertedge-bench-") as folder:
        store = year(Path(folder) / "plain" / "ertedge.db", days)
        figures = [Figure("size", store.status().size_bytes / 1e6, "MB", days, f"a year, at most {SIZE_MOST_MB:g}")]
        calls = list_calls(store, days)
        times = in_turn(calls, min(rounds, ROUNDS_MOST), warm_up=1)
        figures += [each for name, taken in times.items() for each in percentile_figures("list", taken, name)]
        slowest = max(float(np.percentile(taken, 50)) / 1e6 for taken in times.values())
        figures.append(Figure("slowest_list", slowest, "ms", len(times), f"median, at most {CALL_MOST_MS:g}"))
        worked = max(processor_ms(call) for call in calls.values())
        figures.append(
            Figure("slowest_list", worked, "ms", len(calls), "processor time, as on a machine with nothing else")
        )
        figures += without_sums(store, days)
        store.close()
        if importlib.util.find_spec("sqlcipher3") is None:
            return figures, ["not encrypted: SQLCipher comes with the encryption extra"]
        return figures + encrypted(Path(folder) / "encrypted" / "ertedge.db", times, days), []


def year(path: Path, days: int = DAYS, key: StoreKey | None = None) -> Store:
    """A store of ``days`` days' use by one person, and nothing of another."""
    store = Store.open(path, SETTINGS, key)
    random = np.random.default_rng(0)
    insert = f"INSERT INTO states ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
    sequence = 1
    for day in range(days):
        seconds = 1 if day >= days - FULL_DAYS else 60
        rows = _day(random, START_NS + day * DAY_NS, seconds, sequence)
        with store._database.atomic():
            store._database.conn.executemany(insert, rows)
        sequence += 86_400
        _save_rest_of_day(store, day)
    while hours.sum_up(store._database, START_NS + days * DAY_NS, 1_000):
        pass
    store._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return store


def list_calls(store: Store, days: int) -> Mapping[str, Callable[[], object]]:
    """Every list call, each as it is slowest: the newest, a window over everything, an old day, spans of each length."""
    end_ns = START_NS + days * DAY_NS
    whole, old = (START_NS, end_ns), (START_NS + DAY_NS, START_NS + 2 * DAY_NS)

    def page(
        span: tuple[int | None, int | None] = (None, None),
        resolution_ns: int = 0,
        profile_id: int | None = PERSON,
    ) -> Callable[[], object]:
        return lambda: store.list_states(
            start_ns=span[0],
            end_ns=span[1],
            resolution_ns=resolution_ns,
            limit=100,
            before=None,
            profile_id=profile_id,
        )

    mine = store.of(PERSON)
    return {
        "newest states": page(),
        "newest states of everybody": page(profile_id=None),
        "states of a year": page(whole),
        "states of an old day": page(old),
        "states of somebody who has none": page(whole, profile_id=OTHER),
        "minutes": page(resolution_ns=60 * SECOND_NS),
        "hours": page(resolution_ns=HOUR_NS),
        "days": page(resolution_ns=DAY_NS),
        "days of everybody": page(resolution_ns=DAY_NS, profile_id=None),
        "weeks": page(resolution_ns=7 * DAY_NS),
        "suggestions": lambda: mine.list_suggestions(limit=100, before=None),
        "notices": lambda: mine.list_safety_notices(limit=100, before=None, only_open=False),
        "ledger": lambda: store.list_ledger(limit=100, before=None),
    }


def processor_ms(call: Callable[[], object]) -> float:
    """Milliseconds of the processor's time that ``call`` takes, the best of a few: other work on the machine adds none."""
    taken = []
    for _ in range(ROUNDS_PROCESSOR):
        started = time.process_time_ns()
        call()
        taken.append(time.process_time_ns() - started)
    return min(taken) / 1e6


def without_sums(store: Store, days: int) -> list[Figure]:
    """How many times as long the same page of days takes where every span is summed from the states themselves."""
    end_ns = START_NS + days * DAY_NS
    span = (end_ns - 10 * DAY_NS, end_ns)

    def summed() -> None:
        for day in range(10):
            hours.merged(store._database, PERSON, span[0] + day * DAY_NS, span[0] + (day + 1) * DAY_NS)

    def from_states() -> None:
        for day in range(10):
            states.merge_span(store._database, span[0] + day * DAY_NS, span[0] + (day + 1) * DAY_NS, profile_id=PERSON)

    times = in_turn({"ours": summed, "theirs": from_states}, 3, warm_up=0)
    return [ratio_figure("time_over_sums", times["ours"], times["theirs"], "ten newest days, summed from their states")]


def encrypted(path: Path, plain: Mapping[str, list[int]], days: int) -> list[Figure]:
    """Size and time of the same store under a key, beside the plain one's."""
    store = year(path, days, StoreKey(secrets.token_bytes(32), "the bench"))
    times = in_turn(list_calls(store, days), min(map(len, plain.values())), warm_up=1)
    size = store.status().size_bytes / 1e6
    store.close()
    slowest = max(float(np.percentile(taken, 50)) / 1e6 for taken in times.values())
    return [
        Figure("size", size, "MB", days, "encrypted"),
        Figure("slowest_list", slowest, "ms", len(times), f"encrypted, median, at most {CALL_MOST_MS:g}"),
        *(
            ratio_figure("time_encrypted", plain[name], times[name], name)
            for name in ("newest states", "states of a year", "days")
        ),
    ]


def _save_rest_of_day(store: Store, day: int) -> None:
    at_ns, mine = START_NS + day * DAY_NS, store.of(PERSON)
    store.append_ledger("STATES_READ", "the local socket", "A client at the local socket read emotion states.", at_ns)
    mine.save_safety(
        "",
        at_ns,
        SafetyNotice(day + 1, at_ns, NoticeKind.CHECK_IN, SafetyCause.SEVERE_STATE, "How are you?", open=False),
    )
    for number in (2 * day + 1, 2 * day + 2):
        mine.save_suggestion(
            Suggestion(
                suggestion_id=number,
                decision_id=number,
                wall_time_ns=at_ns + number,
                expire_wall_time_ns=at_ns + HOUR_NS,
                activity_id="box-breathing",
                activity_version=1,
                title="Breathing in a square",
                minutes=4.0,
                reason="You have sounded tense for a few minutes, and breathing slowly has helped you before.",
                trigger=Trigger.SUSTAINED_STATE,
                propensity=0.5,
                expected_helpfulness=0.25,
                expected_sd=0.25,
                emotion=Emotion.FEAR,
                valence_before=-0.5,
                arousal_before=0.5,
                status=SuggestionStatus.COMPLETED,
                update_wall_time_ns=at_ns + HOUR_NS,
            )
        )


def _day(random: np.random.Generator, begin_ns: int, seconds: int, sequence: int) -> list[list[int]]:
    """The rows of a day with a state every so many seconds, numbered from ``sequence`` on."""
    count = 86_400 // seconds
    place = {name: index for index, name in enumerate(COLUMNS)}
    rows = random.integers(-PARTS, PARTS, (count, len(COLUMNS)))
    at_ns = begin_ns + np.arange(count) * seconds * SECOND_NS
    rows[:, place["sequence"]] = sequence + (np.arange(count) + 1) * seconds - 1
    rows[:, place["wall_time_ns"]] = at_ns
    rows[:, place["timestamp_ns"]] = at_ns - START_NS + SECOND_NS
    rows[:, place["since_ns"]] = at_ns - START_NS
    rows[:, place["emotion"]] = random.integers(0, 8, count)
    for name in ("reasons", "face_reasons", "voice_reasons"):
        rows[:, place[name]] = random.integers(0, 4, count)
    rows[:, place["synthetic"]] = 0
    rows[:, place["state_count"]] = seconds
    rows[:, place["profile_id"]] = PERSON
    listed: list[list[int]] = rows.tolist()
    return listed
