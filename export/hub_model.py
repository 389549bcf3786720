"""Publish the model file on the Hugging Face Hub with its model card: `python -m export.hub_model OWNER/NAME`.

The card is written from the model file: its inputs and taps, its opset, its hashes, the source and license of its
weights.  The model is created or brought up to date; what else is there stays.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from nst.errors import NstError
from nst.network.say import Say

from .hub_errors import HubError, explained, require_name
from .model_facts import ModelFacts


@dataclass(frozen=True)
class HubModel:
    """What goes to the Hub as OWNER/NAME.

    texts: name -> text of what is written here.  model_name: what the model file is called there.  model: where it is.
    """

    name: str
    texts: dict[str, str]
    model_name: str
    model: Path

    @classmethod
    def of(cls, name: str, facts: ModelFacts, license: str | None = None, *, random: bool = False) -> HubModel:
        """The card, the license and the file of a model.

        license: of weights that are not torchvision's, as the Hub calls it.  random: the weights may be random.
        Raises HubError for a name that can't be, for random weights that nobody asked for, and for weights of which
        nobody knows the license.
        """
        from .model_card import Rights, file_name, is_random, model_card

        require_name(name, "model")
        if is_random(facts) and not random:
            raise HubError(
                f"{facts.model.path} has random weights ({facts.model.source}), which paint nothing: make it with "
                "`python -m export`, or say --random."
            )
        rights = Rights.of(facts, license)
        texts = {"README.md": model_card(name, facts, rights)}
        if rights.text is not None:
            texts["LICENSE"] = rights.text
        return cls(name, texts, file_name(facts), facts.model.path)

    def write(self, folder: Path) -> list[Path]:
        """Write everything into a folder, which is made; returns the files.  Raises HubError."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in self.texts.items():
                (folder / name).write_text(text, encoding="utf-8")
            if not (folder / self.model_name).exists() or not (folder / self.model_name).samefile(self.model):
                shutil.copyfile(self.model, folder / self.model_name)
        except OSError as error:
            raise HubError(f"{folder} can't be written: {error.strerror}.") from None
        return [folder / name for name in (*self.texts, self.model_name)]

    def push(self, say: Say = print, *, private: bool = False) -> str:
        """Create or update the model; returns its address.  private: if it is new.  Raises HubError."""
        from huggingface_hub import CommitOperationAdd, HfApi

        api = HfApi()
        with explained(self.name, f"{self.name} was not published"):
            api.create_repo(self.name, private=private, exist_ok=True)
            say(f"Bringing {', '.join((*self.texts, self.model_name))} to {self.name} ...")
            api.create_commit(
                self.name,
                [CommitOperationAdd(name, text.encode()) for name, text in self.texts.items()]
                + [CommitOperationAdd(self.model_name, self.model)],
                commit_message="Gramarye's model file and its card",
            )
        return f"{api.endpoint}/{self.name}"


def main(arguments: list[str] | None = None) -> int:
    """Publish, or write what would be published; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        facts = ModelFacts.read(options.model)
        hub_model = HubModel.of(options.name, facts, options.license, random=options.random)
        if options.dry_run:
            for path in hub_model.write(options.dry_run):
                print(path)
        else:
            print(hub_model.push(private=options.private))
    except NstError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", metavar="OWNER/NAME", help="what it is called on the Hub")
    parser.add_argument(
        "--model", type=Path, metavar="FILE", help="default: NST_MODEL, else models/vgg16_bn.onnx in a checkout"
    )
    parser.add_argument("--private", action="store_true", help="seen by its owner alone, when it is created")
    parser.add_argument("--license", metavar="ID", help="of weights that are not torchvision's, as the Hub calls it")
    parser.add_argument("--random", action="store_true", help="publish seeded random weights too, for tests")
    parser.add_argument(
        "--dry-run", type=Path, metavar="FOLDER", help="write what would be published into a folder, and ask nobody"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
