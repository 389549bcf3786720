"""Runs paintings for many users: workers, their queue, what a job may cost, and where it runs.  Also batches, for one.

Imports `painting` and the wings before it; knows nothing of Gradio's page.
"""
