"""The same behaviours, run on every implementation."""
