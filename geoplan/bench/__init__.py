"""Measurement: published instances and runs against other solvers."""
