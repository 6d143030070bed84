"""What the detector learns from and how: labels that stay on the faces, targets that the device decodes, and a training
that goes on where it was cut off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ertedge.perception.detector import decode
from ertedge.types import Float32Array
from tools.data.face_crops import (
    FaceCrops,
    box_of_landmarks,
    caltech_images,
    label_crops,
    orl_images,
    read_crops,
    save_crops,
)
from tools.data.face_decoys import DECOY_HEIGHT, DECOY_WIDTH, emblems
from tools.data.face_scenes import HEIGHT, WIDTH, SceneComposer, load_non_face_scenes, mirrored, placement

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.tools

# Threads that wait for each other on a busy machine cost more than they bring to networks this small.
torch.set_num_threads(1)

FACE = np.array([[12, 14], [24, 14], [18, 20], [13, 26], [23, 26]], np.float32)


def drawn_crops(count: int = 6) -> FaceCrops:
    """36x36 ovals with dark eyes and mouth where ``FACE`` says."""
    import cv2

    rng = np.random.default_rng(1)
    images = rng.integers(0, 60, (count, 36, 36)).astype(np.uint8)
    for image in images:
        cv2.ellipse(image, (18, 19), (13, 16), 0, 0, 360, 200, -1)
        for x, y in FACE:
            cv2.circle(image, (int(x), int(y)), 2, 30, -1)
    return FaceCrops("caltech", images, np.tile(FACE, (count, 1, 1)), np.zeros(count, np.float32))


def photographs(count: int = 4) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(2)
    return tuple(rng.integers(0, 256, (150, 200)).astype(np.uint8) for _ in range(count))


class TestCrops:
    def test_the_box_holds_the_points_and_turns_with_the_face(self) -> None:
        box = box_of_landmarks(FACE)
        assert (box[:2] < FACE.min(axis=0)).all()
        assert (box[2:] > FACE.max(axis=0)).all()
        matrix = placement((18.0, 20.0), (100.0, 80.0), 3.0, 90.0, 1.0)
        turned = box_of_landmarks((FACE @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32))
        upright, lying = box[2:] - box[:2], turned[2:] - turned[:2]
        assert lying == pytest.approx(3.0 * upright[::-1], rel=1e-4)

    def test_mirroring_twice_gives_the_points_back(self) -> None:
        once = mirrored(FACE, 36)
        assert once[0, 0] < once[1, 0]
        assert mirrored(once, 36) == pytest.approx(FACE)

    def test_labels_come_back_in_the_pixels_of_the_crop(self) -> None:
        crops = drawn_crops()

        def teacher(views: np.ndarray) -> Float32Array:
            """Finds the face by the bright oval's centre and size, as a network would in the 48x48 view."""
            points = []
            for view in views:
                ys, xs = np.nonzero(view > 120)
                scale = (xs.max() - xs.min() + 1) / 27.0
                points.append((FACE - [18, 19]) * scale + [(xs.max() + xs.min()) / 2, (ys.max() + ys.min()) / 2])
            return np.array(points, np.float32)

        landmarks, doubt = label_crops(crops.images, teacher, seed=0)
        assert np.abs(landmarks - FACE).max() < 2.5
        assert doubt.max() < 0.1

    def test_kept_crops_are_read_back(self, tmp_path: Path) -> None:
        crops = drawn_crops()
        save_crops(tmp_path / "crops.npz", (crops,))
        (again,) = read_crops(tmp_path / "crops.npz")
        assert again.source == "caltech"
        np.testing.assert_array_equal(again.images, crops.images)
        np.testing.assert_array_equal(again.landmarks, crops.landmarks)


class TestSplits:
    def test_no_face_and_no_scene_is_in_two_parts(self, data_root: Path) -> None:
        for load in (caltech_images, orl_images):
            parts = [load(data_root, part) for part in ("train", "validation", "test")]
            digests = [{image.tobytes() for image in images} for images in parts]
            assert all(digests)
            assert not digests[0] & digests[2]
            assert not digests[0] & digests[1]
            assert not digests[1] & digests[2]
        assert len(orl_images(data_root, "test")) == 200
        scenes = [load_non_face_scenes(data_root, part) for part in ("train", "validation", "test")]
        assert sum(len(part) for part in scenes) == 271
        assert not {s.tobytes() for s in scenes[0]} & {s.tobytes() for s in scenes[2]}


class TestScenes:
    def test_a_scene_is_the_same_for_the_same_seed(self) -> None:
        composer = SceneComposer((drawn_crops(),), photographs())
        one, two = (composer.compose(np.random.default_rng(5)) for _ in range(2))
        np.testing.assert_array_equal(one.image, two.image)
        np.testing.assert_array_equal(one.boxes, two.boxes)

    @pytest.mark.parametrize("with_decoys", [False, True])
    def test_labels_lie_in_the_picture_and_fit_each_other(self, with_decoys: bool) -> None:
        decoys = emblems(np.random.default_rng(0), 20) if with_decoys else None
        composer = SceneComposer((drawn_crops(),), photographs(), decoys)
        counts = []
        for seed in range(60):
            scene = composer.compose(np.random.default_rng(seed))
            assert scene.image.shape == (HEIGHT, WIDTH)
            assert scene.image.dtype == np.uint8
            counts.append(len(scene.boxes))
            assert scene.boxes == pytest.approx(box_of_landmarks(scene.landmarks), abs=1e-3)
            centres = (scene.boxes[:, :2] + scene.boxes[:, 2:]) / 2
            assert ((centres >= 0) & (centres <= [WIDTH, HEIGHT])).all()
        assert 0 in counts
        assert max(counts) > 2

    def test_the_face_is_where_the_label_says(self) -> None:
        composer = SceneComposer((drawn_crops(),), photographs())
        darker = []
        for seed in range(40):
            scene = composer.compose(np.random.default_rng(seed), heights=(140.0,))
            points = scene.landmarks[0]
            eyes = points[:2].round().astype(int)
            between = points[:2].mean(axis=0).round().astype(int)
            if ((points > 3) & (points < [WIDTH - 3, HEIGHT - 3])).all():
                level = [int(scene.image[y, x]) for x, y in (*eyes, between)]
                darker.append(max(level[:2]) < level[2])
        assert np.mean(darker) > 0.7  # some are covered, lost in shadow or in noise

    def test_emblems_differ_and_have_marks(self) -> None:
        drawn = emblems(np.random.default_rng(0), 30)
        assert drawn.shape == (30, DECOY_HEIGHT, DECOY_WIDTH)
        assert (drawn.reshape(30, -1).std(axis=1) > 1).mean() > 0.8  # mirrored, a few lose their only marks
        assert len({image.tobytes() for image in drawn}) == 30


class TestNetwork:
    def test_what_the_targets_ask_for_is_what_the_device_decodes(self) -> None:
        from tools.detector_network import GRIDS, make_targets

        points = np.stack([FACE * 1.5 + [20, 10], FACE * 4 + [150, 40]]).astype(np.float32)
        boxes = box_of_landmarks(points)
        maps = []
        for level, (rows, columns) in enumerate(GRIDS):
            target = make_targets(
                torch.from_numpy(boxes)[None], torch.from_numpy(points)[None], torch.tensor([2]), level
            )
            score = torch.full((1, rows, columns, 1), -9.0)
            score[..., 0] = torch.where(target.score == 1.0, torch.tensor(5.0), score[..., 0])
            box, point = torch.zeros(1, rows, columns, 4), torch.zeros(1, rows, columns, 10)
            index = target.cells.unbind(1)
            box[index], point[index] = target.boxes, target.points
            maps += [score.numpy(), box.numpy(), point.numpy()]
        found = decode(tuple(maps))
        order = np.argsort(found.boxes[:, 0])
        assert found.boxes[order] == pytest.approx(boxes, abs=1e-2)
        assert found.landmarks[order] == pytest.approx(points, abs=1e-2)

    def test_every_size_of_face_has_a_map(self) -> None:
        from tools.detector_network import make_targets

        for size in np.geomspace(14, 230, 40):
            boxes = torch.tensor([[[160 - 0.4 * size, 120 - size / 2, 160 + 0.4 * size, 120 + size / 2]]]).float()
            points = torch.zeros(1, 1, 5, 2)
            assert any(len(make_targets(boxes, points, torch.tensor([1]), level).cells) for level in range(3))

    def test_the_loss_falls_when_the_network_learns_one_scene(self) -> None:
        from tools.detector_network import DetectorNetwork, detector_loss

        torch.manual_seed(0)
        scene = SceneComposer((drawn_crops(),), photographs()).compose(np.random.default_rng(4), heights=(120.0, 40.0))
        images = torch.from_numpy(scene.image / np.float32(127.5) - np.float32(1))[None, None]
        boxes, points = torch.from_numpy(scene.boxes)[None], torch.from_numpy(scene.landmarks)[None]
        counts = torch.tensor([len(scene.boxes)])
        network = DetectorNetwork()
        optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3)
        losses = []
        for _ in range(15):
            loss, parts = detector_loss(network(images), boxes, points, counts)
            assert torch.isfinite(parts).all()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert losses[-1] < 0.6 * losses[0]

    def test_a_scene_without_faces_has_a_finite_loss(self) -> None:
        from tools.detector_network import DetectorNetwork, detector_loss

        outputs = DetectorNetwork()(torch.zeros(2, 1, HEIGHT, WIDTH))
        loss, _ = detector_loss(outputs, torch.zeros(2, 8, 4), torch.zeros(2, 8, 5, 2), torch.tensor([0, 0]))
        assert torch.isfinite(loss)


def test_augmentation_moves_the_labels_with_the_picture() -> None:
    from tools.detector_data import augment

    torch.manual_seed(0)
    images = torch.full((16, 1, HEIGHT, WIDTH), -0.9)
    points = torch.tensor([[60.0, 50.0], [100.0, 52.0], [80.0, 80.0], [65.0, 110.0], [95.0, 112.0]])
    for x, y in points.int().tolist():
        images[:, 0, y - 2 : y + 3, x - 2 : x + 3] = 0.9
    boxes = torch.tensor([40.0, 30.0, 120.0, 130.0]).expand(16, 1, 4)
    changed, boxes, moved = augment(images, boxes, points.expand(16, 1, 5, 2))
    mirrored_scenes = 0
    for picture, (box,), (face,) in zip(changed[:, 0], boxes, moved, strict=True):
        level = [float(picture[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2].mean()) for x, y in face]
        assert min(level) > float(picture.mean()) + 0.2
        assert face[0, 0] < face[1, 0]  # the eye left in the picture stays the first
        assert box[0] < face[0, 0] < face[1, 0] < box[2]
        mirrored_scenes += int(face[0, 0] > 160)
    assert 0 < mirrored_scenes < 16


@pytest.fixture
def small_root(tmp_path: Path) -> Path:
    """A data root with a few face-free photographs."""
    import cv2

    folder = tmp_path / "data" / "face_detection" / "non_face_scenes"
    folder.mkdir(parents=True)
    for number, image in enumerate(photographs(12)):
        cv2.imwrite(str(folder / f"{number:02}.jpg"), image)
    return tmp_path / "data"


@pytest.mark.timeout(300)
def test_a_training_that_was_cut_off_ends_as_if_it_had_not(
    small_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tools import train_detector

    for name, value in (("REPORT_EVERY", 2), ("VALIDATION_SCENES", 4), ("MINED_VIEWS", 3), ("EMBLEMS", 5)):
        monkeypatch.setattr(train_detector, name, value)
    monkeypatch.setattr(train_detector, "MINED_SCORE", 0.02)

    def run(name: str) -> Path:
        out = tmp_path / name
        out.mkdir(exist_ok=True)
        for part in ("train", "validation"):
            save_crops(out / f"crops-{part}.npz", (drawn_crops(),))
        sizes = ["--scenes", "8", "--steps", "4", "--refining-scenes", "8", "--refining-steps", "2", "--batch", "4"]
        assert train_detector.main(["--root", str(small_root), "--out", str(out), "--jobs", "1", *sizes]) == 0
        return out / "detector.pt"

    whole = run("whole")

    class CutError(Exception):
        pass

    def cut(*_: object) -> None:
        raise CutError

    with monkeypatch.context() as context:
        context.setattr(train_detector, "_report", cut)
        with pytest.raises(CutError):
            run("cut")
    resumed = run("cut")
    expected, got = (torch.load(path, weights_only=True) for path in (whole, resumed))
    for name, value in expected.items():
        torch.testing.assert_close(got[name], value, rtol=1e-4, atol=1e-5)


def test_without_data_the_trainer_says_where_it_looked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tools import train_detector

    save_crops(tmp_path / "crops-train.npz", (drawn_crops(),))
    assert train_detector.main(["--root", str(tmp_path), "--out", str(tmp_path), "--jobs", "1"]) == 1
    assert "non_face_scenes" in capsys.readouterr().err
