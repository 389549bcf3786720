"""The page and the API on Gradio: `nst.ui.page.build(engine)`.  Of all else, only app.py and bench/ import this."""
