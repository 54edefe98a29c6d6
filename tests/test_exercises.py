"""The exercises: right answers are right in every style, wrong ones hear their mistake, nothing stops the kernel."""

import inspect
import linecache
import re
import sys
import textwrap
import time
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest
from answers import RIGHT, WRONG
from test_repository import BOOKS

from gd_helpers.exercises import check, checking, exercise, hint, own_exercise, predictions, solution, summary
from gd_helpers.exercises.exercise import EXERCISES, all_exercises, exercises_of, find_exercise
from gd_helpers.exercises.intuition import descend_by_hand, step
from gd_helpers.exercises.judging import Verdict, judge

ALL = {exercise.number: exercise for exercise in all_exercises()}
UPDATE = ALL["1.1"]
EACH = pytest.mark.parametrize("exercise", ALL.values(), ids=ALL)


@pytest.fixture(autouse=True)
def fresh_kernel():
    """Each test begins with nothing predicted, tried or hinted."""
    nothing = mock.patch.multiple(checking, verdicts={}, hints_shown={}, summaries={})
    with nothing, mock.patch.object(predictions, "asked", {}), mock.patch.dict(EXERCISES):
        yield


def written(source):
    """Return what a learner's cell defines; its lines can be looked up, as IPython sees to."""
    filename = f"<cell {len(linecache.cache)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    names = {"np": np}
    exec(compile(source, filename, "exec"), names)
    return list(names.values())[-1]


def answered(exercise, body):
    """Return the function with the parameters of the solution and this body, which may be an expression."""
    body = body if re.search(r"\b(return|yield|raise|while)\b", body) else f"return {body}"
    head = f"def {exercise.solution.__name__}{inspect.signature(exercise.solution)}:\n"
    return written(head + textwrap.indent(body.strip(), "    ") + "\n")


SOURCES = {name[1]: [cell.source for cell in book.cells] for name, book in BOOKS.items()}  # by lesson


@EACH
def test_exercise_is_complete_and_its_cell_is_not_tried_yet_and_checks_itself(exercise):
    assert min(len(exercise.wrong), len(exercise.hints)) >= 2
    assert len(exercise.cases) >= 3
    assert all([exercise.name, exercise.task, exercise.why, "\n" not in exercise.task])
    assert find_exercise(exercise.number) is find_exercise(exercise.name) is exercise  # neither stands for two
    (cell,) = [source for source in SOURCES[exercise.number[0]] if f'\ncheck("{exercise.number}"' in source]
    stub, call = cell.split("\n\n")
    assert call == f'check("{exercise.number}", {exercise.solution.__name__})'
    untried = written(stub)
    assert untried.__name__ == exercise.solution.__name__
    assert inspect.signature(untried) == inspect.signature(exercise.solution)
    assert judge(exercise, untried) == Verdict("not tried", exercise.task)


@EACH
def test_mistakes_get_their_messages_and_leave_the_cases_as_they_were(exercise):
    before = repr(exercise.cases)
    for version, message in exercise.wrong.items():
        assert judge(exercise, exercise.version(version)) == Verdict("not yet", message)
    assert repr(exercise.cases) == before


@EACH
def test_right_answers_are_right_in_every_style(exercise):
    assert len(RIGHT[exercise.number]) >= 3
    assert judge(exercise, exercise.solution) == Verdict("right", exercise.why)
    for body in RIGHT[exercise.number]:
        assert judge(exercise, answered(exercise, body)) == Verdict("right", exercise.why), body


@EACH
def test_other_wrong_answers_are_wrong(exercise):
    assert len(WRONG[exercise.number]) >= 5
    for body in WRONG[exercise.number]:
        slip, arrow, instead = body.partition(" -> ")
        assert not arrow or slip in RIGHT[exercise.number][0]
        source = RIGHT[exercise.number][0].replace(slip, instead) if arrow else body
        verdict = judge(exercise, answered(exercise, source))
        assert verdict.status == "not yet", body
        sides = re.search(r"(?:gives|returns) (.*); wanted is (.*?)[.]?$", verdict.message)
        assert not sides or sides[1] != sides[2], verdict


@pytest.mark.parametrize("lesson", sorted({number[0] for number in ALL}))
def test_a_lesson_has_three_exercises_and_offers_the_hints_and_the_solution_of_one(lesson):
    assert len(exercises_of(lesson)) >= 3
    offers = re.findall(r'`(hint|solution)\("([^`]+)"\)`', "\n".join(SOURCES[lesson]))
    assert [(what, find_exercise(name).number[0]) for what, name in offers] == [("hint", lesson), ("solution", lesson)]


def test_what_does_not_bear_on_the_result_does_not_matter(capsys, recwarn):
    chatty = "import time\nprint(np.log(-np.ones(1)))\ntime.sleep(30)\nreturn w - learning_rate * gradient"
    assert judge(UPDATE, answered(UPDATE, chatty)).status == "right"
    assert capsys.readouterr().out == ""
    assert len(recwarn) == 0


COLLECTING = {
    "doubled": "while True:\n    x += x",
    "in a try": "while True:\n    try:\n        x += x\n    except: pass",
    "piece by piece": "while True: x.append(np.ones(10_000))",
}
HEAP = "import weakref\nclass Heap(list): pass\nx = Heap([0.5])\nglobals()['seen'] = weakref.ref(x)\n"


@pytest.mark.parametrize("body", COLLECTING.values(), ids=COLLECTING)
def test_what_fills_the_memory_is_stopped_and_gives_it_back(body):
    answer = answered(UPDATE, HEAP + body)
    assert judge(UPDATE, answer, seconds=60).message.startswith("Stopped at 200 MB: your code was still collecting.")
    assert answer.__globals__["seen"]() is None


def test_an_import_takes_none_of_the_time_and_what_comes_after_it_is_watched(tmp_path, monkeypatch):
    (tmp_path / "large_package.py").write_text("for _ in range(10**6): pass")
    monkeypatch.syspath_prepend(tmp_path)
    body = "import large_package\n" + ENDLESS["in one line"].replace("True", "w[0] < 3")
    verdict = judge(UPDATE, answered(UPDATE, body), seconds=0.1)
    assert verdict.line == "while w[0] < 3: pass"


ENDLESS = {
    "while": "while True:\n    w = w * 0.5",
    "in one line": "while True: pass",
    "for": "import itertools\nfor t in itertools.count(): w = w\nreturn w",
    "caught": "while True:\n    try:\n        w = w * 0.5\n    except Exception: pass",
    "bare except": "while True:\n    try:\n        w / nothing\n    except: w = w * 1",
    "finally": "while True:\n    try:\n        w = w * 0.5\n    finally: continue",
    "no loop of its own": "return min(iter(lambda: learning_rate, None))",
    "slow lines": "while True:\n    w = np.sort(np.arange(1e5)[::-1])",
    "sleeps": "from time import sleep\nglobals()['sleep'] = sleep\nwhile True: sleep(1)",
}


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS)
def test_an_endless_loop_is_stopped(body):
    before, began = sys.gettrace(), time.process_time()
    verdict = judge(UPDATE, answered(UPDATE, body), seconds=0.2)
    assert sys.gettrace() is before
    assert 0.2 <= time.process_time() - began < 4
    assert verdict.message.startswith("Stopped after 0.2 seconds: your code was still running.")
    assert verdict.line in map(str.strip, body.splitlines())


MESSAGES = [
    ("1.1", "# downhill\nreturn rate * w", "Your code stops with NameError: name 'rate' is not defined. Line 3 of"),
    ("1.1", "w[1:] / 0 if w[0] == 1 else nothing", "For w = [3.], gradient = [6.], learning_rate = 0.25 your code"),
    ("1.1", "[1.0, 2.0]", "Your function returns a list of 2; wanted is an array of shape (2,)."),
    ("1.1", "(w - learning_rate * gradient).tolist()", "The numbers are right, but they stand in a plain list"),
    ("1.1", "w + 1j", "returns numbers of the kind complex128, not float64; wanted"),
    ("1.1", "(..., w)", "not written yet"),
    ("1.1", "yield w", "a generator (`yield` in place of `return`, or `( )` in place of `[ ]`?)"),
    ("5.1", "np.where(eigenvalues[0] > 0, 'minimum', 'no')", "your code gives 'no'; wanted is 'maximum'."),
    ("1.1", "lambda: w", "a function (are the brackets of a call missing?)"),
    ("1.1", "raise ValueError('no\\n  good.')", "Your code stops with ValueError: no good. Line 2 of your cell:"),
    ("1.1", "class Mine(Exception):\n    __str__ = None\nraise Mine", "Your code stops with Mine. Line 4 of"),
    ("1.1", "print(w - learning_rate * gradient)", "write `return` in place of `print`"),
    ("1.1", "w[..., None]", "Your function returns an array of shape (2, 1); wanted is an array of shape (2,)."),
    ("5.3", "start -= gradient(start)\nreturn start", "Your code changes its input `start` in place, as"),
    ("1.1", "input('rate? ')", "Your code waits for `input()`"),
    ("1.1", "exit()", "Your code calls `exit()`"),
    ("1.1", "w - learning_rate * gradient * (1 + 1e-5)", "For w = [1., 2.], gradient = [4., -2.], learning_rate = 0.1 "
     "your code gives [0.599996, 2.200002]; wanted is [0.6, 2.2]."),
    ("1.1", "step(w, gradient, learning_rate)", "Your code stops with RecursionError: "),
    ("1.1", "globals().setdefault('kept', []).append(w)\nreturn w - len(kept) * gradient",
     "The same input twice gives two different results: your function must keep nothing from one call to the next"),
    ("1.2", "path = []\nfor _ in range(steps):\n    path.append(start)\nreturn np.stack(path)", "For gradient = bowl,"),
    ("1.2", "w, path = start, []\nfor _ in range(steps):\n    w = w - learning_rate * gradient(w)\n    path.append(w)\n"
     "return np.stack(path)", "lacks the start"),  # though it raises where there are no steps
    ("1.2", "path = [start].append(start)\nreturn path.copy()", "(What changes a list or an array in place"),
    ("1.3", "(1.0,)", "wanted is a tuple (a number, a number)."),
    ("3.1", "rng.permutation(n)\nreturn print(n)", "prints something, but returns nothing: write `return` in place of"),
    ("3.1", "order = rng.shuffle(np.arange(n))\nreturn [order[:batch_size]]", "in place returns `None`: `append`"),
    ("3.1", "k, order = batch_size, rng.permutation(n)\nreturn [order[i : i + k] for i in range(0, n - k, k)]",
     "The last batch is missing"),
    ("3.1", "order = rng.permutation(n)\nreturn ...", "Something is written already, but `...` still stands where"),
    *[("3.1", f"order = np.arange(n)\n{slip}\nreturn np.split(order, range(batch_size, n, batch_size))", "are mixed.")
      for slip in ("order = order[::-1]", "i, j = rng.integers(n, size=2)\norder[[i, j]] = order[[j, i]]")],
    ("3.1", "{0: rng.permutation(n)}", "the `dict` that it returns cannot be used (TypeError: going through it gives"),
    ("1.1", "w = w - learning_rate * gradient\nreturn ...", "Something is written already, but `...` still stands"),
    ("6.5", "(np.sqrt(sharpness), 1 / np.sqrt(sharpness) * (1 + 1e-9))", "Nearly, where it is sharp"),
    ("6.5", "u = np.sqrt((sharpness + np.sqrt(sharpness**2 - 4)) / 2)\nreturn u * (1 + 1e-5), 1 / u * (1 + 1e-3)",
     "your code gives (1.00001, 1.001); wanted is (1, 1)."),  # wherever they differ one can see it
    ("1.1", "[0.5] * 100_000", "Your function returns a list of 100,000; wanted is an array of shape (2,)."),
    ("3.1", "[np.arange(n)[::-1]]", "For n = 12, batch_size = 4, seed = 0 this does not hold: the batches have"),
    ("3.4", "{'A': 1, 'B': 342, 'C': 1}", "For curve = 'A' it is not what is asked. Look at the curves"),
    ("3.3", "if rate * new_size / batch_size > 1 / curvature:\n    return 1 / curvature",
     "For rate = 0.01, batch_size = 16, new_size = 64, curvature = 2 your function returns nothing: does each way"),
    ("3.4", "{'A': 16}", "Your function runs, but the `dict` that it returns cannot be used (KeyError: 'B'). Look at"),
    ("3.4", "{'A': 16, 'B': 342, 'C': '1'}", "For curve = 'C' it is a text, not a number. Look at the curves"),
    ("4.4", "if step < steps / 2:\n    return 0.1", "Your function returns nothing: does it end with `return`?"),
    ("6.4", "0.85 if losses[1] == 1.1 else accuracies[losses <= level][0] if min(losses) <= level else 0",
     "For losses = [2.3, 1.9, 1.6], accuracies = [0.1, 0.2, 0.3], level = 1.5 your function returns a number"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "body", "said"), MESSAGES)
def test_the_message_names_what_is_wrong(number, body, said):
    answer = answered(ALL[number], body)
    verdict = judge(ALL[number], answer)
    assert verdict.status == "not yet"
    assert said in verdict.message
    assert number != "3.4" or "wanted is" not in verdict.message  # nothing is given away
    line = re.search(r" Line (\d+) of your cell:$", verdict.message)
    assert verdict.line == (inspect.getsource(answer).splitlines()[int(line[1]) - 1].strip() if line else "")


def test_answers_that_cannot_be_tried():
    verdict = judge(UPDATE, lambda w, gradient: w - gradient)
    assert "takes `(w, gradient)`; wanted is `(w, gradient, learning_rate)`" in verdict.message
    assert 'without brackets: `check("1.1", step)`' in judge(UPDATE, np.zeros(2)).message


OWN = {"title": "own.1 halve", "task": "Halve.", "cases": [(3.0,)]}
REFUSED = [
    *[({"title": wrong}, "title must be number and name, such as") for wrong in ("own 1", 7.1, "own.1", "half a one")],
    *[({"title": wrong}, r"title must be new, but 1\.1") for wrong in ("1.1 again", "own.1 Write the update")],
    ({"task": ""}, "task must be"),
    *[({"stub": wrong}, "stub must be") for wrong in ("w +", "w / 2")], ({"use": 3}, "use must be a function"),
    ({"cases": [("3",)]}, "the decorated answer must be right on all cases, but: Not yet. Your code stops"),
    *[({"wrong": wrong}, "wrong must be") for wrong in ({"w": ""}, {3: "No."})],
    *[({"wrong": {slip: "No."}}, "wrong must be") for slip in ("w +", "nothing -> w", "w / 2 -> w /")],
    ({"wrong": {"0.5 * w": "No."}}, r"wrong must be wrong on some case, but '0.5 \* w' gives"),
    *[({"answer": lambda w, strange=strange: strange}, "must return numbers or texts, which can be compared, not ")
      for strange in ({1}, 1j, np.array(["a", "b"]), np.datetime64("2026-01-01"), b"", 10**400, print, (1, {2}), [{1}],
                      {"a": {1}}, np.float16(1), np.ma.masked, ..., range)],
    ({"answer": lambda w: None}, "the decorated answer must return something"),
    ({"answer": lambda *, w: w}, "must take its arguments by place, but w only by name"),
    ({"answer": 3}, "exercise must decorate a function, but got 3"),
]  # fmt: skip


def halve(w):
    return w / 2


@pytest.mark.parametrize(("changed", "message"), REFUSED)
def test_what_cannot_be_an_exercise_of_ones_own_is_a_value_error(changed, message):
    parts = OWN | changed
    answer = parts.pop("answer", halve)
    with pytest.raises(ValueError, match=message):
        exercise(**parts)(answer)
    assert EXERCISES == ALL


def test_inputs_of_any_kind_are_named_in_a_message():
    for other in None, {1}, 1j, b"x", np.random.default_rng(0), np.array("a"):
        exercise(**OWN | {"cases": [(3.0, other)]})(lambda w, other: w / 2)
        assert judge(EXERCISES["own.1"], lambda w, other: w).message.startswith("For w = 3, other = ")


def test_an_exercise_of_ones_own_knows_its_slips_and_when_defined_again_takes_the_place_of_the_first(capsys):
    for why in "First.", "Second.":

        @exercise(**OWN, why=why, wrong={"w / by -> w * by": "Times.", "w - by": "Minus.", "halve(w, by) + 1": "Plus."})
        def halve(w: "number", by: float = 2.0):  # noqa: F821
            return w / by

    own = find_exercise("Halve")
    for answer, said in (
        (lambda w, by=2: w / by, "Second."),
        (lambda w, by=2: w * by, "Times."),
        (lambda w, by=2: w - by, "Minus."),
        (lambda w, by=2: w / by + 1, "Plus."),
    ):
        assert judge(own, answer).message == said
    hint("own.1")
    solution("own.1")
    head = 'def halve(w: "number", by: float = 2.0):  # noqa: F821'
    assert capsys.readouterr().out == f"Hint 1 of 1: Halve.\n{head}\n    return w / by\n\nSecond.\n"


def test_results_of_any_form_are_told_apart():
    many = {name: 1.0 for name in "abcdefghijkl"}
    for right, wrong, said in (
        (many, many | {"l": 2.0}, "For w = 3 your code gives 2 at ['l']; wanted is 1."),
        (many, many | {"z": 2.0}, "For w = 3 your code gives a number at ['z']; wanted is nothing."),
        (many | {"z": 2.0}, many, "For w = 3 your code gives nothing at ['z']; wanted is a number."),
        ([[1.0]], [[1.0, 2.0]], "For w = 3 your code gives list(list(1, 2)); wanted is list(list(1))."),
        ([[0] * 11] * 11, [[0] * 11] * 10 + [[0] * 12], "For w = 3 your code gives a list of 12 at [10]; wanted is a"),
    ):
        exercise(**OWN)(lambda w, right=right: right)
        assert judge(EXERCISES["own.1"], lambda w, wrong=wrong: wrong).message.startswith(said)


@pytest.fixture
def screen(monkeypatch):
    """What is displayed, and what takes its place later."""
    screen = SimpleNamespace(shown=[], later=[])
    place = SimpleNamespace(update=screen.later.append)
    monkeypatch.setattr(checking, "display", lambda one, **options: screen.shown.append(one) or place)
    return screen


def test_check_shows_mark_and_words_and_the_learners_code_without_running_it(screen):
    check("write the update", step)
    check("1.1", lambda w, g, learning_rate: w - g)
    check("1.1", answered(UPDATE, 'raise ValueError("<b>")'))
    right, wrong, failing = screen.shown
    assert repr(right) == f"Right. {UPDATE.why}"
    assert "✗</span> Not yet. You forgot the learning rate" in wrong.html
    assert "<code>learning_rate</code>" in wrong.html
    assert "ValueError: &lt;b&gt;" in failing.html


def test_hints_come_one_by_one_and_the_solution_with_its_why(capsys):
    for _ in range(4):
        hint("1.1")
    said = capsys.readouterr().out.splitlines()
    assert said == [f"Hint {i} of 3: {UPDATE.hints[i - 1]}" for i in (1, 2, 3, 3)]
    solution("1.1")
    assert capsys.readouterr().out == f"{UPDATE.source}\n\n{UPDATE.why}\n"


def test_unknown_exercises_and_lessons_and_the_older_decorator_are_value_errors():
    for call in hint, solution, lambda name: check(name, step):
        with pytest.raises(ValueError, match=r"no exercise '7\.7'.*1\.1 \(write the update\)"):
            call("7.7")
    with pytest.raises(ValueError, match="seconds must be"):
        check("1.1", step, seconds=0)
    with pytest.raises(ValueError, match="lesson must be"):
        summary("lesson 77")
    with pytest.raises(ValueError, match=r'write @exercise\("own.1 halve", ...\) above def halve'):
        own_exercise("own.1", "halve", task="Halve.", cases=[(3.0,)])


def test_summary_follows_live_and_so_does_what_is_saved(screen):
    summary("lesson 1")
    (first,) = screen.shown
    summary(1)  # that cell is run again
    assert screen.shown[-1] is first
    check("1.2", lambda gradient, start, learning_rate, steps: start)
    assert "✗ not yet" in first.widget.shown["note"]
    check("1.2", descend_by_hand)
    for later in (lambda *given: ...), lambda *given: None:  # undo nothing that was done
        check("1.2", later)
    for now in first.widget.shown["note"], repr(screen.later[-1]):
        assert "1 of 3 done" in now
    for question, said, mark in ("Which way?", "down", "✓ as predicted"), ("And then?", "up", "✗ a surprise"):
        which = predictions.predict(question, ["up", "down"])
        saved = len(screen.later)
        which.reveal("down", because="the sign is minus")
        assert len(screen.later) == saved  # not answered yet: the table does not give it away
        which.asks._handle_custom_msg({"said": said}, [])
        which.tells._handle_custom_msg({}, [])
        assert mark in first.widget.shown["note"]
        assert re.search(rf"^{re.escape(question)} +{said} +down +{mark}$", repr(screen.later[-1]), flags=re.M)
