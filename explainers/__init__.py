"""The explainers of this site: one folder each, with its data, its models and its explorable."""
