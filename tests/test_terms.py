"""No technical term stands in a lesson before the sentence that explains it.

For each term (a regular expression, in small letters) the words with which its explanation begins: the lesson that
has them is the one that introduces the term, and neither that lesson nor one before it may use the term earlier.
"""

import re

import pytest
from test_repository import BOOKS

TERMS = {
    # Lesson 1
    r"gradient descent": "That is the whole of **gradient descent**",
    r"\bminim(um|a)\b": "each with a lowest point, its **minimum**",
    r"\bmodels?\b": "A **model** is a formula",
    r"\bparameters?\b": "its **parameters**",
    r"\bloss(es)?\b": "A **loss** says, for each setting",
    r"\btrain(s|ed|ing)?\b": "and **training** means",
    r"\btangents?\b": "The dashed line is the **tangent**",
    r"learning rates?": "The slider is the **learning rate**",
    r"\bgradients?\b(?! descent|\*\*)": "this list is called the **gradient**",
    r"\bdiverge": "and the run **diverges**",
    r"\bstandardis": "We have the flippers **standardised**",
    r"\bintercept": "and its **intercept**",
    r"\berrors?\b": "take the **error**: predicted",
    r"mean squared error": "This **mean squared error** is our loss",
    r"\bnudg": "when we **nudge** a parameter",
    r"least squares": "instead of walking downhill: **least squares**",
    r"\bconvex": "A loss like it is called **convex**",
    # Lesson 2
    r"\bcurv(ature|ed)\b": "that is its **curvature**",
    r"\bexplo(de|ded|des|sion)\b(?!, and why)": "or **explodes**, which is to say it diverges",
    r"\bhessian": "form a square table of numbers, the **Hessian**",
    r"\beigenvectors?\b": "are its **eigenvectors**",
    r"\beigenvalues?\b": "along them its **eigenvalues**",
    r"condition numbers?": "the **condition number** $k",
    r"\bcentred\b": "**centred**, with the mean taken off",
    r"standard deviations?\b": "divided by the **standard deviation**",
    r"\bcorrelated\b": "they are **correlated**",
    r"\bsigmoids?\b": "built from a **sigmoid**, a curve",
    r"\bsaturate": "it is said to be **saturated**",
    r"\bsharpness\b": "at a place is called the **sharpness** there",
    r"range tests?\b": "The **range test** trains",
    r"logistic regression": "This is **logistic regression**",
    r"\bcontractions?\b": "and the **contraction**, the share",
    # Lesson 3
    r"\bbatch": "The **batch size** says",
    r"\bepochs?\b": "trains a small network anew for five **epochs**",
    r"\btest digits": "On 297 others, the **test digits**",
    r"hidden units?": "Each of 16 **hidden units**",
    r"\btanh\b": "with a tanh, an S-shaped curve",
    r"softmax": "**Softmax** turns the scores",
    r"cross-entropy": "The loss is the **cross-entropy**",
    r"logarithm (counts|of)|\*\*logarithm|\\ln\b": "The loss is the **cross-entropy**: minus the **logarithm**",
    r"\bupdates\b": "One step is also called an **update**",
    r"full batch": "so people also say *full batch*",
    r"stochastic": "this is **stochastic** gradient descent",
    r"mini-batch": "it is **mini-batch** gradient descent",
    r"\bSGD\b": "most people who say *SGD*",
    r"\bjitter": "jittering around it, for ever",
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
    r"\bupdate rules?\b": "race five update rules",
    r"\bmomentum\b": "**Momentum** and **Nesterov** also remember",
    r"\bnesterov\b(?!,? \(?\d{4}|, \*)": "**Momentum** and **Nesterov** also remember",
    r"\brmsprop\b": "**RMSprop** and **Adam** also measure",
    r"\badam's\b": "**RMSprop** and **Adam** also measure",
    r"\bschedule\b": "a **schedule**, which says the rate of each step",
    r"\bvelocity\b": "So keep a **velocity**",
    r"\bheavy ball\b": "it moves like a **heavy ball**",
    r"\bill-condition\w+": "a cure for ill-conditioning, that is, for a large $k$",
    r"\badagrad\b": "**Adagrad** (Duchi et al., 2011) adds up the squares",
    r"\bbias correction\b": "Dividing by $1 - \\beta^t$ puts that right",
    r"\bbase rates?\b": "the **base rate**, the rate that you set",
    r"\bweight decay\b": "**Weight decay** pulls every weight a little towards zero",
    r"\bL2\b": "adding the penalty",
    r"\badamw\b": "In the second it goes past the division: this is **AdamW**",
    r"\bstandard errors?\b": "so each comes with its **standard error**",
    r"\bcosine\b": "This one, **cosine**",
    r"\bexponential\b": "**exponential** decay, which takes off the same share",
    r"\bwarm-up\b": "a **warm-up**, in which the rate first rises",
    r"\bmedian\b": "Of the five losses we take the **median**, the middle one",
    r"\busable\b": "Call a rate **usable**",
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
    r"\bGOE\b|gaussian orthogonal": "**Gaussian orthogonal ensemble** (GOE)",
    r"asymptot": "there is an **asymptote**, a simpler formula",
    r"correlation": "How narrow the band is, a **correlation** says",
    r"kac-rice": "The *Kac-Rice formula* counts",
    r"whitened": "*whitened* inputs (uncorrelated, of equal size)",
    # Lesson 6
    r"\bgeneralis(e|ing)\b(?! better)": "To **generalise** is to do well on data that were not there",
    r"\btest data\b": "those are called the **test data**",
    r"\bexhibits?\b(?!s that)": "Each **exhibit** below is something that you measure",
    r"\bconfounded\b": "Such a comparison is **confounded**",
    r"\bcorrelations?\b(?= (between the log|over))": "One number for that is the **correlation**",
    r"edge of stability": "called it the **edge of stability**",
    r"sharpness-aware": "**Sharpness-aware descent** (Foret et al., 2021) changes one",
    r"power iteration": "the direction turns to the sharpest one: **power iteration**",
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
