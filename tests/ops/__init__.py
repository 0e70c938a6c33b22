"""Tests of the converter against ONNX and in the shipped runtime."""
