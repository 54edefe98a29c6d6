"""The data sets: what is in them, how they are split and scaled, and what is said about a damaged file."""

import gzip

import numpy as np
import pytest

from gd_helpers import data

PENGUINS, DIGITS = ((data.FOLDER / name).read_bytes() for name in ("penguins.csv", "digits.csv.gz"))
BIRDS, IMAGES = PENGUINS.decode().splitlines(), gzip.decompress(DIGITS).decode().splitlines()


def test_penguins_keep_their_species_when_others_are_dropped():
    birds = data.penguins()
    names, counts = np.unique(birds.species, return_counts=True)
    assert dict(zip(names.tolist(), counts.tolist(), strict=True)) == {"Adelie": 151, "Chinstrap": 68, "Gentoo": 123}
    # line 7 of the file comes after one that is dropped (line 5)
    assert (birds.flipper_mm[4], birds.mass_kg[4], birds.species[4]) == (190, 3.65, "Adelie")
    assert (birds.flipper_mm[-1], birds.mass_kg[-1], birds.species[-1]) == (198, 3.775, "Chinstrap")


def test_digits_are_each_in_one_part_of_the_split_with_their_own_label():
    digits = data.digits()
    train = np.column_stack([digits.train_X * 16, digits.train_y])
    test = np.column_stack([digits.test_X * 16, digits.test_y])
    assert (len(train), len(test)) == (1500, 297)
    lines = [[float(text) for text in line.split(",")] for line in IMAGES]
    assert sorted(np.vstack([train, test]).tolist()) == sorted(lines)
    assert set(train[:, -1]) == set(test[:, -1]) == set(range(10))


BIRD, BLANK = "Adelie,Torgersen,39.1,18.7,181,{},male,2007", ",".join(["7"] * 63)
DAMAGED = [
    (data.penguins, 0, BIRDS[0].replace("body_mass_g", "mass"), "must have the header species,island,bill_"),
    (data.penguins, 7, BIRD.format(0), "could not convert string '0' to float64 at row 6"),
    (data.penguins, 344, BIRD.format("inf"), "could not convert string 'inf'"),
    (data.penguins, 344, "", r"must hold a table of shape \(345, 8\), but has one of shape \(344, 8\)"),
    (data.digits, 2, f"7,{BLANK}", "changed from 65 to 64 at row 3"),
    (data.digits, 2, f"17,{BLANK},0", "row 2: pixel 1 must be a whole number from 0 to 16, but got 17"),
    (data.digits, 2, f"{BLANK},-1,0", "row 2: pixel 64 must be a whole number from 0 to 16, but got -1"),
    (data.digits, 3, f"7,{BLANK},10", "row 3: the digit must be a whole number from 0 to 9, but got 10"),
]


@pytest.mark.parametrize(("load", "row", "text", "message"), DAMAGED)
def test_a_damaged_row_is_said_to_be_and_where(tmp_path, monkeypatch, load, row, text, message):
    lines, name = (BIRDS, "penguins.csv") if load is data.penguins else (IMAGES, "digits.csv.gz")
    with (gzip.open if load is data.digits else open)(tmp_path / name, "wt") as file:
        file.write("\n".join([*lines[:row], text, *lines[row + 1 :]]))
    monkeypatch.setattr(data, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=f"^{name}.*{message}"):
        load()


@pytest.mark.parametrize("content", [DIGITS[:20_000], b"", b"not gzip", DIGITS[:9000] + b"\xff" * 99 + DIGITS[9099:]])
@pytest.mark.filterwarnings("ignore:loadtxt")
def test_a_file_that_is_cut_short_or_damaged_is_said_to_be(tmp_path, monkeypatch, content):
    (tmp_path / "digits.csv.gz").write_bytes(content)
    monkeypatch.setattr(data, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"^digits\.csv\.gz "):
        data.digits()
