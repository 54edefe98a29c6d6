"""The small package that the lessons call: maths below, pictures above. Start with ``descent.py``."""
