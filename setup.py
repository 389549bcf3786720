"""What pyproject.toml can't say: all wings of nst are found, and examples/ is put into the wheel as nst/examples/."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["nst", "nst.*"]), "nst.examples"],
    package_dir={"nst.examples": "examples"},
)
