"""The data sets: what is in them, how they are split and scaled, and what is said about a damaged file."""

import gzip

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gd_helpers import data

PENGUINS = (data.FOLDER / "penguins.csv").read_bytes()
DIGITS = (data.FOLDER / "digits.csv.gz").read_bytes()
DIGIT_LINES = gzip.decompress(DIGITS).decode().splitlines()


def test_penguins():
    birds = data.penguins()
    assert birds.flipper_mm.shape == birds.mass_kg.shape == birds.species.shape == (342,)
    assert birds.dropped == 2
    assert (birds.flipper_mm.min(), birds.flipper_mm.max()) == (172, 231)
    assert (birds.mass_kg.min(), birds.mass_kg.max()) == (2.7, 6.3)
    names, counts = np.unique(birds.species, return_counts=True)
    assert dict(zip(names.tolist(), counts.tolist(), strict=True)) == {"Adelie": 151, "Chinstrap": 68, "Gentoo": 123}


def test_a_bird_stays_one_bird():
    birds = data.penguins()  # line 7 of the file comes after one that is dropped (line 5)
    assert (birds.flipper_mm[4], birds.mass_kg[4], birds.species[4]) == (190, 3.65, "Adelie")
    assert (birds.flipper_mm[-1], birds.mass_kg[-1], birds.species[-1]) == (198, 3.775, "Chinstrap")


def test_digits():
    digits = data.digits()
    assert digits.train_X.shape == (1500, 64)
    assert digits.test_X.shape == (297, 64)
    assert digits.train_y.shape == (1500,)
    assert digits.test_y.shape == (297,)
    for X in digits.train_X, digits.test_X:
        assert (X.min(), X.max()) == (0, 1)
    for y in digits.train_y, digits.test_y:
        assert set(y.tolist()) == set(range(10))


def test_every_image_is_in_one_part_of_the_split_with_its_own_label():
    digits = data.digits()
    ours = np.vstack(
        [np.column_stack([digits.train_X * 16, digits.train_y]), np.column_stack([digits.test_X * 16, digits.test_y])]
    )
    assert sorted(ours.astype(int).tolist()) == sorted([int(text) for text in line.split(",")] for line in DIGIT_LINES)


def test_the_split_is_the_same_each_time():
    np.testing.assert_array_equal(data.digits().train_X, data.digits().train_X)


def with_line(lines, number, text):
    return [*lines[: number - 1], text, *lines[number:]]


LINES = PENGUINS.decode().splitlines()
BIRD = "Adelie,Torgersen,39.1,18.7,{},{},male,2007"
DAMAGED_PENGUINS = {
    "another header": (with_line(LINES, 1, LINES[0].replace("body_mass_g", "mass")), "line 1: the header must be"),
    "a column missing": (with_line(LINES, 9, "Adelie,Torgersen"), "line 9: must have 8 columns, but has 2"),
    "a column too many": (with_line(LINES, 9, LINES[8] + ",1"), "line 9: must have 8 columns, but has 9"),
    "an empty line": (with_line(LINES, 9, ""), "line 9: must have 8 columns, but has 1"),
    "text for a number": (with_line(LINES, 7, BIRD.format("long", 3750)), "line 7: flipper_length_mm .*'long'"),
    "negative": (with_line(LINES, 8, BIRD.format(181, -3750)), "line 8: body_mass_g .*'-3750'"),
    "zero": (with_line(LINES, 8, BIRD.format(0, 3750)), "line 8: flipper_length_mm .*'0'"),
    "infinite": (with_line(LINES, 345, BIRD.format(181, "inf")), "line 345: body_mass_g .*'inf'"),
    "not a number": (with_line(LINES, 2, BIRD.format("nan", 3750)), "line 2: flipper_length_mm .*'nan'"),
    "damaged beside a missing one": (with_line(LINES, 5, BIRD.format("NA", "x")), "line 5: body_mass_g .*'x'"),
    "lines missing": (LINES[:200], "line 200: the file ends here, but must have 345 whole lines"),
    "a line too many": ([*LINES, LINES[-1]], "line 346: the file ends here"),
    "nothing": ([], "line 0: the file ends here"),
}


@pytest.mark.parametrize(("lines", "message"), DAMAGED_PENGUINS.values(), ids=DAMAGED_PENGUINS.keys())
def test_damaged_penguins(tmp_path, lines, message):
    path = tmp_path / "birds.csv"
    path.write_text("".join(line + "\n" for line in lines))
    with pytest.raises(ValueError, match=r"birds\.csv, " + message):
        data.penguins(path)


def test_penguins_that_are_not_text(tmp_path):
    path = tmp_path / "birds.csv"
    path.write_bytes(PENGUINS.replace(b"Chinstrap", b"Chin\xff", 1))
    with pytest.raises(ValueError, match=r"birds\.csv, line 278: cut short or damaged"):
        data.penguins(path)


def test_penguins_with_the_line_ends_of_windows(tmp_path):
    path = tmp_path / "birds.csv"
    path.write_bytes(PENGUINS.replace(b"\n", b"\r\n"))
    np.testing.assert_array_equal(data.penguins(path).mass_kg, data.penguins().mass_kg)


def test_a_missing_value_that_is_left_empty_is_dropped_and_counted(tmp_path):
    path = tmp_path / "birds.csv"
    path.write_text("\n".join(with_line(LINES, 7, BIRD.format("", 3750))) + "\n")
    birds = data.penguins(path)
    assert (len(birds.mass_kg), birds.dropped) == (341, 3)


PIXELS = ",".join(["7"] * 64)
DAMAGED_DIGITS = {
    "a column missing": (with_line(DIGIT_LINES, 3, PIXELS), "line 3: must have 65 columns, but has 64"),
    "too much ink": (with_line(DIGIT_LINES, 3, "17" + PIXELS[1:] + ",0"), "line 3: pixel 1 .* 0 to 16, but got 17"),
    "negative ink": (with_line(DIGIT_LINES, 3, PIXELS[:-1] + "-1,0"), "line 3: pixel 64 .* 0 to 16, but got -1"),
    "no such digit": (with_line(DIGIT_LINES, 4, PIXELS + ",10"), "line 4: the digit .* 0 to 9, but got 10"),
    "text": (with_line(DIGIT_LINES, 4, PIXELS + ",six"), "line 4: must be whole numbers .*'six'"),
    "a fraction": (with_line(DIGIT_LINES, 4, "0.5" + PIXELS[1:] + ",6"), "line 4: must be whole numbers .*'0.5'"),
    "lines missing": (DIGIT_LINES[:1500], "line 1500: the file ends here, but must have 1797 whole lines"),
}


@pytest.mark.parametrize(("lines", "message"), DAMAGED_DIGITS.values(), ids=DAMAGED_DIGITS.keys())
def test_damaged_digits(tmp_path, lines, message):
    path = tmp_path / "images.csv.gz"
    path.write_bytes(gzip.compress("".join(line + "\n" for line in lines).encode(), compresslevel=1))
    with pytest.raises(ValueError, match=r"images\.csv\.gz, " + message):
        data.digits(path)


@pytest.mark.parametrize(
    "content",
    [
        DIGITS[:20_000],
        DIGITS[:-1],
        DIGITS[:5],
        b"",
        b"not gzip at all",
        DIGITS[:21] + b"\xff" * 99,
        DIGITS[:9000] + b"\xff" * 99 + DIGITS[9099:],
    ],
    ids=["half", "a byte short", "the beginning", "empty", "not gzip", "no stream", "overwritten"],
)
def test_a_digits_file_cut_short_or_overwritten(tmp_path, content):
    path = tmp_path / "images.csv.gz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"images\.csv\.gz, line \d+: "):
        data.digits(path)


def test_a_cut_is_reported_where_it_is(tmp_path):
    path = tmp_path / "images.csv.gz"
    path.write_bytes(DIGITS[: len(DIGITS) // 2])
    with pytest.raises(ValueError, match=r"line [789]\d\d: cut short or damaged \(Compressed file ended"):
        data.digits(path)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.integers(0, len(PENGUINS) - 1))
@example(len(PENGUINS) - 2)  # within the last year, so that no column is missing
def test_wherever_the_penguins_are_cut_it_is_noticed(tmp_path_factory, length):
    path = tmp_path_factory.mktemp("cut") / "birds.csv"
    path.write_bytes(PENGUINS[:length])
    with pytest.raises(ValueError, match=r"birds\.csv, line \d+: "):
        data.penguins(path)


def test_standardise():
    x = np.random.default_rng(0).normal(5, [1, 100], size=(50, 2))
    z = data.standardise(x)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(z.std(axis=0), 1, rtol=1e-14)
    np.testing.assert_allclose(data.standardise(x[:, 1]), z[:, 1], rtol=1e-12)
