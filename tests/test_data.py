"""The data sets: what is in them and how they are split and scaled."""

import gzip

import numpy as np

from gd_helpers import data

IMAGES = gzip.decompress((data.FOLDER / "digits.csv.gz").read_bytes()).decode().splitlines()


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
