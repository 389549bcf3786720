"""The frozen VGG-16: where its weights come from, the ONNX file that says what it is, and what runs that file.

`find` asks the `sources` for pretrained weights one after the other, `build` writes the graph from them and has it
verified, `model` reads the file; `extractor` (PyTorch, with gradients for the pixels) and `ort_extractor` (ONNX
Runtime) compute feature maps with it.  Imports only files beside the wings.
"""
