"""The frozen VGG-16: where its weights come from, the ONNX file that says what it is, and what runs that file.

`build.ensure_model` finds the weights, folds batch norm into the convolutions, writes the graph and verifies it;
`model.open_model` reads the file; `extractor` (PyTorch, with gradients for the pixels) and `ort_extractor` (ONNX
Runtime) compute feature maps with it.  Imports `pictures` and what stands above it.
"""
