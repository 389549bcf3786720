"""The page and the API on Gradio: `nst.ui.page.build(engine)`.  Nothing in `nst` but app.py's side imports this."""
