"""The store: what goes in comes out, pages, grows coarser with age, and nothing is lost when something breaks."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ertedge.config import StoreSettings
from ertedge.errors import NotFoundError, StoreCorruptError, StoreFullError, StoreReadOnlyError
from ertedge.store.migrations import NEWEST
from ertedge.store.store import DAY_NS, Store
from ertedge.types import EMOTIONS, Emotion, EmotionState, Modality, ModalityShare, Reason

SECOND = 1_000_000_000
NOON = 1_790_000_000 * SECOND // (60 * SECOND) * (60 * SECOND)
SETTINGS = StoreSettings(keep_full_days=7, keep_days=365, free_bytes_least=0)


def state(
    sequence: int, emotion: Emotion = Emotion.NEUTRAL, wall_time_ns: int | None = None, valence: float = 0.25
) -> EmotionState:
    p = np.full(7, 0.05, dtype=np.float32)
    p[EMOTIONS.index(emotion) if emotion is not Emotion.UNKNOWN else 0] = 0.7
    known = emotion is not Emotion.UNKNOWN
    return EmotionState(
        sequence=sequence,
        timestamp_ns=50 * SECOND,
        wall_time_ns=NOON + sequence * SECOND if wall_time_ns is None else wall_time_ns,
        emotion=emotion,
        probabilities=p,
        valence=valence,
        arousal=-0.5,
        confidence=0.7 if known else 0.0,
        since_ns=40 * SECOND,
        shares=(
            ModalityShare(Modality.FACE, 0.75, 0.5, p),
            ModalityShare(Modality.VOICE, 0.25, 0.0, None, (Reason.NO_SPEECH, Reason.LOW_QUALITY)),
        ),
        reasons=() if known else (Reason.LOW_CONFIDENCE, Reason.NO_FACE),
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "data" / "ertedge.db", SETTINGS)


def test_a_state_comes_back_as_it_went_in(store: Store) -> None:
    for sequence, emotion in enumerate(Emotion, start=1):
        store.append_states([state(sequence, emotion)])
        back, given = store.state(sequence), state(sequence, emotion)
        assert back.probabilities == pytest.approx(given.probabilities, abs=1e-4)
        assert (back.emotion, back.reasons, back.wall_time_ns) == (given.emotion, given.reasons, given.wall_time_ns)
        assert (back.valence, back.arousal, back.confidence) == (given.valence, given.arousal, given.confidence)
        assert back.timestamp_ns - back.since_ns == 10 * SECOND
        face, voice = back.shares
        assert face.modality is Modality.FACE
        assert (face.weight, face.quality) == pytest.approx((0.75, 0.5), abs=1e-4)
        assert face.probabilities == pytest.approx(given.probabilities, abs=1e-4)
        assert voice.probabilities is None
        assert set(voice.reasons) == {Reason.NO_SPEECH, Reason.LOW_QUALITY}


def test_files_are_for_the_owner_alone(store: Store, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "data" / "ertedge.db").stat().st_mode) == 0o600


def test_pages_are_newest_first_without_gap_or_repeat_while_states_arrive(store: Store) -> None:
    store.append_states([state(i) for i in range(1, 26)])
    seen: list[int] = []
    before = None
    while True:
        page = store.list_states(limit=10, before=before)
        seen += [s.sequence for s in page.states]
        store.append_states([state(100 + len(seen))])
        if (before := page.next_before) is None:
            break
    assert seen == list(range(25, 0, -1))


def test_a_span_of_time_takes_its_start_and_leaves_its_end(store: Store) -> None:
    store.append_states([state(i) for i in range(1, 11)])
    page = store.list_states(start_ns=NOON + 3 * SECOND, end_ns=NOON + 6 * SECOND)
    assert [s.sequence for s in page.states] == [5, 4, 3]


def test_a_coarser_resolution_is_the_mean_of_each_span(store: Store) -> None:
    store.append_states([state(i, Emotion.SADNESS if i < 60 else Emotion.NEUTRAL, valence=i / 100) for i in range(120)])
    newest, oldest = store.list_states(resolution_ns=60 * SECOND).states
    assert (newest.state_count, oldest.state_count) == (60, 60)
    assert (newest.emotion, oldest.emotion) == (Emotion.NEUTRAL, Emotion.SADNESS)
    assert oldest.valence == pytest.approx(np.mean(np.arange(60) / 100))
    assert oldest.wall_time_ns == NOON
    assert oldest.probabilities.sum() == pytest.approx(1.0, abs=1e-3)


def test_coarse_pages_join_without_splitting_a_span(store: Store) -> None:
    store.append_states([state(i) for i in range(1, 600)])
    whole = store.list_states(resolution_ns=60 * SECOND, limit=100)
    joined: list[tuple[int, int]] = []
    before = None
    while True:
        page = store.list_states(resolution_ns=60 * SECOND, limit=3, before=before)
        joined += [(s.wall_time_ns, s.state_count) for s in page.states]
        if (before := page.next_before) is None:
            break
    assert joined == [(s.wall_time_ns, s.state_count) for s in whole.states]
    assert sum(count for _, count in joined) == 599


def test_a_clock_that_jumps_back_loses_and_reorders_nothing(store: Store) -> None:
    store.append_states([state(1), state(2, wall_time_ns=NOON - DAY_NS), state(3, wall_time_ns=NOON - DAY_NS + SECOND)])
    assert [s.sequence for s in store.list_states().states] == [3, 2, 1]


def test_sequence_numbers_outlive_the_states(store: Store) -> None:
    store.append_states([state(i) for i in range(1, 5)])
    store.downsample(NOON + 400 * DAY_NS)
    assert store.list_states().states == ()
    assert store.last_sequence() == 4


def test_downsampling_keeps_a_minute_as_one_and_counts_what_it_stands_for(store: Store) -> None:
    store.append_states([state(i) for i in range(180)])
    store.downsample(NOON + 8 * DAY_NS)
    store.downsample(NOON + 8 * DAY_NS)
    kept = store.list_states().states
    assert [s.state_count for s in kept] == [60, 60, 60]
    (hour,) = store.list_states(resolution_ns=3600 * SECOND).states
    assert hour.state_count == 180


def test_young_states_stay_as_they_are(store: Store) -> None:
    store.append_states([state(i) for i in range(100)])
    store.downsample(NOON + 6 * DAY_NS)
    assert store.status().state_count == 100


def test_what_is_not_there_is_not_found(store: Store) -> None:
    with pytest.raises(NotFoundError, match="emotionStates/7"):
        store.state(7)


def test_the_ledger_pages_newest_first(store: Store) -> None:
    for i in range(5):
        store.append_ledger("CAMERA_OPENED", "camera", f"time {i}", NOON + i)
    first = store.list_ledger(limit=3)
    rest = store.list_ledger(limit=3, before=first.next_before)
    assert [e.detail for e in (*first.entries, *rest.entries)] == [f"time {i}" for i in (4, 3, 2, 1, 0)]
    assert rest.next_before is None


def test_reopening_keeps_everything_and_applies_nothing_twice(tmp_path: Path) -> None:
    path = tmp_path / "ertedge.db"
    with Store.open(path, SETTINGS) as store:
        store.append_states([state(1)])
    with Store.open(path, SETTINGS) as store:
        assert store.last_sequence() == 1
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM migrations").fetchone() == (NEWEST,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ertedge.db"
    path.write_bytes(b"these are my holiday notes\n" * 100)
    before = path.read_bytes()
    with pytest.raises(StoreCorruptError, match="move it away"):
        Store.open(path, SETTINGS)
    assert path.read_bytes() == before


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ertedge.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreCorruptError, match="another program"):
        Store.open(path, SETTINGS)
    assert path.read_bytes() == before


def test_a_newer_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ertedge.db"
    Store.open(path, SETTINGS).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {NEWEST + 1}")
    connection.close()
    with pytest.raises(StoreCorruptError, match="newer"):
        Store.open(path, SETTINGS)


def test_too_little_room_is_said_before_anything_is_written(tmp_path: Path) -> None:
    with Store.open(tmp_path / "ertedge.db", StoreSettings(free_bytes_least=2**60)) as store:
        with pytest.raises(StoreFullError, match="make room"):
            store.append_states([state(1)])
        assert store.status().state_count == 0


_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from ertedge.errors import StoreFullError
from ertedge.store.store import Store
from tests.store.test_store import SETTINGS, state
store = Store.open(Path({path!r}), SETTINGS)
store.append_states([state(i) for i in range(1, 101)])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
try:
    for turn in range(1000):
        store.append_states([state(1000 + turn * 100 + i) for i in range(100)])
except StoreFullError as error:
    print(store.last_sequence(), error)
"""


def test_a_disk_that_fills_up_loses_nothing_that_was_stored(tmp_path: Path) -> None:
    path = tmp_path / "ertedge.db"
    script = _FULL_DISK.format(root=str(Path(__file__).resolve().parents[2]), path=str(path))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    last, message = done.stdout.split(" ", 1)
    assert "full" in message
    with Store.open(path, SETTINGS) as store:
        assert store.last_sequence() == int(last)
        assert store.state(100).sequence == 100
        assert store.status().state_count == int(last) - 999 + 100
        store.append_states([state(10**6)])


_ENDLESS = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from ertedge.store.store import Store
from tests.store.test_store import SETTINGS, state
store = Store.open(Path({path!r}), SETTINGS)
for i in range(1, 1_000_000):
    store.append_states([state(10 * i + j) for j in range(10)])
    print(10 * i + 9, flush=True)
"""


def test_a_kill_in_the_midst_of_writing_loses_nothing_that_was_reported(tmp_path: Path) -> None:
    path = tmp_path / "ertedge.db"
    script = _ENDLESS.format(root=str(Path(__file__).resolve().parents[2]), path=str(path))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        reported = [int(process.stdout.readline()) for _ in range(30)][-1]
        process.send_signal(signal.SIGKILL)
    with Store.open(path, SETTINGS) as store:
        assert store.last_sequence() >= reported
        assert store.status().state_count % 10 == 0
        assert store.state(reported).sequence == reported


@pytest.mark.skipif(os.geteuid() != 0, reason="changing to another user needs root")
def test_a_folder_of_another_user_is_read_only(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    Store.open(folder / "ertedge.db", SETTINGS).close()
    for parent in (tmp_path, *list(tmp_path.parents)[:-1]):
        if parent.owner() == "root" and parent != Path("/") and "pytest" in parent.name:
            parent.chmod(0o755)
    folder.chmod(0o755)
    (folder / "ertedge.db").chmod(0o644)
    nobody = 65534
    code = os.fork()
    if code == 0:
        try:
            os.setuid(nobody)
            Store.open(folder / "ertedge.db", SETTINGS)
        except StoreReadOnlyError:
            os._exit(0)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(code, 0)[1]) == 0


def test_a_year_at_one_state_a_second_stays_small(tmp_path: Path) -> None:
    """From a measured row: a week in full and the rest of the year at one a minute, under 250 MB."""
    path = tmp_path / "ertedge.db"
    with Store.open(path, SETTINGS) as store:
        store.append_states([state(i) for i in range(20_000)])
    bytes_a_state = path.stat().st_size / 20_000
    assert (7 * 86_400 + 358 * 1_440) * bytes_a_state < 250e6
