"""Answers to the exercises as people may write them, right and wrong, none of them in the exercises' own lists.

Each is the body of the function, or the expression that it returns; those that are right stand before those that are
wrong. A wrong one may also be a slip in the first right one: ``"piece -> what stands in its place"``.
"""

_ADAM = """
w, m, s = start, np.zeros(len(start)), np.zeros(len(start))
for t in range(steps):
    g = gradient(w)
    m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
    w = w - learning_rate * m / (1 - 0.9 ** (t + 1)) / (np.sqrt(s / (1 - 0.999 ** (t + 1))) + 1e-8)
return w"""
_ADAM_BY_COORDINATE = """
w, m, s = start.copy(), [0.0] * len(start), [0.0] * len(start)
for t in range(1, steps + 1):
    g = gradient(w)
    for i in range(len(w)):
        m[i] += 0.1 * (g[i] - m[i])
        s[i] += 0.001 * (g[i] ** 2 - s[i])
        w[i] -= learning_rate * (m[i] / (1 - 0.9**t)) / ((s[i] / (1 - 0.999**t)) ** 0.5 + 1e-8)
return w"""
_ADAM_ROUNDED = _ADAM.replace("0.1 * g", "(1 - 0.9) * g").replace("0.001 * g", "(1 - 0.999) * g")

# Each coordinate with a slope that is measured after the one before it has moved.
_ONE_BY_ONE = "w = start.copy()\nfor _ in range(steps):\n    for i in range(len(w)):\n        w[i] -= {}\nreturn w"
_BY_COORDINATE = _ADAM_BY_COORDINATE.replace("    g = gradient(w)\n", "").replace(
    "in range(len(w)):\n", "in range(len(w)):\n        g = gradient(w)\n"
)

ANSWERS = {
    "1.1": ((
        "w + learning_rate * -gradient", "new = w.copy()\nnew -= learning_rate * gradient\nreturn new",
        "np.array([float(a) - learning_rate * float(b) for a, b in zip(w, gradient)], dtype=object)",
    ), (
        "np.array([w[0] - learning_rate * gradient[0], w[1] - learning_rate * gradient[1]])",
        "np.maximum(w - learning_rate * gradient, -10)", "(w - learning_rate * gradient).astype(np.float16)",
        "np.ma.masked_less(w - learning_rate * gradient, 0)", "np.round(w - learning_rate * gradient, 6)",
    )),
    "1.2": ((
        ("path = np.zeros((steps + 1, len(start)))\npath[0] = start\nfor t in range(steps):\n"
         "    path[t + 1] = path[t] - learning_rate * gradient(path[t])\nreturn path"),
        ("path = [start]\nwhile len(path) <= steps:\n    path += [path[-1] - learning_rate * gradient(path[-1])]\n"
         "return np.stack(path)"),
        ("if steps == 0:\n    return start[None, :]\nw = start - learning_rate * gradient(start)\n"
         "return np.vstack([start, descend_by_hand(gradient, w, learning_rate, steps - 1)])"),
    ), (
        "- learning_rate -> - learning_rate / (t + 1)", "return path -> return path.clip(-20, 20)",
        ("w, path = start.copy(), [start]\nfor _ in range(steps):\n    for i in range(len(w)):\n"
         "        w[i] -= learning_rate * gradient(w)[i]\n    path.append(w.copy())\nreturn np.array(path)"),
    )),
    "1.3": ((
        ("n, by_slope, by_intercept = len(x), 0, 0\nfor i in range(n):\n"
         "    error = slope * x[i] + intercept - y[i]\n    by_slope += 2 * error * x[i] / n\n"
         "    by_intercept += 2 * error / n\nreturn by_slope, by_intercept"),
        "error = y - (slope * x + intercept)\nreturn [-2 / len(x) * (error @ x), -2 / len(x) * sum(error)]",
        "A = np.column_stack([x, np.ones_like(x)])\nreturn 2 * A.T @ (A @ [slope, intercept] - y) / len(y)",
    ), (
        "slope * x[i] -> abs(slope) * x[i]", "+ intercept -> + max(intercept, 0)", "+ intercept -> ",
        "return by_slope -> return round(by_slope, 2)", "2 * error / n -> 2 * error / (n - 1 or 1)",
    )),
    "2.1": ((
        "2 / np.linalg.norm(hessian, ord=2)", "2 / np.roots(np.poly(hessian)).real.max()",
        "2 / np.linalg.eigvalsh(hessian)[-1] + 0j",
    ), (
        "2 / np.max(hessian)", "2 / np.linalg.det(hessian)", "2 / np.mean(np.linalg.eigvalsh(hessian))",
        "1.999 / np.linalg.eigvalsh(hessian)[-1]", "2 / np.linalg.cond(hessian)",
    )),
    "2.2": ((
        "w = start\nfor _ in range(steps):\n    w = w - learning_rate * gradient(w)\nreturn w",
        "w = start.copy()\nfor _ in range(steps):\n    w -= learning_rate * gradient(w)\nreturn w",
        ("if steps < 1:\n    return start\n"
         "return repaired(gradient, start - learning_rate * gradient(start), learning_rate, steps - 1)"),
    ), (_ONE_BY_ONE.format("learning_rate * gradient(w)[i]"), "return w -> return np.clip(w, -20, 20)")),
    "2.3": ((
        ("low, *_, high = [*np.linalg.eigvalsh(hessian), *np.linalg.eigvalsh(hessian)]\n"
         "return 2 / (low + high), (high - low) / (high + low)"),
        "e = sorted(np.linalg.eig(hessian)[0].real)\nrate = 2 / (e[0] + e[-1])\nreturn rate, abs(1 - rate * e[-1])",
        "k = np.linalg.cond(hessian)\nreturn np.array([2 / np.linalg.norm(hessian, 2) / (1 + 1 / k), 1 - 2 / (k + 1)])",
    ), (
        "2 / (low + high), (high - low) / (high + low) -> (high - low) / (high + low), 2 / (low + high)",
        "(high - low) / (high + low) -> ((high - low) / (high + low)) ** 2", ", (high - low) / (high + low) -> ",
        "2 / (low + high), -> 2 / np.trace(hessian),", "(high - low) / (high + low) -> high / low",
    )),
    "2.4": ((
        "(X - np.mean(X, axis=0)) / np.sqrt(np.mean((X - np.mean(X, axis=0)) ** 2, axis=0))",
        "(X - X.mean(axis=0)) / (X.std(axis=0) + 1e-8)",
        "X = X.copy()\nX -= X.mean(0)\nX /= np.linalg.norm(X, axis=0) / len(X) ** 0.5\nreturn X",
    ), (
        "(X - X.min(axis=0)) / (X.max(axis=0) - X.min(axis=0))", "(X - X.mean(axis=0)) / X.std()",
        "((X - X.mean(axis=0)) / X.std(axis=0)).round(3)", "((X - X.mean(axis=0)) / X.std(axis=0)).T",
        "np.clip((X - X.mean(axis=0)) / X.std(axis=0), -3, 3)",
    )),
    "3.1": ((
        "order = np.arange(n)\nrng.shuffle(order)\nreturn np.split(order, range(batch_size, n, batch_size))",
        ("left, batches = list(rng.permutation(n)), []\nwhile left:\n    batches.append(left[:batch_size])\n"
         "    left = left[batch_size:]\nreturn batches"),
        ("order = np.argsort(rng.random(n))\nfor k in range(-(-n // batch_size)):\n"
         "    yield order[k * batch_size : (k + 1) * batch_size]"),
    ), (
        "return np.split(order, range(batch_size, n, batch_size)) -> return np.array_split(order, n // batch_size)",
        "rng.shuffle(order) -> order = np.roll(order[:: rng.choice([-1, 1])], rng.integers(n))",
        "rng.shuffle(order) -> rng.shuffle(order[: n // 2]), rng.shuffle(order[n // 2 :])",
        "return -> order[rng.integers(n)] = 0; return", "rng.shuffle(order) -> rng.shuffle(order[1:])",
    )),
    "3.2": ((
        ("total = np.zeros(len(w))\nfor i in batch:\n    error = sum(X[i] * w) - y[i]\n"
         "    total += 2 * error * X[i]\nreturn total / len(batch)"),
        "2 * np.mean((X[batch] @ w - y[batch])[:, None] * X[batch], axis=0)",
        "A, b = X[batch], y[batch]\nreturn 2 * (A.T @ A @ w - A.T @ b) / len(b)",
    ), (
        "in batch: -> in set(batch.tolist()):", "/ len(batch) -> / len(batch) ** 0.5", "- y[i] -> - y[0]", "- y[i] -> ",
        "return total / len(batch) -> return sum(total) / len(batch)",
    )),
    "3.3": ((
        "new = rate * new_size / batch_size\nif new > 1 / curvature:\n    new = 1 / curvature\nreturn new",
        "np.minimum(new_size * (rate / batch_size), curvature**-1)",
        "np.clip(rate / batch_size * new_size, 0, 1 / curvature).astype(np.float32)",
    ), (
        "min(rate * max(new_size / batch_size, 1), 1 / curvature)", "1 / curvature", "rate + new_size / batch_size",
        "min(rate * (new_size // batch_size), 1 / curvature)", "min(rate * new_size / batch_size, curvature**-2)",
    )),
    "3.4": ((
        "dict(A=16, B=342, C=1)", "{'C': 1.0, 'B': 342.0, 'A': 16.0}", "dict(zip('ABC', np.array([16, 342, 1])))",
    ), (
        "{'A': '16', 'B': '342', 'C': '1'}", "{'a': 16, 'b': 342, 'c': 1}", "[16, 342, 1]",
        "{'A': 16, 'B': 342, 'C': 16}", "{16: 'A', 342: 'B', 1: 'C'}",
    )),
    "4.1": ((
        ("w, v = start, np.zeros(len(start))\nfor _ in range(steps):\n    v = beta * v + gradient(w)\n"
         "    w = w - learning_rate * v\nreturn w"),
        ("before, w = start, start\nfor _ in range(steps):\n"
         "    before, w = w, w - learning_rate * gradient(w) + beta * (w - before)\nreturn w"),
        ("w, v = start, 0\nfor _ in range(steps):\n"
         "    v, w = beta * v + gradient(w), w - learning_rate * (gradient(w) + beta * v)\nreturn w"),
    ), (
        "beta * v -> beta**2 * v",
        "v, w = 0 * start, start.copy()\nfor _ in range(steps):\n    for i in range(len(w)):\n"
        "        v[i] = beta * v[i] + gradient(w)[i]\n        w[i] -= learning_rate * v[i]\nreturn w",
    )),
    "4.2": ((_ADAM, _ADAM_BY_COORDINATE, _ADAM_ROUNDED), (
        "0.999 * s + 0.001 * g * g -> 0.999 * s + 0.001 * g", "+ 1e-8 -> + 1e-3", "+ 1e-8 -> ", _BY_COORDINATE,
    )),
    "4.3": (tuple(
        body.replace("w = w - ", "w = w * (1 - learning_rate * decay) - ")
        .replace("w[i] -= ", "w[i] -= learning_rate * decay * w[i] + ")
        for body in (_ADAM, _ADAM_BY_COORDINATE, _ADAM_ROUNDED)
    ), (
        "w * (1 - learning_rate * decay) -> w - learning_rate * decay * start", "+ 1e-8 -> ",
        _BY_COORDINATE.replace("w[i] -= ", "w[i] -= learning_rate * decay * w[i] + "),
    )),
    "4.4": ((
        "0.12 * (1 - step / steps)", "if step < steps / 2:\n    return 0.1\nreturn 0.2 * (steps - step) / steps * 0.99",
        "warm = steps // 20\nreturn np.float32(0.15 * min((step + 1) / warm, (1 - step / steps) ** 2))",
        "0.15 * (1 - step / (steps - 1))", "np.array([0.15 * (1 - step / steps)])", "0.15 * (1 - step / steps) + 0j",
    ), (
        "0.15 * max(0.0, 1 - step / 100)", "[0.1, 0.01]", "np.nan", "True", "np.array(['0.1'])",
    )),
    "5.1": ((
        ("smallest, largest = min(eigenvalues), max(eigenvalues)\n"
         "if any(abs(e) <= tolerance for e in eigenvalues):\n    return 'degenerate'\nif smallest > 0:\n"
         "    return 'minimum'\nreturn 'maximum' if largest < 0 else 'saddle'"),
        ("up, down = np.sum(eigenvalues > tolerance), np.sum(eigenvalues < -tolerance)\nn = len(eigenvalues)\n"
         "return 'degenerate' if up + down < n else {n: 'minimum', 0: 'maximum'}.get(int(up), 'saddle')"),
        ("from enum import Enum\nkinds = Enum('Kinds', {name: name for name in "
         "('minimum', 'maximum', 'saddle', 'degenerate')}, type=str)\n"
         "if min(abs(eigenvalues)) <= tolerance:\n    return kinds.degenerate\n"
         "return kinds.minimum if min(eigenvalues) > 0 else kinds.maximum if max(eigenvalues) < 0 else kinds.saddle"),
    ), (
        "smallest > 0: -> eigenvalues[0] > 0:", "<= tolerance -> < tolerance", "abs(e) <= -> e <=",
        "any(abs(e) -> all(abs(e)", "'minimum' -> 'Minimum'", "largest < 0 -> eigenvalues[:2].max() < 0",
    )),
    "5.2": ((
        "if y > 0:\n    return 1\nelif y < 0:\n    return -1\nelse:\n    return 0", "(y > 0) - (y < 0)",
        "for _ in range(50_000):\n    x = x - 0.01 * x\n    y = y - 0.01 * (y**3 - y)\nreturn y",
    ), (
        "round(y)", "np.sign(x + y)", "np.sign(np.round(y, 6))", "np.sign(y) if x else 0",
        "for _ in range(100):\n    y = y - 0.01 * (y**3 - y)\nreturn y",
    )),
    "5.3": ((
        ("w = start\nfor _ in range(steps):\n    noise = scale * rng.standard_normal(len(w))\n"
         "    w = w - learning_rate * (gradient(w) + noise)\nreturn w"),
        ("noise = rng.normal(scale=scale, size=(steps, len(start)))\nfor each in noise:\n"
         "    start = start - learning_rate * (gradient(start) + each)\nreturn start"),
        ("w = start\nfor _ in range(steps):\n"
         "    w = w - learning_rate * (gradient(w) - scale * rng.standard_normal(w.shape))\nreturn list(w)"),
        ("for _ in range(steps):\n    noise = rng.multivariate_normal(0 * start, scale**2 * np.eye(len(start)))\n"
         "    start = start - learning_rate * (gradient(start) + noise)\nreturn start"),
    ), (
        _ONE_BY_ONE.format("learning_rate * (gradient(w)[i] + scale * rng.standard_normal())"),
        "scale * rng -> np.sqrt(scale) * rng", "standard_normal(len(w)) -> uniform(-1, 1, len(w))",
        "w = start -> w, rng = start, np.random.default_rng(0)", "scale * rng -> abs(scale) * np.random.default_rng()",
    )),
    "5.4": ((
        ("variance = 0\nfor k in range(steps):\n    variance += learning_rate**2 * (1 + learning_rate) ** (2 * k)\n"
         "return 1 / 2 / variance**0.5"),
        "q = (1 + learning_rate) ** 2\nreturn 0.5 / learning_rate * np.sqrt((q - 1) / (q**steps - 1))",
        "0.5 / np.linalg.norm(learning_rate * (1 + learning_rate) ** np.arange(steps))",
    ), (
        "1 / 2 / variance**0.5 -> 1 / 2 / variance", "1 / 2 / variance**0.5 -> 1 / 4 / variance**0.5", "(2 * k) -> k",
        "learning_rate**2 -> learning_rate", "range(steps) -> range(steps + 1)",
    )),
    "6.1": ((
        ("v = direction\nfor _ in range(steps):\n    v = v / np.sqrt(sum(v**2))\n"
         "    Hv = (gradient(w + 1e-5 * v) - gradient(w - 1e-5 * v)) / 2e-5\n    curvature = v @ Hv\n    v = Hv\n"
         "return curvature"),
        ("u = direction\nfor k in range(steps):\n    u = u / np.linalg.norm(u)\n"
         "    u, old = (gradient(w + 0.01 * u) - gradient(w)) / 0.01, u\nreturn np.dot(old, u)"),
        "v = direction\nfor _ in range(steps):\n    u, v = v, gradient(w + v) - gradient(w)\nreturn u @ v / (u @ u)",
    ), (
        "range(steps) -> range(60)", "w + 1e-5 * v) - gradient(w - 1e-5 * v -> 1e-5 * v) - gradient(-1e-5 * v",
        "return curvature -> return abs(curvature)", "np.sqrt(sum(v**2)) -> sum(abs(v))",
        "v = Hv\nreturn -> v = v\nreturn", "return curvature -> return round(curvature, 1) + 0.01",
    )),
    "6.2": ((
        "g = gradient(w)\nlength = sum(g**2) ** 0.5\nreturn gradient(w + rho / length * g)",
        "uphill = w.copy()\nuphill += rho * gradient(w) / np.hypot.reduce(gradient(w))\nreturn gradient(uphill)",
        "g = gradient(w)\nreturn gradient(w + rho * (g / (np.sqrt(g @ g) + 1e-12)))",
    ), (
        "sum(g**2) ** 0.5 -> sum(g**2)", "sum(g**2) ** 0.5 -> max(abs(g))", "sum(g**2) ** 0.5 -> sum(abs(g))",
        "return gradient(w + rho / length * g) -> return g + gradient(w + rho / length * g)",
    )),
    "6.3": ((
        "(n * average + w) / (n + 1)", "average * (1 - 1 / (n + 1)) + w / (n + 1)",
        "np.average([average, w], axis=0, weights=[n, 1])", "np.mean([average] * n + [w], axis=0)",
    ), (
        "(n * average + w) / n if n else w", "average + w", "w", "(n * w + average) / (n + 1)",
        "np.mean((n * average + w) / (n + 1))",
    )),
    "6.4": ((
        "for i in range(len(losses)):\n    if losses[i] <= level:\n        return accuracies[i]\nreturn None",
        "low = np.flatnonzero(losses <= level)\nreturn accuracies[low[0]] if len(low) else None",
        "if min(losses) <= level:\n    return float(accuracies[losses <= level][0])",
    ), (
        "return None -> return 'None'", "return None -> return accuracies[-1]", "<= level -> <= 0.5",
        "range(len(losses)) -> range(1, len(losses))", "losses[i] <= level -> round(losses[i], 1) <= level",
        "found = None\nfor i in range(len(losses)):\n    if losses[i] <= level: found = accuracies[i]\nreturn found",
    )),
    "6.5": ((
        "t = (sharpness + np.sqrt(sharpness**2 - 4)) / 2\nreturn np.sqrt(t), 1 / np.sqrt(t)",
        "total, gap = (sharpness + 2) ** 0.5, (sharpness - 2) ** 0.5\nreturn (total + gap) / 2, (total - gap) / 2",
        "u = np.sqrt(max(abs(np.roots([1, -sharpness, 1]))))\nreturn [u, 1 / u]",
    ), (
        "sharpness**2 - 4 -> sharpness**2 + 4", "1 / np.sqrt(t) -> np.sqrt(t)", ", 1 / np.sqrt(t) -> ",
        "(sharpness + np.sqrt(sharpness**2 - 4)) / 2 -> sharpness - 1 / sharpness", ")) / 2 -> ))",
    )),
}  # fmt: skip

# Slips that are made in every lesson: in each exercise whose first right answer has the piece.
SLIPS = (
    "range(steps) -> range(steps - 1)",
    "learning_rate * -> learning_rate**2 * ",
    "gradient(w) -> gradient(start)",
    "gradient(w) -> abs(gradient(w))",
    "return w -> return start",
)
RIGHT = {number: right for number, (right, _) in ANSWERS.items()}
WRONG = {
    number: (*wrong, *(slip for slip in SLIPS if slip.partition(" -> ")[0] in right[0]))
    for number, (right, wrong) in ANSWERS.items()
}
