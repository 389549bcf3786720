"""The page of a model on the Hugging Face Hub: its README.md, all of it from the model file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nst.errors import shown_name
from nst.network.ort_extractor import BORDER_INPUT, POOLING_INPUT
from nst.taps import BY_NAME, MIN_SIDE

from .front_matter import with_front_matter
from .hub_errors import HubError
from .model_facts import ModelFacts
from .space_files import ROOT

TORCHVISION_LICENSE = "bsd-3-clause"
"""As the Hub calls the license of torchvision, whose authors trained the weights."""

BASE_MODELS: Mapping[str, str] = MappingProxyType({"vgg16_bn": "timm/vgg16_bn.tv_in1k", "vgg16": "timm/vgg16.tv_in1k"})
"""Backbone -> torchvision's weights of it, as the Hub has them."""

FLAG_HELP: Mapping[str, str] = MappingProxyType(
    {
        BORDER_INPUT: "what the first convolution sees outside the image: its own edge (true) or zeros (false)",
        POOLING_INPUT: "between the stages, the mean (true) or the maximum (false) of each 2x2 block",
    }
)

EXAMPLE_TAPS = ("conv2", "conv7")
EXAMPLE_SIZE = (224, 320)
"""Height and width of the image in the card's code."""


@dataclass(frozen=True)
class Rights:
    """Where weights come from, and under which terms.

    license: as the Hub calls it.  text: the file LICENSE, None where there is none to be had.
    base_model, dataset: on the Hub, where they are there.  sentence: the same for a reader.
    """

    license: str
    sentence: str
    text: str | None = None
    base_model: str | None = None
    dataset: str | None = None

    @classmethod
    def of(cls, facts: ModelFacts, license: str | None = None) -> Rights:
        """Of a model's weights.  license: what somebody says, for weights that are not torchvision's.

        Raises HubError for weights whose license nobody knows, and for another one than is known.
        """
        if is_random(facts):
            rights = cls("mit", "They are random: nobody trained them, and they are for tests.", _our_license())
        elif facts.model.backbone in BASE_MODELS:
            base = BASE_MODELS[facts.model.backbone]
            trained = (
                "Torchvision's authors trained them on ImageNet-1k for classification, and publish them under the\n"
                "BSD-3-Clause license, which is in the file `LICENSE`. The Hub has them as\n"
                f"[{base}](https://huggingface.co/{base})."
            )
            rights = cls(TORCHVISION_LICENSE, trained, _torchvisions_license(), base, "imagenet-1k")
        elif license is None:
            raise HubError(
                f"{facts.model.path} is {facts.model.backbone}, and nobody knows their license: say it with "
                "--license, as the Hub calls it (https://hf.co/docs/hub/repositories-licenses)."
            )
        else:
            return cls(license, f"Whoever published this model says that they are under the license `{license}`.")
        if license not in (None, rights.license):
            raise HubError(f"These weights are under {rights.license}, not {license}: leave out --license.")
        return rights


def is_random(facts: ModelFacts) -> bool:
    """True for a model of seeded random numbers, as tests use them."""
    return facts.model.backbone.endswith("(random)")


def file_name(facts: ModelFacts) -> str:
    """What the model file is called on the Hub."""
    return f"{facts.model.backbone.partition(' ')[0]}.onnx"


def model_card(name: str, facts: ModelFacts, rights: Rights) -> str:
    """README.md with its metadata on top.  name: OWNER/NAME on the Hub."""
    from huggingface_hub import ModelCardData

    tags = ["onnx", "vgg", facts.model.backbone.partition(" ")[0], "neural-style-transfer", "gram-matrix"]
    data = ModelCardData(
        license=rights.license,
        library_name="onnx",
        pipeline_tag="image-feature-extraction",
        tags=[*tags, "random-weights"] if is_random(facts) else tags,
        base_model=rights.base_model,
        datasets=[rights.dataset] if rights.dataset else None,
    )
    return with_front_matter(_text(name, facts, rights), str(data.to_yaml()))


def _text(name: str, facts: ModelFacts, rights: Rights) -> str:
    model, file = facts.model, file_name(facts)
    height, width = EXAMPLE_SIZE
    taps = {tap.name: tap for tap in facts.taps}
    shapes = [(1, taps[t].channels, height // taps[t].stride, width // taps[t].stride) for t in EXAMPLE_TAPS]
    named = ", ".join(f'"{tap}"' for tap in EXAMPLE_TAPS)
    folded = "batch norm is folded into the convolutions" if "bn" in model.backbone else "there is no batch norm"
    return f"""# {name.partition("/")[2]}

The {len(facts.taps)} convolutions of VGG-16 without the classifier, as one ONNX file that gives the feature maps
behind each of them: what neural style transfer compares pictures by. Made by Gramarye. Its backbone is
`{shown_name(model.backbone)}`: {folded}.

## Input

| input | shape | type | |
|---|---|---|---|
| `{facts.image}` | batch x 3 x height x width | float32 | RGB from 0 to 1, {MIN_SIDE} px a side or more |
{_flag_rows(facts)}

The normalization is inside: the graph subtracts the mean ({_listed(facts.mean)}) and divides by the standard deviation
({_listed(facts.std)}) of red, green and blue. Give plain pixels. Optional inputs can be left out.

## Output

| tap | is | channels | side |
|---|---|---|---|
{_tap_rows(facts)}

A tap is the ReLU behind a convolution. With `only_execute_path_to_fetches`, as below, what lies behind the deepest tap
that you ask for is not computed.

## With ONNX Runtime

```python
import numpy as np
import onnxruntime as ort
from huggingface_hub import hf_hub_download

path = hf_hub_download("{name}", "{file}")
session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
options = ort.RunOptions()
options.only_execute_path_to_fetches = True
image = np.random.default_rng(0).random((1, 3, {height}, {width}), dtype=np.float32)  # yours: RGB from 0 to 1
for features in session.run([{named}], {{"{facts.image}": image}}, options):
    gram = np.einsum("bihw,bjhw->bij", features, features) / features[0, 0].size
    print(features.shape, gram.shape)
```

```
{chr(10).join(f"{shape} {(1, shape[1], shape[1])}" for shape in shapes)}
```

## With Gramarye

```sh
hf download {name} {file} --local-dir models
NST_MODEL=models/{file} gramarye stylize CONTENT STYLE -o out.png
```

Gramarye checks the file against the digest that stands in it.

## What is in the file

| | |
|---|---|
| file | `{file}`, {facts.bytes:,} bytes |
| SHA-256 of the file | `{facts.sha256}` |
| SHA-256 of the weights (`digest` in the metadata) | `{model.digest}` |
| parameters | {facts.parameters:,}, float32 |
| opset, IR version | {facts.opset}, {facts.ir_version} |
| source of the weights | {shown_name(model.source)} |

## Weights and license

{rights.sentence} The graph around them was written by Gramarye (MIT).

The network is good for comparing pictures by their content and their style. It can't classify, as the classifier is
gone. Trained weights know best what was in the photographs that they were trained on, with whatever bias those have.

## Citation

```bibtex
@article{{simonyan2014very,
  title   = {{Very Deep Convolutional Networks for Large-Scale Image Recognition}},
  author  = {{Simonyan, Karen and Zisserman, Andrew}},
  journal = {{arXiv preprint arXiv:1409.1556}},
  year    = {{2014}}
}}

@article{{gatys2015neural,
  title   = {{A Neural Algorithm of Artistic Style}},
  author  = {{Gatys, Leon A. and Ecker, Alexander S. and Bethge, Matthias}},
  journal = {{arXiv preprint arXiv:1508.06576}},
  year    = {{2015}}
}}
```
"""


def _flag_rows(facts: ModelFacts) -> str:
    return "\n".join(
        f"| `{flag}`, optional | none: one value | bool | {FLAG_HELP[flag]}; default {str(default).lower()} |"
        for flag, default in facts.flags.items()
    )


def _tap_rows(facts: ModelFacts) -> str:
    return "\n".join(
        f"| `{tap.name}` | {BY_NAME[tap.name].relu} | {tap.channels} | {_share(tap.stride)} |" for tap in facts.taps
    )


def _share(stride: int) -> str:
    return "as the image" if stride == 1 else f"1/{stride} of the image, rounded down"


def _listed(numbers: tuple[float, ...]) -> str:
    return ", ".join(f"{number:g}" for number in numbers)


def _our_license() -> str:
    return (ROOT / "LICENSE").read_text()


def _torchvisions_license() -> str:
    """What comes with torchvision, and has to go wherever its weights go.  Raises HubError."""
    from importlib.metadata import files

    for file in files("torchvision") or ():
        if file.name == "LICENSE":
            return file.read_text()
    raise HubError("The installed torchvision has no LICENSE, which must go with its weights: install it again.")
