"""Momentum: how fast a ball with memory rolls down, and a race of optimisers."""
