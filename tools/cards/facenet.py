"""What FaceNet's card measures: emotions on FER+ Valid as given and as the device cuts them, calibration, accuracy against
quality, groups by light, sharpness and pose, other collections, and identity on ORL. Host only.

Everything runs through the device's runtime. Pictures of FER+ Valid were in no training and in no choice.
"""

from __future__ import annotations

import numpy as np

from tools.cards.cross import cross_part
from tools.cards.facenet_frames import easy_rows, group_part, quality_part, right_of
from tools.cards.facenet_scores import Faces, load_faces
from tools.cards.figures import SCORE_COLUMNS, confusion_grid, cost_grid, part_of, processor_ms, score_row, shown
from tools.cards.plots import reliability
from tools.cards.section import Case, Part, Picture, Section
from tools.data.face_crops import label_crops
from tools.data.face_frames import load_backgrounds
from tools.evaluation import identity
from tools.evaluation.evidence import IdentityEvidence, classified
from tools.evaluation.face import evaluate as evaluate_face
from tools.evaluation.face_collections import COLLECTIONS
from tools.evaluation.report import Grid, Report
from tools.teachers import LandmarkTeacher

CROSS = tuple(name for name in COLLECTIONS if name != "ferplus")
"""Collections of faces that no training and no choice used."""
OPEN_SET = (
    ("one picture, one frame, chosen for 0.1%", "one picture", "one frame", "0.1%"),
    ("one picture, one frame, chosen for 1.0%", "one picture", "one frame", "1%"),
    ("a dozen frames, one frame, chosen for 0.1%", "a dozen frames", "one frame", "0.1%"),
    ("a dozen frames, one frame, chosen for 1.0%", "a dozen frames", "one frame", "1%"),
    ("a dozen frames, mean of 3, shipped accept", "a dozen frames", "mean of three", "`accept`, which ships"),
    ("a dozen frames, mean of 3, shipped keep", "a dozen frames", "mean of three", "`keep`, which ships"),
)
"""A case of ``tools.evaluation.identity``, and how its row reads: enrolled with, seen in, threshold."""


def measure(case: Case) -> Section:
    """The section of ``models/facenet.md``. Raises ErtedgeError when data or models are missing."""
    backgrounds = load_backgrounds(case.root / "face_detection" / "non_face_scenes")
    teacher = LandmarkTeacher(case.root / "teachers")
    faces = load_faces(case)
    given = "".join(f" --cross {name}=FOLDER" for name in CROSS if name in case.cross)
    return Section(
        f"python -m tools.card facenet --measure --root DATA{given}",
        (
            emotion_part(faces, case.seed, easy_rows(faces, case, backgrounds)),
            quality_part(faces, case, backgrounds),
            group_part(faces, label_crops(faces.split.images, teacher, case.seed)[0], case.seed),
            cross_part(case, "face", CROSS, evaluate_face),
            identity_part(case),
            cost_part(faces, case),
        ),
    )


def emotion_part(faces: Faces, seed: int, framed: tuple[tuple[str, ...], ...]) -> Part:
    """The published protocol and its variants, the confusion and the reliability diagram; ``framed`` are rows more."""
    native, twin = faces.scores(), faces.twin_scores()
    own = faces.original
    own_twin = None if twin is None else part_of(twin, own)
    seven, seven_twin = faces.scores("canonical"), faces.twin_scores("canonical")
    rows = (
        score_row("published protocol, 8 classes", native, seed, twin),
        score_row("without copies, 8 classes", part_of(native, own), seed, own_twin),
        score_row("published protocol, canonical seven", seven, seed, seven_twin),
        *framed,
    )
    same = None if twin is None else float((native.probabilities.argmax(1) == twin.probabilities.argmax(1)).mean())
    plot = reliability({"FER+ Valid": (native.probabilities.max(axis=1), right_of(native))}, "accuracy, 8 classes")
    return Part(
        "Emotions on FER+ Valid",
        (
            "Published protocol: the majority of ten raters after counts of one are removed; no majority, `unknown` "
            "and `NF` dropped. Without copies: pictures that stand pixel for pixel in FER+ Train, or twice in "
            "Valid, left out. Detector-made crops: pictures spread over Valid, each pasted into a 640x480 frame "
            "(130 to 260 pixels, slight roll), found and aligned by the shipped detector; below it the same faces "
            "as given. In brackets 95% intervals over pictures: FER+ names nobody, so there can be no split by "
            "people, and the figures are of pictures that were not seen, not certainly of people that were not "
            "seen. ECE over 15 equal bins; log-loss in nats.",
            "Rows of the second table are true labels, columns what they were read as, by the published protocol."
            + ("" if same is None else f" int8 and float32 name the same class for {same:.1%} of the faces."),
        ),
        (Grid("", SCORE_COLUMNS, rows), confusion_grid(classified(native, seed))),
        (Picture("facenet_reliability.png", "how often it is right, over its confidence", plot),),
    )


def identity_part(case: Case) -> Part:
    """All pairs of ORL's pictures, and recognition among strangers."""
    crops = (
        ("detector-made", identity.evaluate(root=case.root / "orl_faces", models=case.models, seed=case.seed)),
        (
            "middle square as given",
            identity.evaluate(
                root=case.root / "orl_faces", models=case.models, detect=False, open_set=False, seed=case.seed
            ),
        ),
    )
    rows = [_pairs_row(name, report) for name, report in crops]
    came = [(enrolled, seen, chosen, *_accepts(crops[0][1], of)) for of, enrolled, seen, chosen in OPEN_SET]
    return Part(
        "Identity on ORL",
        (
            "40 people, 400 pictures, all pairs of single pictures by cosine; none of these people was in FaceNet's "
            "training (the detector's had pictures of s1 to s18). 95% intervals from drawing the people anew. ORL's "
            "copies say neither who wears glasses nor who is a woman, so there are no groups.",
            "Among strangers: thresholds chosen on s1 to s18, everything reported on s19 to s40; a dozen frames are "
            "six pictures shown twice to the detector, the others are the person's attempts and everybody else's "
            "strangers; 20 draws of which pictures enrol.",
        ),
        (
            Grid("", ("crops", "pairs", "AUC", "TAR at 1% FAR", "TAR at 0.1% FAR", "AUC, int8 - float32"), tuple(rows)),
            Grid("", ("enrolled with", "seen in", "threshold for", "cosine", "TAR", "FAR there"), tuple(came)),
        ),
    )


def _pairs_row(name: str, report: Report) -> tuple[str, ...]:
    found = report.evidence
    assert isinstance(found, IdentityEvidence)
    tars = [shown(found.tar_at_far[rate], found.ci95[rate]) for rate in ("0.01", "0.001")]
    difference = "-" if found.int8_minus_float is None else f"{found.int8_minus_float:+.4f}"
    return (name, f"{found.n:,}", shown(found.auc, found.ci95["auc"]), *tars, difference)


def _accepts(report: Report, of: str) -> tuple[str, str, str]:
    """Threshold, true and false accept rate with intervals."""
    true, false = (
        (report.value(rate, of), report.value(f"{rate}_low", of), report.value(f"{rate}_high", of))
        for rate in ("tar", "far")
    )
    return (
        shown(report.value("threshold", of)),
        shown(true[0], true[1:]),
        f"{false[0]:.2%} [{false[1]:.2%}, {false[2]:.2%}]",
    )


def cost_part(faces: Faces, case: Case) -> Part:
    """Bytes, arithmetic and time."""
    images = faces.split.images
    few = np.arange(min(len(images), 300))
    ms = processor_ms(lambda i: faces.model.read(images[few[i]]), len(few))
    what = "one face, standardised and read"
    return Part("Cost", ("One call of the exported file.",), (cost_grid(case.models, faces.entry, what, ms),))
