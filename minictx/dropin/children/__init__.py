"""The folder that `install` puts on the PYTHONPATH of child processes."""
