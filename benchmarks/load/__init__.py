"""A program, the servers that it runs on, and the clients that visit it: see ../soak.py."""
