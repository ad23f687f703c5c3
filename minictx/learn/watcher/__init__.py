"""`minictx learn` without a command: it checks an exercise whenever it is saved."""
