"""The anomaly desk: three detectors judge the same log-ins."""
