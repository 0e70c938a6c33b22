"""The playground: a network that the reader shapes and trains in the page."""
