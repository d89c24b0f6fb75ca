"""Measuring the engine on sets of pictures: error rates with bounds, and thresholds that follow. Never part of a visit."""
