"""The data sets: what is in them and how they are split and scaled."""

import gzip

import numpy as np
import pytest

from gd_helpers import data

BIRDS, PACKED = ((data.FOLDER / name).read_bytes() for name in ("penguins.csv", "digits.csv.gz"))
DIGITS = gzip.decompress(PACKED)


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
    lines = [[float(text) for text in line.split(b",")] for line in DIGITS.splitlines()]
    assert sorted(np.vstack([train, test]).tolist()) == sorted(lines)
    assert set(train[:, -1]) == set(test[:, -1]) == set(range(10))


SLIPS = [(b"0,", b"17,"), (b"0,", b"0.5,"), (b",0\n", b",10\n"), (b"0,", b""), (b"\n", b"")]
DAMAGED = [
    *[("penguins.csv", BIRDS.replace(b",181,", b",%b," % wrong, 1)) for wrong in (b"0", b"inf", b"x")],
    *[("penguins.csv", wrong) for wrong in (BIRDS.replace(b"Gentoo", b"Gento", 1), BIRDS[:9000], b"\xff" * 99)],
    *[("digits.csv.gz", gzip.compress(DIGITS.replace(*slip, 1))) for slip in SLIPS],
    *[("digits.csv.gz", wrong) for wrong in (b"", b"no", PACKED[:20_000], PACKED[:9000] + bytes(99) + PACKED[9099:])],
]


@pytest.mark.parametrize(("name", "content"), DAMAGED)
@pytest.mark.filterwarnings("ignore:loadtxt")
def test_a_damaged_file_is_named(tmp_path, monkeypatch, name, content):
    (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(data, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=f"^{name} is damaged: "):
        data.penguins() if name == "penguins.csv" else data.digits()
