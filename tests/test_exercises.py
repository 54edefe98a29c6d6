"""The exercises: each solution is right, each typical mistake gets its message, and nothing stops the kernel.

The first half runs over every exercise of every lesson, so an exercise that is added is held to it
without a new test. The second half holds the machinery (errors, endless loops, hints, summaries) to its
word on lesson 1.
"""

import inspect
import json
import linecache
import re
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from gd_helpers.exercises import check, hint, predictions, solution, summary
from gd_helpers.exercises import checking as exercises
from gd_helpers.exercises.exercise import Exercise, all_exercises, exercises_of, find_exercise
from gd_helpers.exercises.intuition import bowl, descend_by_hand, line_gradients, step
from gd_helpers.exercises.judging import Verdict, _plain, judge
from gd_helpers.exercises.learning_rate import best_rate_and_contraction, largest_stable_rate, standardise

ALL = all_exercises()
MISTAKES = [
    pytest.param(exercise, version, message, id=f"{exercise.number}-{i}")
    for exercise in ALL
    for i, (version, message) in enumerate(exercise.wrong)
]
EACH = pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.number)


@pytest.fixture(autouse=True)
def fresh_kernel(monkeypatch):
    """Each test begins with nothing predicted, tried or hinted."""
    for module, name in [
        (exercises, "progress"),
        (exercises, "hints_shown"),
        (exercises, "_summaries"),
        (predictions, "asked"),
    ]:
        monkeypatch.setattr(module, name, {})
    monkeypatch.setattr(predictions, "listeners", [])


def written(source, name="cell"):
    """Return what a learner's cell defines; its lines can be looked up, as IPython sees to."""
    filename = f"<{name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    names = {"np": np}
    exec(compile(source, filename, "exec"), names)
    return list(names.values())[-1]


# --- every exercise -----------------------------------------------------------------------------------------
@EACH
def test_exercise_is_complete(exercise):
    assert len(exercise.wrong) >= 2
    assert len(exercise.hints) >= 2
    assert len(exercise.cases) >= 3
    assert all([exercise.name, exercise.task, exercise.why, exercise.stub])
    assert "\n" not in exercise.task
    assert len(exercise.stub.splitlines()) <= 15


def test_names_and_numbers_are_unique():
    assert len({exercise.number for exercise in ALL}) == len({exercise.name for exercise in ALL}) == len(ALL)


@pytest.mark.parametrize("lesson", [1, 2, 3, 4])
def test_lesson_has_three_exercises(lesson):
    assert len(exercises_of(lesson)) >= 3


@EACH
def test_solution_is_right(exercise):
    assert judge(exercise, exercise.solution) == Verdict("right", exercise.why)


@EACH
def test_stub_is_not_tried_yet(exercise):
    assert judge(exercise, written(exercise.stub)) == Verdict("not tried", exercise.task)


@EACH
def test_solution_takes_what_the_stub_takes(exercise):
    stub = written(exercise.stub)
    assert stub.__name__ == exercise.solution.__name__
    assert inspect.signature(stub) == inspect.signature(exercise.solution)


@pytest.mark.parametrize(("exercise", "version", "message"), MISTAKES)
def test_mistake_gets_its_message(exercise, version, message):
    assert judge(exercise, version) == Verdict("not yet", message)


@EACH
def test_cases_are_left_as_they_were(exercise):
    before = repr(exercise.cases)
    for version, _ in exercise.wrong:
        judge(exercise, version)
    assert repr(exercise.cases) == before


# --- the solutions against what is known by other means -----------------------------------------------------
def test_step_and_loop_agree():
    w = np.array([1.0, -2.0])
    path = descend_by_hand(bowl, w, 0.1, 2)
    np.testing.assert_array_equal(path, [w, step(w, bowl(w), 0.1), step(path[1], bowl(path[1]), 0.1)])


def test_line_gradients_against_central_differences():
    rng = np.random.default_rng(3)
    x, y, h = rng.normal(size=20), rng.normal(size=20), 1e-5

    def mse(slope, intercept):
        return np.mean((slope * x + intercept - y) ** 2)

    d_slope = (mse(0.3 + h, -0.8) - mse(0.3 - h, -0.8)) / (2 * h)
    d_intercept = (mse(0.3, -0.8 + h) - mse(0.3, -0.8 - h)) / (2 * h)
    np.testing.assert_allclose(line_gradients(x, y, 0.3, -0.8), (d_slope, d_intercept), rtol=1e-8)


@pytest.mark.parametrize("hessian", [case[0] for case in find_exercise("2.1").cases], ids=str)
def test_rates_hold_in_real_descents(hessian):
    """Just below the bound descent shrinks, just above it grows; the best rate shrinks by the contraction."""
    _, directions = np.linalg.eigh(hessian)
    bound, (best, contraction) = largest_stable_rate(hessian), best_rate_and_contraction(hessian)

    def size_after(rate, steps, start):
        return np.linalg.norm(descend_by_hand(lambda w: hessian @ w, start, rate, steps)[-1])

    steepest = directions[:, -1]
    assert size_after(0.999 * bound, 1000, steepest) < 0.5
    assert size_after(1.001 * bound, 1000, steepest) > 2
    for extreme in directions[:, 0], steepest:
        assert size_after(best, 1, extreme) == pytest.approx(contraction, abs=1e-12)


def test_standardising_lowers_the_condition_number():
    (X,) = find_exercise("2.4").cases[2]

    def condition(features):
        with_ones = np.column_stack([features, np.ones(len(features))])
        return np.linalg.cond(with_ones.T @ with_ones / len(features))

    assert condition(X) > 1e6
    assert condition(standardise(X)) < 10


# --- the machinery ------------------------------------------------------------------------------------------
UPDATE = find_exercise("1.1")
LOOP = find_exercise("1.2")


def test_error_is_shown_with_its_line():
    answer = written("def step(w, gradient, learning_rate):\n    # downhill\n    return w - learning_rate * gradiant\n")
    assert judge(UPDATE, answer) == Verdict(
        "not yet",
        "Your code stops with NameError: name 'gradiant' is not defined. Line 3 of your cell:",
        "return w - learning_rate * gradiant",
    )


def test_error_inside_a_library_is_shown_at_the_learners_line():
    answer = written("def step(w, gradient, learning_rate):\n    return np.linalg.solve(w, gradient)\n")
    verdict = judge(UPDATE, answer)
    assert verdict.message.startswith("Your code stops with LinAlgError")
    assert (verdict.message[-21:], verdict.line) == (" Line 2 of your cell:", "return np.linalg.solve(w, gradient)")


def test_known_mistake_is_named_though_a_later_case_raises():
    """A path without its start cannot be stacked when there are no steps; the mistake is what matters."""
    source = """\
def descend_by_hand(gradient, start, learning_rate, steps):
    w, path = start, []
    for _ in range(steps):
        w = w - learning_rate * gradient(w)
        path.append(w)
    return np.stack(path)
"""
    assert "lacks the start" in judge(LOOP, written(source)).message


ENDLESS = {
    "while": "while True:\n        w = w * 0.5",
    "in one line": "while True: pass",
    "nothing but calls": "while learning_rate > -1: abs(w)",
    "caught": "while True:\n        try:\n            w = w * 0.5\n        except Exception: pass",
    "bare except": "while True:\n        try:\n            w = w * 0.5\n        except: pass",
    "bare except with work": "while True:\n        try:\n            w / nothing\n        except: w = w * 1",
    "finally": "while True:\n        try:\n            w = w * 0.5\n        finally: continue",
    "no loop of its own": "return min(iter(lambda: learning_rate, None))",
    "generator": "return sum(1 for _ in iter(int, 1))",
    "condition never met": "while True:\n        if learning_rate > 10: break",
}


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS)
def test_endless_loop_is_stopped(body):
    answer = written(f"def step(w, gradient, learning_rate):\n    {body}\n")

    def tracer(frame, event, argument):
        return None

    before, began = sys.gettrace(), time.process_time()
    sys.settrace(tracer)
    try:
        verdict = judge(UPDATE, answer, seconds=0.2)
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)
    assert 0.2 <= time.process_time() - began < 2.5
    assert verdict.status == "not yet"
    assert verdict.message.startswith("Stopped after 0.2 seconds: your code was still running.")
    assert verdict.line in answer_lines(body)
    assert judge(UPDATE, step).status == "right"


def answer_lines(body):
    return [line.strip() for line in body.splitlines()]


def test_endless_recursion_is_an_error_of_that_line():
    source = "def step(w, gradient, learning_rate):\n    return step(w, gradient, learning_rate)\n"
    verdict = judge(UPDATE, written(source))
    assert "RecursionError" in verdict.message
    assert verdict.line in answer_lines(source)


ANSWERS = {
    "forgot to return": (lambda w, gradient, learning_rate: None, "returns nothing"),
    "wrong shape": (lambda w, gradient, learning_rate: np.zeros(7), "an array of shape (7,); wanted is an array"),
    "a list": (lambda w, gradient, learning_rate: [1.0, 2.0], "a list of 2; wanted is an array of shape (2,)"),
    "text": (lambda w, gradient, learning_rate: "0.5", "a value of type str; wanted"),
    "half written": (lambda w, gradient, learning_rate: (..., w), "not written yet"),
    "wrong number of arguments": (lambda w, gradient: w - gradient, "takes `(w, gradient)`; wanted is `(w, gradient, "),
    "called": (np.zeros(2), 'without brackets: `check("1.1", step)`'),
    "unknown mistake": (
        lambda w, gradient, learning_rate: w - 3 * learning_rate * gradient,
        "For w = [1., 2.], gradient = [ 4., -2.], learning_rate = 0.1 your code gives [-0.2, 2.6]; "
        "wanted is [0.6, 2.2].",
    ),
    "only part in place": (
        written("def step(w, gradient, rate):\n    gradient *= rate\n    return w - gradient", "part"),
        "changes its input `gradient` in place",
    ),
}


@pytest.mark.parametrize(("answer", "said"), ANSWERS.values(), ids=ANSWERS)
def test_other_answers(answer, said):
    verdict = judge(UPDATE, answer)
    assert verdict.status == "not yet"
    assert said in verdict.message


@pytest.mark.parametrize("pair", [list, np.array, tuple])
def test_two_values_may_come_as_a_tuple_a_list_or_an_array(pair):
    exercise = find_exercise("1.3")
    assert judge(exercise, lambda *case: pair(line_gradients(*case))).status == "right"
    lonely = judge(exercise, lambda *case: pair(line_gradients(*case)[:1]))
    assert lonely.message.endswith("wanted is a tuple (a number, a number).")
    swapped = judge(exercise, lambda *case: pair(line_gradients(*case)[::-1]))
    assert swapped.message.startswith("You swapped the two")


def test_random_numbers_from_elsewhere_are_noticed():
    source = """\
def noisy_descent(gradient, start, learning_rate, steps, scale, rng):
    w = start
    for _ in range(steps):
        w = w - learning_rate * (gradient(w) + scale * np.random.normal(size=w.shape))
    return w
"""
    assert "take all random numbers from `rng`" in judge(find_exercise("5.3"), written(source)).message
    other = judge(find_exercise("5.3"), written(source.replace("np.random.normal", "rng.uniform")))
    assert other.message.startswith("For gradient = saddle gradient")
    assert "rng = a random generator your code gives" in other.message


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ({"A": 1, "B": 342, "C": 1}, "For curve = 'A' it is not what is asked. Look at the curves"),
        ({"A": 16}, "Your function runs, but what it returns cannot be used (KeyError: 'B'). Look at the curves"),
        (None, "Your function runs, but what it returns cannot be used (TypeError: "),
    ],
)
def test_where_more_is_compared_than_what_is_returned_the_answer_is_not_given_away(returned, said):
    verdict = judge(find_exercise("3.4"), lambda: returned)
    assert verdict.message.startswith(said)
    assert "wanted is" not in verdict.message
    assert verdict.line == ""


def test_a_number_in_place_of_batches_is_not_taken_for_a_shuffled_order():
    verdict = judge(find_exercise("3.1"), lambda n, batch_size, rng: 0)
    assert verdict.message.startswith("Your function runs, but what it returns cannot be used (TypeError: ")


def test_error_outside_the_learners_cell_names_no_line_of_it():
    answer = type("Step", (), {"__call__": lambda self, w, gradient, learning_rate: w.nothing})()
    verdict = judge(UPDATE, answer)
    assert verdict.message == "Your code stops with AttributeError: 'numpy.ndarray' object has no attribute 'nothing'."
    assert verdict.line == ""


def test_not_implemented_is_not_tried():
    def answer(w, gradient, learning_rate):
        raise NotImplementedError

    assert judge(UPDATE, answer).status == "not tried"


def test_what_the_answer_prints_and_warns_is_not_shown(capsys, recwarn):
    def answer(w, gradient, learning_rate):
        print("here", np.log(-np.ones(1)))
        return step(w, gradient, learning_rate)

    assert judge(UPDATE, answer).status == "right"
    assert capsys.readouterr().out == ""
    assert len(recwarn) == 0


def test_use_lets_an_answer_be_more_than_a_function_call():
    def batches(n, size, rng):
        order = rng.permutation(n)
        return (order[i : i + size] for i in range(0, n, size))

    def drops_the_rest(n, size, rng):
        order = rng.permutation(n)
        return (order[i : i + size] for i in range(0, n - size + 1, size))

    def use(answer, n, size):
        made = list(answer(n, size, np.random.default_rng(0)))
        return len(made), sorted(np.concatenate(made).tolist())

    exercise = Exercise(
        *("9.1", "batches", "", "def batches(n, size, rng):\n    return ...", batches, ((7, 3), (6, 3))),
        *(((drops_the_rest, "You dropped some."),), (), "", use),
    )
    assert judge(exercise, lambda n, size, rng: np.array_split(np.arange(n), -(-n // size))).status == "right"
    assert judge(exercise, drops_the_rest).message == "You dropped some."


def test_check_shows_mark_and_words(capsys):
    check("write the update", step)
    assert capsys.readouterr().out == f"Right. {UPDATE.why}\n"
    bundle = shown(lambda: check("1.1", lambda w, g, learning_rate: w - g))
    assert set(bundle) == {"text/plain", "text/html"}
    assert bundle["text/plain"].startswith("Not yet. You forgot the learning rate")
    assert "✗</span> Not yet. You forgot the learning rate" in bundle["text/html"]
    assert "<code>learning_rate</code>" in bundle["text/html"]


def shown(call):
    """Return the mime bundle that a call displays."""
    made = []
    with pytest.MonkeyPatch.context() as patch:
        for module in exercises, predictions:
            patch.setattr(module, "display", lambda one, **place: made.append(one))
        call()
    (one,) = made
    return one._repr_mimebundle_()


def test_html_shows_the_learners_code_and_does_not_run_it():
    answer = written('def step(w, gradient, learning_rate):\n    raise ValueError("<b>")\n')
    html = shown(lambda: check("1.1", answer))["text/html"]
    assert "ValueError: &lt;b&gt;" in html
    assert "<b>" not in html


def test_hints_come_one_by_one_and_the_last_stays(capsys):
    for _ in range(4):
        hint("1.1")
    said = capsys.readouterr().out.splitlines()
    assert said == [f"Hint {i} of 3: {UPDATE.hints[i - 1]}" for i in (1, 2, 3, 3)]


def test_solution_shows_its_source_and_why(capsys):
    solution("1.1")
    said = capsys.readouterr().out
    assert said.startswith("def step(w, gradient, learning_rate):")
    assert "return w - learning_rate * gradient" in said
    assert UPDATE.why in said


@pytest.mark.parametrize("call", [hint, solution, lambda name: check(name, step)])
def test_unknown_exercise_is_a_value_error(call):
    with pytest.raises(ValueError, match=r"no exercise '7\.7'.*1\.1 \(write the update\)"):
        call("7.7")


def test_summary_of_an_untouched_lesson(capsys):
    summary("lesson 1")
    assert capsys.readouterr().out.splitlines() == [
        "Prediction                   You said     Measured",
        "Exercise                     0 of 3 done",
        "1.1 write the update         ○ not tried",
        "1.2 write the loop           ○ not tried",
        "1.3 the gradients of a line  ○ not tried",
    ]


def test_summary_follows_live():
    which = predictions.predict("Which way?", ["up", "down"])
    bundle = shown(lambda: summary(1))
    (table,) = exercises._summaries.values()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == table.model_id
    assert "0 of 3 done" in table.value
    assert table.value.count("○ not tried") == 3

    check("1.2", lambda gradient, start, learning_rate, steps: start)
    assert "✗ not yet" in table.value
    check("1.2", descend_by_hand)
    check("1.2", written(LOOP.stub))  # a re-run of the stub's cell does not undo what was done
    assert "1 of 3 done" in table.value

    which.reveal("down", because="the sign is minus")
    assert ">down<" not in table.value  # not answered yet: the table does not give it away
    which.input.value = "down"
    which.commit.click()
    assert "as predicted" in table.value
    assert "✓ as predicted" in shown(lambda: summary(1))["text/plain"]


@pytest.mark.parametrize("lesson", [0, "lesson 77", ""])
def test_summary_of_no_lesson_is_a_value_error(lesson):
    with pytest.raises(ValueError, match="lesson must be"):
        summary(lesson)


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.number)
def test_the_lesson_shows_the_stub_and_checks_it(exercise):
    (notebook,) = (Path(__file__).parents[1] / "notebooks").glob(f"0{exercise.number[0]}_*.ipynb")
    cells = ["".join(cell["source"]) for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]]
    (cell,) = (cell for cell in cells if f'check("{exercise.number}"' in cell)
    shown, call = cell.rsplit("\n\n", 1)
    assert shown == exercise.stub.strip()
    assert call == f'check("{exercise.number}", {exercise.solution.__name__})'


@pytest.mark.parametrize("lesson", sorted({exercise.number[0] for exercise in ALL}))
def test_the_hints_that_a_lesson_offers_work_where_it_offers_them(lesson, capsys):
    (notebook,) = (Path(__file__).parents[1] / "notebooks").glob(f"0{lesson}_*.ipynb")
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    prose = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    offers = re.findall(r'`((?:hint|solution)\("[^`]+)`', prose)
    assert [offer.split("(")[0] for offer in offers] == ["hint", "solution"]
    names = {}
    exec(next("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"), names)
    for offer in offers:
        eval(offer, names)
    said = capsys.readouterr().out
    assert said.startswith("Hint 1 of ")
    assert inspect.getsource(exercises_of(lesson)[0].solution).strip() in said


# --- answers as beginners write them


def asks(w, gradient, learning_rate):
    return w - float(input("rate? ")) * gradient


def leaves(w, gradient, learning_rate):
    exit()


def leaves_python(w, gradient, learning_rate):
    sys.exit()


def prints(w, gradient, learning_rate):
    print(w - learning_rate * gradient)


def counts(w, gradient, learning_rate):
    return np.array([w[i] - learning_rate * gradient[i] for i in range(len(w))])


def in_a_list(w, gradient, learning_rate):
    if np.ndim(w) == 0:
        return w - learning_rate * gradient
    return (w - learning_rate * gradient).tolist()


def nearly(w, gradient, learning_rate):
    return w - learning_rate * gradient * (1 + 1e-5)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (asks, "Your code waits for `input()`"),
        (leaves, "Your code calls `exit()`"),
        (leaves_python, "Your code calls `exit()`"),
        (prints, "write `return` in place of `print`"),
        (counts, "Here `w` is a single number, not an array: your code must take both."),
        (in_a_list, "The numbers are right, but they stand in a plain list: return `np.array(...)` of it."),
        (nearly, "away."),
    ],
)
def test_a_beginner_is_told_what_to_do(answer, said):
    verdict = judge(find_exercise("1.1"), answer)
    assert verdict.status == "not yet"
    assert said in verdict.message


def sleeps(w, gradient, learning_rate):
    time.sleep(30)
    return w - learning_rate * gradient


def in_single_precision(w, gradient, learning_rate):
    return (w - learning_rate * gradient).astype(np.float32)


def as_objects(w, gradient, learning_rate):
    return np.array(w - learning_rate * gradient, dtype=object)


def in_many_small_steps(w, gradient, learning_rate):
    for _ in range(50_000):
        w = w - learning_rate * gradient / 50_000
    return w


@pytest.mark.parametrize("answer", [sleeps, in_single_precision, as_objects, in_many_small_steps])
def test_a_right_answer_in_another_style_is_right(answer):
    assert judge(find_exercise("1.1"), answer).status == "right"


def test_a_text_of_numpys_own_is_a_text():
    def kind_of_ground(eigenvalues, tolerance):
        e = np.asarray(eigenvalues)
        flat, up, down = (np.abs(e) <= tolerance).any(), (e > tolerance).all(), (e < -tolerance).all()
        return np.select([flat, up, down], ["degenerate", "minimum", "maximum"], "saddle")

    solution = find_exercise("5.1").solution
    for eigenvalues in ([1.0, 2.0], [-1.0, 2.0], [-1.0, -2.0]):
        assert _plain(kind_of_ground(eigenvalues, 1e-6)) == solution(np.array(eigenvalues), 1e-6)
