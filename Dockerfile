# The page on a CPU. The volume keeps the model and the weights it is made of from one start to the next:
#   docker build -t gramarye .
#   docker run --rm -p 7860:7860 -v gramarye:/home/gramarye/.cache gramarye
# PyTorch's usual build brings several GB of CUDA along. Where you have an index with its builds for the CPU alone, add
# --build-arg PIP_EXTRA_INDEX_URL=ADDRESS to the first command.
FROM python:3.12-slim

ARG PIP_EXTRA_INDEX_URL

RUN useradd --create-home gramarye && install -d -o gramarye -g gramarye /home/gramarye/.cache
WORKDIR /tmp/gramarye
COPY . .
# The releases that requirements.txt pins, but for ONNX Runtime, whose build for GPUs a CPU has no use for.
RUN grep -v '^onnxruntime' requirements.txt > pinned.txt \
    && pip install --no-cache-dir --constraint pinned.txt . \
    && rm -r /tmp/gramarye

USER gramarye
WORKDIR /home/gramarye
VOLUME /home/gramarye/.cache
EXPOSE 7860
HEALTHCHECK --start-period=5m CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:7860/health', timeout=5)"]
CMD ["gramarye", "serve", "--host", "0.0.0.0", "--port", "7860"]
