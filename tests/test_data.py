"""The data sets: what is in them, how they are split and scaled, and what is said about a damaged file."""

import gzip

import numpy as np
import pytest

from gd_helpers import data

PENGUINS = (data.FOLDER / "penguins.csv").read_bytes()
DIGITS = (data.FOLDER / "digits.csv.gz").read_bytes()
DIGIT_LINES = gzip.decompress(DIGITS).decode().splitlines()


def test_penguins():
    birds = data.penguins()
    assert (birds.flipper_mm.min(), birds.flipper_mm.max()) == (172, 231)
    assert (birds.mass_kg.min(), birds.mass_kg.max()) == (2.7, 6.3)
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
    lines = [[float(text) for text in line.split(",")] for line in DIGIT_LINES]
    assert sorted(np.vstack([train, test]).tolist()) == sorted(lines)
    assert set(train[:, -1]) == set(test[:, -1]) == set(range(10))
    np.testing.assert_array_equal(data.digits().train_X, digits.train_X)


def with_line(lines, number, text):
    return [*lines[: number - 1], text, *lines[number:]]


def written(folder, load, content):
    """A file for ``load`` to read: with these lines, or with these very bytes."""
    path = folder / ("file.csv" if load is data.penguins else "file.csv.gz")
    if isinstance(content, list):
        content = "".join(line + "\n" for line in content).encode()
        content = content if load is data.penguins else gzip.compress(content, compresslevel=1)
    path.write_bytes(content)
    return path


LINES = PENGUINS.decode().splitlines()
BIRD = "Adelie,Torgersen,39.1,18.7,{},{},male,2007"
PIXELS = ",".join(["7"] * 64)


@pytest.mark.parametrize(
    ("load", "content", "message"),
    [
        (data.penguins, with_line(LINES, 1, LINES[0].replace("body_mass_g", "mass")), "line 1: the header must be"),
        (data.penguins, with_line(LINES, 9, "Adelie,Torgersen"), "line 9: must have 8 columns, but has 2"),
        (data.penguins, with_line(LINES, 9, LINES[8] + ",1"), "line 9: must have 8 columns, but has 9"),
        (data.penguins, with_line(LINES, 7, BIRD.format("long", 3750)), "line 7: flipper_length_mm .*'long'"),
        (data.penguins, with_line(LINES, 8, BIRD.format(181, -3750)), "line 8: body_mass_g .*'-3750'"),
        (data.penguins, with_line(LINES, 8, BIRD.format(0, 3750)), "line 8: flipper_length_mm .*'0'"),
        (data.penguins, with_line(LINES, 345, BIRD.format(181, "inf")), "line 345: body_mass_g .*'inf'"),
        (data.penguins, with_line(LINES, 5, BIRD.format("NA", "x")), "line 5: body_mass_g .*'x'"),
        (data.penguins, LINES[:200], "line 200: the file ends here, but must have 345 whole lines"),
        (data.penguins, [*LINES, LINES[-1]], "line 346: the file ends here"),
        (data.penguins, [], "line 0: the file ends here"),
        (data.penguins, PENGUINS[:9000], r"line \d+: the file ends here"),
        (data.penguins, PENGUINS[:-1], "line 345: the file ends here"),
        (data.penguins, PENGUINS.replace(b"Chinstrap", b"Chin\xff", 1), r"line \d+: cut short or damaged"),
        (data.digits, with_line(DIGIT_LINES, 3, PIXELS), "line 3: must have 65 columns, but has 64"),
        (data.digits, with_line(DIGIT_LINES, 3, "17" + PIXELS[1:] + ",0"), "line 3: pixel 1 .* 0 to 16, but got 17"),
        (data.digits, with_line(DIGIT_LINES, 3, PIXELS[:-1] + "-1,0"), "line 3: pixel 64 .* 0 to 16, but got -1"),
        (data.digits, with_line(DIGIT_LINES, 4, PIXELS + ",10"), "line 4: the digit .* 0 to 9, but got 10"),
        (data.digits, with_line(DIGIT_LINES, 4, "0.5" + PIXELS[1:] + ",6"), "line 4: must be whole numbers .*'0.5'"),
        (data.digits, DIGITS[:20_000], r"line \d+: cut short or damaged"),
        (data.digits, DIGITS[:-1], r"line \d+: cut short or damaged"),
        (data.digits, b"not gzip at all", "line 1: cut short or damaged"),
        (data.digits, DIGITS[:9000] + b"\xff" * 99 + DIGITS[9099:], r"line \d+: cut short or damaged"),
    ],
)
def test_a_damaged_file_is_said_to_be_and_where(tmp_path, load, content, message):
    path = written(tmp_path, load, content)
    with pytest.raises(ValueError, match=rf"{path.name}, {message}"):
        load(path)


def test_line_ends_of_windows_and_empty_values_are_understood(tmp_path):
    path = written(tmp_path, data.penguins, PENGUINS.replace(b"\n", b"\r\n"))
    np.testing.assert_array_equal(data.penguins(path).mass_kg, data.penguins().mass_kg)
    path = written(tmp_path, data.penguins, with_line(LINES, 7, BIRD.format("", 3750)))
    assert (len(data.penguins(path).mass_kg), data.penguins(path).dropped) == (341, 3)


def test_each_column_is_standardised_by_itself():
    z = data.standardise(np.random.default_rng(0).normal(5, [1, 100], size=(50, 2)))
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(z.std(axis=0), 1, rtol=1e-14)
