"""Find pretrained weights, write models/vgg16_bn.onnx from them, and prove that it is right."""
