"""Measurements, each as a ratio of two things in one run on one machine; results/ holds what machines gave."""
