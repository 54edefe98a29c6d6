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
    r"\bbatch": "The **batch size** says",
    r"\bepochs?\b": "Once through all of them is an **epoch**",
    r"test digits": "On the other 297, the **test digits**",
    r"hidden units?": "Each of 16 **hidden units**",
    r"softmax": "**Softmax** turns the scores",
    r"cross-entropy": "The loss is the **cross-entropy**",
    r"full batch": "so people also say *full batch*",
    r"stochastic": "this is **stochastic** gradient descent",
    r"mini-batch": "it is **mini-batch** gradient descent",
    r"\bSGD\b": "most people who say *SGD*",
    r"noise floor": "is its **noise floor**",
    r"root mean square|\bRMS\b": "as a **root mean square**",
    r"with replacement": "**With replacement**, each draw",
    r"without replacement": "**Without replacement**, nobody",
    r"finite population": "Statistics calls the extra factor",
    r"\bbudgets?\b": "gets the same **budget**",
    r"gradient evaluations?": "or **gradient evaluations**",
    r"linear scaling": "The **linear scaling rule** says",
    r"\bvariance\b": "which is the **variance** of the guess",
    r"reshuffl": "What almost everybody does instead is to reshuffle",
    # Lesson 4
    # Lesson 5
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
