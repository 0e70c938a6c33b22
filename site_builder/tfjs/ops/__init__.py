"""The operator families; each module registers its converters when it is imported."""
