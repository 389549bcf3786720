"""The commands that make things with nst: the model, the Space, the finished examples, the strips, the screenshots.

python -m export                  models/vgg16_bn.onnx
python -m export.space            the Hugging Face Space
python -m export.gallery          examples/finished
python -m export.control_strips   examples/controls: what the settings do
python -m export.filmstrips       examples/layers: what each tap keeps of a picture
python -m export.screenshots      examples/page.webp and two more: the page as the documentation shows it
"""
