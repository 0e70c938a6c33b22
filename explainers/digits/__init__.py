"""Draw a digit: a small convolutional network reads what the reader draws."""
