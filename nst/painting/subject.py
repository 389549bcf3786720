"""What the loop paints: a scene on a backbone, which together give the loss of each scale."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from torch import Tensor

from ..errors import ImageError, RecipeError
from ..pictures.picture import Picture, Size, fit
from ..recipe import Recipe, StyleStatistic
from .backbone import Backbone
from .banded_objective import BandedObjective
from .banded_targets import BandedTargets, move_stored
from .initial import style_noise, uniform_noise
from .objective import Objective
from .regions import Region
from .room import EVERYTHING, Room
from .salience import LOOKED_AT, find_salience
from .scene import Look, Scene, style_size
from .step_share import StepShare
from .stopping import StopSignal
from .transport import moved_in


@dataclass(frozen=True, eq=False)
class Subject:
    """The pictures of a run, the network that looks at them, and the picture to start from, if the recipe asks for one.

    sizes: of the scales, the coarsest first.  stop: looked at between targets, as each takes long.
    room: what it does without.  share: how far a step in bands is.
    Raises RecipeError when the recipe asks for a start that is not there.
    """

    scene: Scene
    backbone: Backbone
    init_image: Picture | None
    sizes: tuple[Size, ...]
    stop: StopSignal
    room: Room = EVERYTHING
    share: StepShare = field(default_factory=StepShare)

    def __post_init__(self) -> None:
        init = self.recipe.init
        if (self.init_image is not None) != (init == "image"):
            raise RecipeError('init "image" and an init image go together: give both or neither.')
        if init == "content" and self.scene.content is None:
            raise RecipeError(
                'init is "content", but this task has no content image: use random, style-noise or image.'
            )
        if init == "style-noise" and not self.scene.styles:
            raise RecipeError('init is "style-noise", but this task has no style image: use random, content or image.')

    @property
    def recipe(self) -> Recipe:
        """As the user gave it."""
        return self.scene.recipe

    @property
    def inputs(self) -> dict[str, Picture]:
        """Role -> picture, of all that it is made of."""
        return self.scene.inputs | ({"init_image": self.init_image} if self.init_image else {})

    def start(self) -> Tensor:
        """The image that the coarsest scale begins with: 1x3xHxW in [0, 1] on the device."""
        return self._start_picture().to(self.backbone.compute.device)

    def _start_picture(self) -> Tensor:
        recipe, scene, size = self.recipe, self.scene, self.sizes[0]
        if recipe.init == "style-noise":
            return style_noise(scene.seen_styles[0].opaque, size, recipe.seed)
        start = scene.content_to_start_from if recipe.init == "content" else None
        if start is not None:
            return scene.as_kept(start, size).rgb
        if self.init_image is not None:
            return self.init_image.resized(size).rgb
        return uniform_noise(size, recipe.seed, wrap=recipe.wraps)

    def objective(self, size: Size) -> Objective:
        """The loss of a picture of this size: the targets are computed now, where they are not known yet.

        Raises ImageError when the mask leaves no place for the style.
        """
        backbone, scene, recipe = self.backbone, self.scene, self.recipe
        divided, device = self.room.divides(size), backbone.compute.device
        look = Look(self._banded_targets if divided else backbone.targets, size, backbone.compute)
        content = scene.features(look)
        if not divided:
            content = {tap: features.to(device, backbone.compute.dtype) for tap, features in content.items()}
        self.stop.check()
        regions = self._regions(look, recipe.style_taps, recipe.style_statistic)
        if scene.styles and not regions:
            raise ImageError("The mask is all black, so there is no place for the style: make some of it white.")
        if recipe.content_target == "transported" and content:
            moves = self._regions(look, recipe.content_taps, "moments")
            if divided:
                move_stored(moves, content, device, self.stop)
            else:
                content = {tap: moved_in(moves, tap, features) for tap, features in content.items()}
            self.stop.check()
        weights = scene.weights(size, self._salience)
        importance = None if weights is None else weights.to(device)
        terms = (backbone.extractor.walk, content, regions, recipe.at_size(max(self.sizes[-1])), importance)
        if divided:
            return BandedObjective(
                *terms, extractor=backbone.extractor, stop=self.stop, share=self.share, room=self.room
            )
        return Objective(*terms)

    @cached_property
    def _banded_targets(self) -> BandedTargets:
        model = self.backbone.model
        return BandedTargets(self.backbone.extractor, model.digest, self.stop, band_bytes=self.room.band)

    def _regions(self, look: Look, taps: tuple[str, ...], statistic: StyleStatistic) -> list[Region]:
        """What a statistic has kept of the styles, and where each of them goes."""
        kept = []
        for style in self.scene.seen_styles:
            kept.append(self.scene.measured(style, look, taps, statistic))
            self.stop.check()
        return self.scene.regions(kept, look.size, statistic)

    @cached_property
    def _salience(self) -> Tensor | None:
        """What is found to be important in the content, 1x1xhxw from 0 to 1; None where it is not looked for.

        It is looked for once, at one size, so that all scales agree on it.
        """
        content = self.scene.content
        if content is None or not self.scene.styles or not self.recipe.auto_focus:
            return None
        return find_salience(content, style_size(content, fit(self.sizes[-1], LOOKED_AT)), self.backbone.targets)

    def shown(self, image: Tensor) -> Tensor:
        """What was optimized as it is to be seen, both 1x3xHxW in [0, 1] on the CPU."""
        return self.scene.develop(image)
