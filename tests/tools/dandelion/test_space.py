"""Mixed spaces: decoding, equal cells, the active choice, and points moved to what they decode to."""

import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from tools.dandelion.space import Category, Integer, Parameter, Real, Space, Value

MIXED = Space(
    {
        "rate": Real(1e-4, 1e-1, log=True),
        "dropout": Real(-1.0, 1.0),
        "layers": Integer(1, 4),
        "width": Integer(8, 512, log=True),
        "cell": Category(("gru", "lstm", "rnn")),
    }
)


def test_a_point_decodes_to_parameters_of_the_right_kinds() -> None:
    values = MIXED.decode(np.array([2.0 / 3.0, 0.75, 0.99, 0.0, 0.1, 0.9, 0.3]))
    assert values["rate"] == pytest.approx(1e-2)
    assert values["dropout"] == pytest.approx(0.5)
    assert (values["layers"], values["width"], values["cell"]) == (4, 8, "lstm")
    assert MIXED.dimensions == 7


@pytest.mark.parametrize("seed", range(5))
def test_encoding_and_decoding_are_inverse(seed: int) -> None:
    point = np.random.default_rng(seed).random(7)
    values = MIXED.decode(point)
    again = MIXED.decode(MIXED.encode(values))
    assert again["rate"] == pytest.approx(values["rate"])
    assert again["dropout"] == pytest.approx(values["dropout"])
    assert [again[name] for name in ("layers", "width", "cell")] == [values[n] for n in ("layers", "width", "cell")]
    snapped = MIXED.snap(point)
    assert MIXED.decode(snapped) == values
    assert MIXED.snap(snapped) == pytest.approx(snapped)


def test_every_level_of_an_integer_is_as_likely_as_another() -> None:
    space = Space({"n": Integer(0, 4)})
    levels = [space.decode(np.array([u]))["n"] for u in (np.arange(1000) + 0.5) / 1000]
    assert np.bincount(np.array(levels, dtype=int)).tolist() == [200] * 5


def test_an_integer_on_a_logarithmic_scale_has_wide_cells_at_the_low_end() -> None:
    space = Space({"n": Integer(1, 100, log=True)})
    levels = np.array([space.decode(np.array([u]))["n"] for u in np.linspace(0, 1, 999)], dtype=int)
    assert {levels.min(), levels.max()} == {1, 100}
    assert (levels == 1).sum() > 20 * (levels == 100).sum() > 0


def test_snapping_moves_discrete_coordinates_only() -> None:
    snapped = MIXED.snap(np.array([0.123, 0.456, 0.3, 0.5, 0.2, 0.1, 0.9]))
    assert snapped[:3].tolist() == [0.123, 0.456, 0.375]
    assert snapped[4:].tolist() == [0.25, 0.25, 0.75]
    box = Space.box(np.zeros(2), np.ones(2))
    point = np.array([0.1, 0.9])
    assert box.snap(point) is point


def test_discrete_coordinates_keep_a_spread_that_reaches_the_next_cell() -> None:
    assert MIXED.floor[:2].tolist() == [0.0, 0.0]
    assert MIXED.floor[2] == pytest.approx(0.35 / 4)
    assert (MIXED.floor[3:] > 0.0).all()
    assert Space({"n": Integer(3, 3), "x": Real(0, 1)}).floor.tolist() == [0.0, 0.0]


def test_the_origin_is_where_0_lies() -> None:
    space = Space({"x": Real(-1.0, 3.0), "y": Real(2.0, 4.0), "n": Integer(0, 9)})
    assert space.origin.tolist() == [0.25, 0.0, 0.5]


@pytest.mark.parametrize(
    ("parameter", "fault"),
    [
        (Real(1.0, 1.0), "low must be less than high"),
        (Real(float("nan"), 1.0), "low must be less than high"),
        (Real(0.0, 1.0, log=True), "above 0"),
        (Integer(5, 4), "must not exceed"),
        (Integer(0, 4, log=True), "above 0"),
        (Category(("only",)), "at least two"),
        (Category(("twice", "twice")), "at least two"),
    ],
)
def test_wrong_limits_are_refused_by_name(parameter: Parameter, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=f"thing: .*{fault}"):
        Space({"thing": parameter})


def test_every_fault_is_named_at_once_and_an_empty_space_is_one() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Space({"a": Real(1.0, 0.0), "b": Integer(2, 1)})
    assert len(caught.value.faults) == 2
    with pytest.raises(ConfigurationError, match="at least one"):
        Space({})


@pytest.mark.parametrize(
    ("change", "fault"),
    [({"cell": "cnn"}, "cell: 'cnn'"), ({"layers": 9}, "layers: 9"), ({"rate": "fast"}, "rate: 'fast'")],
)
def test_values_out_of_the_space_are_not_encoded(change: dict[str, Value], fault: str) -> None:
    good: dict[str, Value] = {"rate": 1e-2, "dropout": 0.0, "layers": 2, "width": 64, "cell": "gru"}
    with pytest.raises(ConfigurationError, match=fault):
        MIXED.encode({**good, **change})
    with pytest.raises(ConfigurationError, match="parameters must be"):
        MIXED.encode({"rate": 1e-2})
