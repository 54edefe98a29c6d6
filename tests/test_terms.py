"""No technical term stands in a lesson before the sentence that explains it.

For each term (a regular expression, in small letters) the words with which its explanation begins: the lesson that
has them is the one that introduces the term, and neither that lesson nor one before it may use the term earlier.
"""

import re

import pytest
from test_repository import BOOKS

TERMS = {
    # Lesson 1
    r"gradient descent\b(?!:)": "**You will** find a valley in thick fog",
    r"\bloss\b": "The curve below is a **loss**",
    # Lesson 2
    # Lesson 3
    # Lesson 4
    # Lesson 5
    r"critical points?\b": "A level place, where the gradient is zero, is a **critical point**",
    r"local minim(um|a)\b(?! and saddles: )": "A **local minimum** is a place lower than everything around it",
    r"\bsaddles?\b(?!: where)": "A **saddle** is level too, but like a mountain pass",
    r"\bfolklore\b": "**Folklore**: widely said, true in part",
    r"\bdegenerate\b": "| **degenerate**: these signs alone may not decide",
    r"the index\b|saddle of index": "negative eigenvalues is the **index**",
    r"monkey saddle": "In the middle of the *monkey saddle*",
    r"newton's method": "**Newton's method** finds critical points",
    r"\bbasins?\b": "are its **basin**",
    r"logarithm (counts|of)|\\ln\b": "That is what a **logarithm** counts",
    r"\bGOE\b|gaussian orthogonal": "**Gaussian orthogonal ensemble** (GOE)",
    r"asymptot": "there is an **asymptote**, a simpler formula",
    r"correlation": "How narrow the band is, a **correlation** says",
    r"kac-rice": "The *Kac-Rice formula* counts",
    r"whitened": "*whitened* inputs (uncorrelated, of equal size)",
}


def read_aloud(book):
    """What a reader meets, in order: prose, and the texts that cells show; the list of sources is no prose."""
    parts = []
    for cell in book.cells:
        if cell.cell_type == "markdown":
            if cell.source.startswith("## Sources"):
                break
            parts.append(cell.source)
        for output in cell.get("outputs", []):
            parts.append(output.get("text", "") or output.get("data", {}).get("text/plain", ""))
    return "\n".join(parts)


COURSE = "\n".join(read_aloud(BOOKS[name]) for name in sorted(BOOKS))


@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_explained_before_it_is_used(term):
    explained = COURSE.find(TERMS[term])
    assert explained >= 0, f"no lesson says {TERMS[term]!r}"
    used = re.search(term, COURSE, flags=re.IGNORECASE)
    assert used, f"no lesson uses {term!r}: take it off the list"
    before = COURSE[max(0, used.start() - 80) : used.end() + 40]
    assert used.start() >= explained, f"{term!r} is used before it is explained: ...{before}..."
