"""The example scripts: what each is about, and how to run it."""
