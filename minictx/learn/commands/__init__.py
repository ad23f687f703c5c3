"""What `minictx learn` can do, a function for each command."""
