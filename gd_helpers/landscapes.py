"""Surfaces you can see: value, gradient and Hessian in closed form, with their known minima and saddles."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Landscape:
    """A surface ``value(w)`` over parameters ``w`` of shape ``(..., d)``."""
