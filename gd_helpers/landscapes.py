"""Surfaces you can see: value, gradient and Hessian in closed form, with their known minima and saddles.

Each landscape is three formulas beside each other: the height ``f``, its slopes ``df`` and its curvatures ``d2f``. They
take the coordinates one by one, as ``x, y``: numbers or arrays of numbers. CONTRIBUTING.md says how to add one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from operator import mul

import numpy as np

from gd_helpers.checks import as_floats, as_number, as_point, as_points, over_many_points, said


def _checked(method):
    @wraps(method)  # so that `as_loss` finds what takes points that are known to fit
    def asked(self, w):
        return method(self, as_points(f"w on {self.name}", w, self.dimension))

    return asked


@over_many_points
@dataclass(frozen=True, eq=False, repr=False)
class Landscape:
    """A surface over points ``w``, whose last axis has to be ``d`` long, or a ValueError says so.

    >>> float(ravine.value([1.0, 1.0])), ravine.gradient([1.0, 1.0]).tolist(), ravine.hessian([1.0, 1.0]).tolist()
    (5.5, [1.0, 10.0], [[1.0, 0.0], [0.0, 10.0]])
    """

    name: str  # its key in ALL
    description: str  # one line for the learner
    f: Callable  # the height, from d coordinates
    df: Callable  # the d slopes, a tuple; each has to depend on a coordinate, or arrays of points do not fit
    d2f: Callable  # the d rows of the Hessian, a tuple of tuples; here entries may be plain numbers
    extent: tuple[tuple[float, float], ...]  # the part to draw, (low, high) for each axis
    start: tuple[float, ...]  # a good point to begin a descent from
    dimension: int | None = 2  # d, or None if any will do; extent, start and points are then those of the plane
    minima: np.ndarray = ()  # the known critical points, each an array of shape (k, d)
    saddles: np.ndarray = ()
    maxima: np.ndarray = ()
    turn: np.ndarray | None = None  # where the surface has been turned or shifted and is asked of w, f is asked of
    by: np.ndarray | None = None  # turn' (w - by)

    def __post_init__(self):
        ends = as_floats("extent", self.extent, finite=True)
        if ends.ndim != 2 or ends.shape != (self.dimension or len(ends), 2) or (ends[:, 0] >= ends[:, 1]).any():
            raise ValueError(f"extent must be (low, high) for each axis, as ((-1, 1),), but got {said(self.extent)}")
        object.__setattr__(self, "extent", tuple(map(tuple, ends.tolist())))
        for kind in ("minima", "saddles", "maxima"):
            points = np.array(getattr(self, kind), dtype=float).reshape(-1, len(self.extent))
            points.setflags(write=False)
            object.__setattr__(self, kind, points)
        if self.turn is None:  # else they have passed
            self._check_formulas(ends)

    def _check_formulas(self, ends):
        """Raise a ValueError where a tuple was forgotten, or the formulas are not those of one surface."""
        size = 1e-5 * np.ptp(ends, axis=1)
        nudges = np.diag(size)
        points = as_point("start", self.start, len(ends)), ends @ [0.63, 0.37]
        for name, formula, below in ("df", self.gradient, self.value), ("d2f", self.hessian, self.gradient):
            for w in points:
                try:
                    given, wanted = formula(w), (below(w + nudges) - below(w - nudges)).T / (2 * size)
                except TypeError:  # a number does not unpack
                    given, wanted = np.zeros(()), w
                if given.shape != wanted.shape:
                    raise ValueError(f"{name} must return tuples, one entry for each axis: {name}=lambda w: (...,)")
                if not np.allclose(given, wanted, rtol=1e-4, atol=1e-4 * (1 + np.abs(wanted).max())):
                    where, given, wanted = map(said, (w.tolist(), given.tolist(), wanted.tolist()))
                    raise ValueError(f"{name} must fit the formula before it: at {where} it is {given}, not {wanted}")

    @_checked
    def value(self, w):
        """The height at ``w`` of shape ``(..., d)``, as an array of shape ``(...)``."""
        return self.f(*self._coordinates(w)).T

    @_checked
    def gradient(self, w) -> np.ndarray:
        """The slopes at ``w``, in the shape of ``w``. They point uphill."""
        slopes = np.array(self.df(*self._coordinates(w))).T
        return slopes if self.turn is None else slopes @ self.turn.T

    @_checked
    def hessian(self, w) -> np.ndarray:
        """The matrix of second derivatives at ``w``, of shape ``(..., d, d)``."""
        coordinates = self._coordinates(w)
        rows = [[np.broadcast_to(entry, np.shape(coordinates[0])) for entry in row] for row in self.d2f(*coordinates)]
        h = np.array(rows, dtype=float).T
        return h if self.turn is None else self.turn @ h @ self.turn.T

    def shifted(self, *by: float) -> "Landscape":
        """The same surface moved by that much along each axis, its critical points with it.

        >>> bowl(1.0, 10.0).shifted(2, 1).minima.tolist()
        [[2.0, 1.0]]
        """
        by = as_point("by", by, len(self.extent))
        return replace(self._carried(np.eye(len(by)), by), extent=np.array(self.extent) + by[:, None])

    def turned(self, degrees: float) -> "Landscape":
        """The same surface of two dimensions turned about the origin, counter-clockwise, its critical points with it.

        >>> bowl(1.0, 3.0).turned(45).hessian([0.0, 0.0]).round(9).tolist()
        [[2.0, -1.0], [-1.0, 2.0]]
        """
        if len(self.extent) != 2:
            raise ValueError(f"only a surface of two dimensions can be turned, but {self.name} has {self.dimension}")
        angle = np.radians(as_number("degrees", degrees, single=True))
        return self._carried(np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]), np.zeros(2))

    def _carried(self, turn, by):
        """The same surface where each of its points has gone from ``w`` to ``turn w + by``."""
        turned, shifted = (np.eye(len(by)), np.zeros(len(by))) if self.turn is None else (self.turn, self.by)
        moved = {kind: getattr(self, kind) @ turn.T + by for kind in ("start", "minima", "saddles", "maxima")}
        moved |= {"start": tuple(moved["start"].tolist()), "dimension": len(by)}
        return replace(self, turn=turn @ turned, by=turn @ shifted + by, **moved)

    def _coordinates(self, w):
        # Transposed, one point and an array of points unpack into coordinates alike; the answer is transposed back.
        w = (w if self.turn is None else (w - self.by) @ self.turn).T
        return w.flat if w.ndim == 1 else w.copy()  # a single point unpacks several times as quickly so

    def __repr__(self):
        return f"<landscape {self.name}: {self.description}>"


def _diagonal(*entries):
    n = len(entries)
    return tuple(tuple(entry if i == j else 0.0 for j in range(n)) for i, entry in enumerate(entries))


# From here on laid out by hand, so that a matrix looks like a matrix and a landscape fits into one glance.
# fmt: off


def bowl(*curvatures: float, extent=None) -> Landscape:
    """A quadratic bowl of the given curvatures, one a dimension: ``f = (h_1 w_1^2 + h_2 w_2^2 + ...) / 2``.

    ``extent`` is the part to draw, ``(low, high)`` for each axis; from -3 to 3 if none is given.

    >>> float(bowl(2.0).value([3.0])), bowl(1.0, 4.0, 9.0).gradient([1.0, 1.0, 1.0]).tolist()
    (9.0, [1.0, 4.0, 9.0])
    """
    if not curvatures:
        raise ValueError("curvatures must be one or more positive numbers, as in bowl(1, 10), but there is none")
    curvatures = [as_number("curvatures", h, "above 0", single=True) for h in curvatures]
    d = len(curvatures)
    return Landscape(
        "bowl", "One minimum, and slopes that grow evenly with the distance from it.",
        f=lambda *w: sum(h * x**2 for h, x in zip(curvatures, w, strict=True)) / 2,
        df=lambda *w: [*map(mul, curvatures, w)],
        d2f=lambda *w: _diagonal(*curvatures),
        extent=((-3.0, 3.0),) * d if extent is None else extent,
        start=(2.5, 1.5)[:d] + (1.0,) * (d - 2), dimension=d, minima=[(0.0,) * d],
    )


curve = Landscape(
    "curve", "A shallow valley on the right and a deeper one on the left.",
    f=lambda x: (x + 2)**2 * (3 * x**2 - 10 * x + 10) / 48,  # a product: exactly 0 at its lowest place
    df=lambda x: ((x + 2) * x * (2 * x - 3) / 8,),
    d2f=lambda x: (((3 * x**2 + x - 3) / 4,),),
    extent=((-3.0, 3.0),), start=(2.75,), dimension=1, minima=[(-2.0,), (1.5,)], maxima=[(0.0,)],
)

ravine = replace(
    bowl(1.0, 10.0),
    name="ravine", description="A long narrow valley: ten times as curved across (y) as along (x).",
    extent=((-3.0, 3.0), (-2.0, 2.0)), start=(-2.5, 1.5),
)

double_well = Landscape(
    "double_well", "Two valleys of equal depth with a pass between them: where you start decides.",
    f=lambda x, y: (x**2 - 1)**2 / 4 + y**2 / 2,
    df=lambda x, y: (x * (x**2 - 1), y),
    d2f=lambda x, y: _diagonal(3 * x**2 - 1, 1.0),
    extent=((-2.0, 2.0), (-1.5, 1.5)), start=(0.1, 1.2),
    minima=[(-1.0, 0.0), (1.0, 0.0)], saddles=[(0.0, 0.0)],
)

# Source: Nesterov (2004), "Introductory Lectures on Convex Optimization".
saddle = Landscape(
    "saddle", "A pass: uphill along x, downhill along y, until walls of y^4 catch you in one of two valleys.",
    f=lambda x, y: (x**2 - y**2) / 2 + y**4 / 4,
    df=lambda x, y: (x, y * (y**2 - 1)),
    d2f=lambda x, y: _diagonal(1.0, 3 * y**2 - 1),
    extent=((-2.0, 2.0), (-2.0, 2.0)), start=(1.5, 0.01),
    minima=[(0.0, -1.0), (0.0, 1.0)], saddles=[(0.0, 0.0)],
)

# Its saddle is degenerate: the Hessian there is zero, so eigenvalues cannot tell what kind of point it is.
monkey_saddle = Landscape(
    "monkey_saddle", "A pass with three ways down (two legs and a tail) and no bottom anywhere.",
    f=lambda x, y: x * (x**2 - 3 * y**2),
    df=lambda x, y: (3 * (x**2 - y**2), -6 * x * y),
    d2f=lambda x, y: ((6 * x, -6 * y),
                      (-6 * y, -6 * x)),
    extent=((-1.5, 1.5), (-1.5, 1.5)), start=(1.2, 0.05), saddles=[(0.0, 0.0)],
)

# Source: Himmelblau (1972), "Applied Nonlinear Programming".
himmelblau = Landscape(
    "himmelblau", "Four valleys of equal depth, four passes and one hill.",
    f=lambda x, y: (x**2 + y - 11)**2 + (x + y**2 - 7)**2,
    df=lambda x, y: (4 * x * (x**2 + y - 11) + 2 * (x + y**2 - 7),
                     2 * (x**2 + y - 11) + 4 * y * (x + y**2 - 7)),
    d2f=lambda x, y: ((12 * x**2 + 4 * y - 42, 4 * (x + y)),
                      (4 * (x + y), 12 * y**2 + 4 * x - 26)),
    extent=((-5.0, 5.0), (-5.0, 5.0)), start=(-0.5, -0.5),
    minima=[(3.0, 2.0), (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.2831859912861696), (3.5844283403304917, -1.8481265269644036)],
    saddles=[(-3.0730257507643897, -0.08135304428796751), (-0.12796134673068005, -1.9537149802445766),
             (0.08667750455539634, 2.884254701174776), (3.385154183607021, 0.07385187983774928)],
    maxima=[(-0.2708445906673476, -0.9230385564799813)],
)


def _beale_misfits(x, y):
    return 1.5 - x * (1 - y), 2.25 - x * (1 - y**2), 2.625 - x * (1 - y * y**2)


def _beale_slopes(x, y):
    a, b, c = _beale_misfits(x, y)
    return 2 * (a * (y - 1) + b * (y**2 - 1) + c * (y * y**2 - 1)), 2 * x * (a + 2 * b * y + 3 * c * y**2)


def _beale_hessian(x, y):
    a, b, c = _beale_misfits(x, y)
    xx = 2 * ((y - 1)**2 + (y**2 - 1)**2 + (y**3 - 1)**2)
    xy = 2 * (a + 2 * b * y + 3 * c * y**2) + 2 * x * ((y - 1) + 2 * y * (y**2 - 1) + 3 * y**2 * (y**3 - 1))
    yy = 2 * x * (2 * b + 6 * c * y) + 2 * x**2 * (1 + 4 * y**2 + 9 * y**4)
    return (xx, xy), (xy, yy)


# Source: Beale (1958), "On an Iterative Method for Finding a Local Minimum of a Function of More than One Variable".
beale = Landscape(
    "beale", "A flat valley floor below steep cliffs: a rate that suits the floor fails at the cliffs.",
    f=lambda x, y: sum(misfit**2 for misfit in _beale_misfits(x, y)), df=_beale_slopes, d2f=_beale_hessian,
    extent=((-1.0, 4.5), (-1.5, 1.5)), start=(1.0, 1.2),
    minima=[(3.0, 0.5)], saddles=[(0.0, 1.0), (0.10053793732415843, -2.644513585023124)],
)

# With t = tanh(x) the slope is t (1 - t^2): where the sigmoid saturates, nothing of it is left.
plateau = Landscape(
    "plateau", "A pit in a plain: its walls are sigmoids that saturate, and far out there is hardly a slope.",
    f=lambda *w: sum(np.tanh(x)**2 / 2 for x in w),
    df=lambda *w: tuple(np.tanh(x) * (1 - np.tanh(x)**2) for x in w),
    d2f=lambda *w: _diagonal(*((1 - np.tanh(x)**2) * (1 - 3 * np.tanh(x)**2) for x in w)),
    extent=((-4.0, 4.0), (-4.0, 4.0)), start=(3.0, 0.8), dimension=None, minima=[(0.0, 0.0)],
)

terrain = Landscape(
    "terrain", "Three valleys of different depth and two passes: a country to grope through in the fog.",
    f=lambda x, y: 3 + 3 * np.sin(x) * np.cos(y) + 0.7 * x**2 + y**2 / 4 + 0.3 * y,
    df=lambda x, y: (3 * np.cos(x) * np.cos(y) + 1.4 * x, -3 * np.sin(x) * np.sin(y) + y / 2 + 0.3),
    d2f=lambda x, y: ((1.4 - 3 * np.sin(x) * np.cos(y), -3 * np.cos(x) * np.sin(y)),
                      (-3 * np.cos(x) * np.sin(y), 1 / 2 - 3 * np.sin(x) * np.cos(y))),
    extent=((-4.0, 4.0), (-4.5, 4.5)), start=(2.5, 3.5),
    minima=[(-1.0539436307776802, -0.09664706374842222), (1.020402591022677, -2.7151749739481867),
            (0.9601177088113311, 2.4676515233131595)],
    saddles=[(0.17738659216455416, -1.6549958718603193), (0.4194558652184795, 1.786797895966025)],
)

# Not in ALL, for its minima are a whole curve; the larger eigenvalue there is u^2 + v^2. Source: Saxe, McClelland &
# Ganguli (2014), "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks".
product = Landscape(
    "product", "The smallest deep network, one weight after another: it has learned where u v = 1.",
    f=lambda u, v: (1 - u * v)**2 / 2,
    df=lambda u, v: ((u * v - 1) * v, (u * v - 1) * u),
    d2f=lambda u, v: ((v * v, 2 * u * v - 1),
                      (2 * u * v - 1, u * u)),
    extent=((-4.0, 4.0), (-4.0, 4.0)), start=(3.0, 0.1), saddles=[(0.0, 0.0)],
)

# Two parabolas that meet on a pass with a kink, which is no critical point: there 20 (x + 1)^2 = (x - 1)^2.
PASS = (1 - 20**0.5) / (1 + 20**0.5)
flat_and_sharp = Landscape(
    "flat_and_sharp", "Two wells of equal depth: a sharp one, of curvature 40, and a flat one, of curvature 2.",
    f=lambda x: np.where(x < PASS, 20 * (x + 1)**2, (x - 1)**2),
    df=lambda x: (np.where(x < PASS, 40 * (x + 1), 2 * (x - 1)),),
    d2f=lambda x: ((np.where(x < PASS, 40.0, 2.0),),),
    extent=((-2.0, 3.0),), start=(2.5,), dimension=1, minima=[(-1.0,), (1.0,)],
)

ALL = {landscape.name: landscape for landscape in (
    bowl(1.0, 1.0), curve, ravine, double_well, saddle, monkey_saddle, himmelblau, beale, plateau, terrain,
    flat_and_sharp,
)}
# fmt: on
