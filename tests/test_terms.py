"""No technical term stands in a lesson before the sentence that explains it, in any lesson of the course."""

import re

import pytest
from test_repository import BOOKS

# Where one of these first stands in bold it is explained. A bar parts the word from what is left off when it is looked
# for: `minim|um` is explained at "**minimum**", and neither "minima" nor "minimal" may stand before that.
EXPLAINED_IN_BOLD = """
gradient descent, minim|um, model, parameter|s, loss, train|ing, tangent, learning rate, diverge|s, standardis|ed,
intercept, error, mean squared error, nudg|e, least squares, convex;
curvature, hessian, eigenvector|s, eigenvalue|s, condition number, centred, standard deviation, correlated, sigmoid,
saturate|d, sharpness, range test, logistic regression, contraction;
batch| size, epoch|s, test digits, softmax, cross-entropy, stochastic, mini-batch, noise floor,
root mean square, with replacement, without replacement, budget, gradient evaluation|s, linear scaling| rule, variance;
momentum, rmsprop, schedule, velocity, heavy ball, adagrad, base rate, weight decay, adamw, standard error, cosine,
exponential, warm-up, median, usable;
critical point, degenerate, newton's method, basin, gaussian orthogonal| ensemble,
asymptot|e, correlation;
test data, confounded, edge of stability, sharpness-aware| descent, power iteration
"""
# Others: what to look for, and the words with which its explanation begins.
TERMS = {
    r"\bgradients?\b(?! descent|\*\*)": "this list is called the **gradient**",
    r"\bcurved\b": "that is its **curvature**",
    r"\bexplo(de|ded|des|sion)\b(?!, and why)": "or **explodes**, which is to say it diverges",
    r"\btanh\b": "with a tanh, an S-shaped curve",
    r"hidden units?": "Each of 16 **hidden units**",
    r"logarithm (counts|of)|\*\*logarithm|\\ln\b": "The loss is the **cross-entropy**: minus the **logarithm**",
    r"\bupdates\b": "One step is also called an **update**",
    r"full batch": "so people also say *full batch*",
    r"\bSGD\b": "most people who say *SGD*",
    r"\bjitter": "jittering around it, for ever",
    r"\bRMS\b": "as a **root mean square**",
    r"finite population": "Statistics calls the extra factor",
    r"reshuffl": "What almost everybody does instead is to reshuffle",
    r"\bupdate rules?\b": "race five update rules",
    r"\bnesterov\b(?!,? \(?\d{4}|, \*)": "**Momentum** and **Nesterov** also remember",
    r"\badam's\b": "**RMSprop** and **Adam** also measure",
    r"\bill-condition\w+": "a cure for ill-conditioning, that is, for a large $k$",
    r"\bbias correction\b": "Dividing by $1 - \\beta^t$ puts that right",
    r"\bL2\b": "adding the penalty",
    r"\bsaddles?\b(?!: where)": "A **saddle** is level too, but like a mountain pass",
    r"local minim(um|a)\b(?! and saddles: )": "A **local minimum** is a place lower than everything around it",
    r"\bfolklore\b": "**Folklore**: widely said, true in part",
    r"the index\b|saddle of index": "negative eigenvalues is the **index**",
    r"monkey saddle": "In the middle of the *monkey saddle*",
    r"\bGOE\b": "**Gaussian orthogonal ensemble** (GOE)",
    r"kac-rice": "The *Kac-Rice formula* counts",
    r"whitened": "*whitened* inputs (uncorrelated, of equal size)",
    r"\bgeneralis(e|ing)\b(?! better)": "To **generalise** is to do well on data that were not there",
    r"\bexhibits?\b(?!s that)": "Each **exhibit** below is something that you measure",
    r"\bcorrelations?\b(?= (between the log|over))": "One number for that is the **correlation**",
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


def check_not_used_before(place, term):
    used = re.search(term, COURSE, flags=re.IGNORECASE)
    assert used, f"no lesson uses {term!r}: take it off the list"
    around = COURSE[max(0, used.start() - 80) : used.end() + 40]
    assert used.start() >= place, f"{term!r} is used before it is explained: ...{around}..."


@pytest.mark.parametrize("word", [word.strip() for word in re.split("[,;]", EXPLAINED_IN_BOLD)])
def test_a_term_is_explained_in_bold_where_it_is_first_used(word):
    explained = re.search(rf"\*\*{word.replace('|', '')}", COURSE, flags=re.IGNORECASE)
    assert explained, f"no lesson has **{word}**"
    check_not_used_before(explained.start(), rf"\b{word.partition('|')[0]}")


@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_explained_before_it_is_used(term):
    assert TERMS[term] in COURSE, f"no lesson says {TERMS[term]!r}"
    check_not_used_before(COURSE.index(TERMS[term]), term)
