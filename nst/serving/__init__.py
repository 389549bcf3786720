"""Paintings for many who wait: a worker computes them one after the other, what they may cost, and where that is.

Imports `painting` and what stands above it; knows nothing of Gradio's page.
"""
