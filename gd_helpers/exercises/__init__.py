"""Predictions and checked exercises: ``exercise.py`` says what one is, and each lesson has a module of its own."""

from gd_helpers.exercises.checking import check, hint, solution, summary
from gd_helpers.exercises.exercise import exercise, own_exercise
from gd_helpers.exercises.predictions import predict

__all__ = ["check", "exercise", "hint", "own_exercise", "predict", "solution", "summary"]
