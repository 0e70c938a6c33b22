"""How each operation computes one element, a family a module."""
