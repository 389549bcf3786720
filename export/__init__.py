"""The commands that make things with nst: the model, what goes to the Hub, the example pictures, the screenshots.

python -m export                  models/vgg16_bn.onnx
python -m export.hub_model        the model on the Hugging Face Hub, with its model card
python -m export.space            the Hugging Face Space
python -m export.gallery          examples/finished
python -m export.control_strips   examples/controls: what the settings do
python -m export.filmstrips       examples/layers: what each tap keeps of a picture
python -m export.screenshots      examples/page.webp and two more: the page as the documentation shows it
"""
