"""The page and the API, in Gradio: `page.build(worker)` draws both, one file for each tab or panel.

Imports all wings before it.  What Gradio lacks is made up for in `gradio_gaps` and the files that it names.
"""
